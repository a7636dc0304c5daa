"""What a signature asks of a log record: plain data, which can be kept, and the test that it makes."""

import re
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import hyperscan
import msgspec

from abm_trace.signatures._error import SignatureError

MANY: Final = 0
ONE: Final = 1
"""The wildcards of a text: any characters, and one of them."""

Test = Callable[[Any], bool]
"""A test of a Record, or of its message alone where `on_message` was asked for."""


class Every(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """All of them hold."""

    of: tuple["Predicate", ...]


class Some(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """At least one of them holds."""

    of: tuple["Predicate", ...]


class Not(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """It does not hold."""

    of: "Predicate"


class Text(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The whole of a field is this text, cut at its wildcards; in lower case where the case does not count."""

    field: str
    parts: tuple[str | int, ...]
    cased: bool


class Expression(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A regular expression occurs in a field."""

    field: str
    pattern: str
    caseless: bool
    dotall: bool
    multiline: bool


Predicate = Every | Some | Not | Text | Expression


def fields_of(predicate: Predicate) -> frozenset[str]:
    """The fields of a record that it looks at."""
    if isinstance(predicate, Every | Some):
        return frozenset().union(*map(fields_of, predicate.of))
    return fields_of(predicate.of) if isinstance(predicate, Not) else frozenset({predicate.field})


def as_test(predicate: Predicate, *, on_message: bool = False) -> Test:
    """The test of a record.

    With `on_message` it takes the message instead, and must look at nothing else. Raises SignatureError for wildcards
    that cannot be matched in linear time; an expression is compiled when it is first needed.
    """
    if isinstance(predicate, Every):
        return _every([as_test(each, on_message=on_message) for each in predicate.of])
    if isinstance(predicate, Some):
        tests = [as_test(each, on_message=on_message) for each in predicate.of]
        return lambda record: any(test(record) for test in tests)
    if isinstance(predicate, Not):
        test = as_test(predicate.of, on_message=on_message)
        return lambda record: not test(record)
    get: Callable[[Any], str] = str if on_message else attrgetter(predicate.field)
    if isinstance(predicate, Expression):
        return _expression(get, predicate)
    plain = _text(predicate.parts)
    if not predicate.cased:
        return lambda subject: plain(get(subject).lower())
    return plain if on_message else (lambda subject: plain(get(subject)))


def _every(tests: list[Test]) -> Test:
    """All of the tests, the two that almost all rules have without a loop: this runs for every hit line."""
    if len(tests) == 2:
        first, second = tests
        return lambda record: first(record) and second(record)
    return lambda record: all(test(record) for test in tests)


def _text(parts: tuple[str | int, ...]) -> Callable[[str], bool]:
    match parts:
        case (str(text), last) if last == MANY:
            return lambda value: value.startswith(text)
        case (first, str(text), last) if first == MANY and last == MANY:
            return lambda value: text in value
        case (first, str(text)) if first == MANY:
            return lambda value: value.endswith(text)
        case (str(text),):
            return lambda value: value == text
        case ():
            return lambda value: value == ""
        case _:
            wild = {MANY: ".*", ONE: "."}
            glob = "".join(re.escape(part) if isinstance(part, str) else wild[part] for part in parts)
            return linear(f"^(?:{glob})$", dotall=True)


def _expression(get: Callable[[Any], str], asked: Expression) -> Test:
    matches: Callable[[str], bool] | None = None

    def test(record: Any) -> bool:  # noqa: ANN401
        nonlocal matches
        if matches is None:  # Compiled when it is first needed: most runs need few expressions, and one costs ms.
            matches = linear(asked.pattern, caseless=asked.caseless, dotall=asked.dotall, multiline=asked.multiline)
        return matches(get(record))

    return test


@lru_cache(maxsize=4096)
def linear(
    pattern: str, *, caseless: bool = False, dotall: bool = False, multiline: bool = False
) -> Callable[[str], bool]:
    """Whether `pattern` occurs in a text, in time that grows with the text alone; SignatureError if it cannot."""
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_ALLOWEMPTY
    flags |= hyperscan.HS_FLAG_CASELESS * caseless | hyperscan.HS_FLAG_DOTALL * dotall
    flags |= hyperscan.HS_FLAG_MULTILINE * multiline
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(expressions=[pattern.encode()], ids=[0], flags=[flags])
        scratch = hyperscan.Scratch(database)
    except hyperscan.HyperscanError as error:
        message = f"the expression cannot be matched in linear time: {error}"
        raise SignatureError(message) from error

    def matches(text: str) -> bool:
        hits: list[int] = []
        found: Callable[..., None] = lambda *_: hits.append(1)  # noqa: E731
        database.scan(text.encode("utf-8", "replace"), match_event_handler=found, scratch=scratch)
        return bool(hits)

    return matches
