"""What BER lets a message do that DER does not (X.690): strings in pieces, and ends that are marked.

A library joins the pieces one after the other, which takes hours where they are many, so their number is looked at
before it sees the message, and they are joined here.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

VALUES_MAX: Final = 1 << 16
"""More values than this has no message. Origin: ours; what streams has a piece each kilobyte or more."""

DEPTH_MAX: Final = 64
"""Deeper than this no message is nested. Origin: ours; a signed one is some 15 deep."""

_CONSTRUCTED: Final = 0x20
_MARKED: Final = -1
"""An end that is marked by two zero bytes."""


class Value(NamedTuple):
    """The first byte of a value's tag, and where its contents begin and end; for one that holds others it is where the
    first of them begins.
    """

    tag: int
    begins: int
    ends: int


def values(data: bytes) -> Iterator[Value]:
    """Every value of the message that begins in `data`, in the order of their tags. What follows it is left.

    Raises ValueError where the bytes are cut off, nested too deeply, or are too many values.
    """
    at, ends, left = 0, list[int](), VALUES_MAX
    while not at or ends:
        try:
            tag, at = data[at], at + 1
            while tag & 31 == 31 and data[at] & 0x80:
                at += 1
            at += tag & 31 == 31
            length, at = data[at], at + 1
        except IndexError as error:
            raise ValueError("cut off") from error
        is_marked, is_constructed = length == 0x80, bool(tag & _CONSTRUCTED)
        if length > 0x80:
            length, at = int.from_bytes(data[at : at + length - 0x80]), at + length - 0x80
        left -= 1
        if left < 0 or len(ends) >= DEPTH_MAX or (not is_marked and at + length > len(data)):
            raise ValueError("cut off, or too many values")
        if tag == length == 0 and ends and ends[-1] == _MARKED:
            ends.pop()
        else:
            yield Value(tag, at, at if is_constructed else at + length)
            ends += [_MARKED if is_marked else at + length] if is_constructed else []
            at += 0 if is_constructed else length
        while ends and _MARKED < ends[-1] <= at:
            ends.pop()


def bounded(data: bytes) -> bytes:
    """The same bytes, which a library may read now: their message is whole and has no more values than one has.

    Raises ValueError.
    """
    for _ in values(data):
        pass
    return data


def joined(pieces: bytes) -> bytes:
    """The string whose pieces these are: the contents of a constructed OCTET STRING. Raises ValueError."""
    whole = b"\x24\x80" + pieces + b"\0\0"
    return b"".join(whole[each.begins : each.ends] for each in values(whole) if not each.tag & _CONSTRUCTED)
