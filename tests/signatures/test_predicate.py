"""Tests of abm_trace.signatures.predicate: what a signature asks, as plain data."""

import msgspec
import pytest
from tests.signatures.building import record

from abm_trace.signatures import load
from abm_trace.signatures.predicate import MANY, ONE, Every, Expression, Not, Predicate, Some, Text, as_test, fields_of

HELLO = Text("message", (MANY, "hello", MANY), cased=False)
ERROR = Text("level", ("error",), cased=False)

# what is asked, messages for which it holds, messages for which it does not
ASKED: list[tuple[Predicate, list[str], list[str]]] = [
    (HELLO, ["hello", "say HELLO"], ["hell o"]),
    (Text("message", ("Hello", MANY), cased=True), ["Hello you"], ["hello you", "say Hello"]),
    (Text("message", (MANY, "you"), cased=True), ["hello you"], ["you there"]),
    (Text("message", ("hello",), cased=True), ["hello"], ["hello ", "Hello"]),
    (Text("message", (), cased=True), [""], ["x"]),
    (Text("message", ("h", ONE, "llo", MANY, "!"), cased=True), ["hello!", "hallo you!"], ["hllo!", "hello"]),
    (Every((HELLO, Not(Text("message", (MANY, "you"), cased=False)))), ["hello"], ["hello you", "you"]),
    (Every((HELLO, HELLO, HELLO)), ["hello"], ["x"]),
    (Every(()), ["x"], []),
    (Some(()), [], ["x"]),
    (Some((HELLO, Text("message", ("x",), cased=True))), ["x", "hello"], ["y"]),
    (Expression("message", "^a.c$", caseless=True, dotall=False, multiline=False), ["ABC"], ["a\nc", "abcd"]),
    (Expression("message", "^a.c$", caseless=False, dotall=True, multiline=True), ["a\nc", "x\nabc"], ["ABC"]),
]


@pytest.mark.parametrize(("asked", "matching", "missing"), ASKED, ids=[str(each[0]) for each in ASKED])
def test_it_holds_for_what_it_says(asked: Predicate, matching: list[str], missing: list[str]) -> None:
    """A message would be taken for another one; by its record, or by its text alone."""
    test, quick = as_test(asked), as_test(asked, on_message=True)
    assert [each for each in [*matching, *missing] if test(record(each))] == matching
    assert [each for each in [*matching, *missing] if quick(each)] == matching


def test_fields_are_those_that_it_looks_at() -> None:
    """A rule that looks at the level would be asked of the message alone."""
    assert fields_of(Some((HELLO, Not(Every((ERROR, HELLO)))))) == {"message", "level"}
    assert fields_of(Some(())) == frozenset()
    assert as_test(ERROR)(record("x", level="Error"))


def test_plain_data_comes_back_as_it_was() -> None:
    """A signature that is kept would ask something else."""
    every = [*(each[0] for each in ASKED), *(signature.asked for signature in load()[0])]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(every), type=list[Predicate]) == every
