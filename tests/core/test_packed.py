"""Tests of abm_trace.core.packed: what was packed comes back as it was."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.nouns import Fact, Origin
from abm_trace.core.packed import Packed, packed, unpacked


def fact(number: int) -> Fact:
    """A fact that no other is equal to."""
    return Fact("booted", number, "log", "", {"serial": f"F9F{number}"}, Origin("a.log", "x", number))


@given(st.lists(st.integers(0, 9), max_size=4), st.integers(1, 5), st.booleans())
def test_it_holds_what_was_added(counts: list[int], size: int, closed: bool) -> None:
    """A fact would be lost, doubled, or found under another's number."""
    found = Packed(Fact, size)
    nouns = [fact(number) for number in range(sum(counts))]
    rest = iter(nouns)
    for count in counts:
        if count == 1:
            found.add(next(rest))
        else:
            found.extend([next(rest) for _ in range(count)])
    if closed:
        found.close()
    assert len(found) == len(nouns)
    assert list(found) == nouns
    assert [found[number] for number in range(len(nouns))] == nouns
    assert list(found[1:-1]) == nouns[1:-1]
    assert [found[number] for number in range(-len(nouns), 0)] == nouns
    with pytest.raises(IndexError):
        found[len(nouns)]


def test_blocks_come_from_elsewhere() -> None:
    """What another process packed would be decoded and encoded again, or be read at the wrong place."""
    nouns = [fact(number) for number in range(7)]
    whole = Packed.of(Fact, 3, nouns)
    assert list(Packed(Fact, 3, whole.blocks, len(whole))) == nouns
    taken = Packed(Fact, 3)
    for block, count in zip(whole.blocks, (3, 3, 1), strict=True):
        taken.take(block, count)
    assert list(taken) == nouns
    assert taken[6] == nouns[6]


def test_nouns_are_seen_as_they_are_encoded() -> None:
    """A fact that is moved without being decoded would be another one."""
    nouns = [fact(number) for number in range(7)]
    raw = list(Packed.of(Fact, 3, nouns).seen_as(msgspec.Raw))
    assert [msgspec.msgpack.decode(each, type=Fact) for each in raw] == nouns


def test_what_is_no_such_block_is_refused() -> None:
    """Another kind's bytes would be taken for facts."""
    with pytest.raises(msgspec.MsgspecError):
        unpacked(packed([1, 2]), list[Fact])


@given(count=st.integers(1, 30), size=st.integers(1, 7), data=st.data())
def test_some_are_decoded_and_nothing_stays_at_hand(count: int, size: int, data: st.DataObject) -> None:
    """Of 2,000 exports a block each would stay decoded: 1 GB."""
    packed = Packed.of(int, size, range(count))
    numbers = sorted(data.draw(st.sets(st.integers(0, count - 1))))
    assert list(packed.some(numbers)) == numbers
    assert packed._last == (-1, [])
