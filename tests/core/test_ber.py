"""Messages in BER: their values, and strings in pieces."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core import ber


def value(tag: int, contents: bytes) -> bytes:
    """A value of definite length."""
    size = len(contents)
    if size < 128:
        return bytes([tag, size]) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 + len(length)]) + length + contents


def marked(tag: int, contents: bytes) -> bytes:
    """A value whose end is marked."""
    return bytes([tag, 0x80]) + contents + b"\0\0"


PIECES = st.recursive(
    st.binary(max_size=300).map(lambda each: (value(4, each), each)),
    lambda inner: st.tuples(st.sampled_from([value, marked]), st.lists(inner, max_size=4)).map(
        lambda made: (made[0](0x24, b"".join(each[0] for each in made[1])), b"".join(each[1] for each in made[1]))
    ),
    max_leaves=12,
)


@given(st.lists(PIECES, max_size=5))
def test_pieces_are_joined(pieces: list[tuple[bytes, bytes]]) -> None:
    """If this failed, a profile that was signed as it streamed would be read otherwise than devices read it."""
    assert ber.joined(b"".join(each[0] for each in pieces)) == b"".join(each[1] for each in pieces)


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    """If this failed, damaged bytes would leak another error than the one that is told, or go on without end."""
    try:
        found = list(ber.values(data))
    except ValueError:
        return
    assert all(0 < each.begins <= each.ends <= len(data) for each in found)


def test_what_follows_is_left() -> None:
    """If this failed, a message with zeros behind it would be called one of too many values."""
    message = marked(0x30, value(2, b"\1") + marked(0xA0, value(4, b"x")) + b"\x1f\x81\x01\x00")
    found = list(ber.values(message + bytes(500_000)))
    assert [each.tag for each in found] == [0x30, 2, 0xA0, 4, 0x1F]
    assert [message[each.begins : each.ends] for each in found if not each.tag & 0x20] == [b"\1", b"x", b""]


@pytest.mark.parametrize(
    "data",
    [
        value(4, b"x" * 200)[:-1],
        b"",
        b"\x30",
        marked(0x30, value(4, b"x"))[:-2],
        b"\x30\x80" * (ber.DEPTH_MAX + 1) + bytes(200),
        marked(0x24, value(4, b"x") * (ber.VALUES_MAX + 1)),
        b"\x04\xff" + b"\xff" * 127,
    ],
    ids=["cut", "empty", "no length", "no end", "deep", "many", "long"],
)
def test_what_is_none(data: bytes) -> None:
    """If this failed, a message could be so built that to read it takes hours."""
    with pytest.raises(ValueError, match="cut off"):
        list(ber.values(data))


def test_many_pieces_take_no_time() -> None:
    """If this failed, 30 MB in small pieces would be copied once for each of them."""
    pieces = value(4, b"x" * 512) * 60_000
    begun = time.process_time()
    assert len(ber.joined(pieces)) == 512 * 60_000
    assert time.process_time() - begun < 2


def test_as_openssl_reads_it(tmp_path: Path) -> None:
    """If this failed, what we take for a message would not be what others take for it."""
    data = marked(0x30, value(6, b"\x2a\x03") + marked(0x24, value(4, b"ab") + value(4, b"c")) + value(0x31, b""))
    (tmp_path / "x").write_bytes(data)
    words = ["openssl", "asn1parse", "-inform", "DER", "-in", str(tmp_path / "x")]
    said = subprocess.run(words, capture_output=True, check=True).stdout.splitlines()
    assert len([line for line in said if b"EOC" not in line]) == len(list(ber.values(data)))
