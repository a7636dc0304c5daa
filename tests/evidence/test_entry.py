"""Entries: one way to write each, and none that says too much."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.evidence.entry import Entry, commitment, decode, encode
from abm_trace.evidence.errors import FormatError

T = "2026-11-25T01:00:00Z"
D = "ab" * 32
RAW = Entry(1, T, "raw", c=D, size_bytes=13, stored=D, binds=D, source="folder")
OTHERS = (
    Entry(1, T, "purge", ranges=((0, 3), (7, 7)), policy="90 to 365 days", holds=D, actor="ann", reason="due"),
    Entry(1, T, "hold", ranges=((2, 9),), actor="ann", reason="case 12"),
    Entry(1, T, "hold", actor="ann", reason="case 12"),
    Entry(1, T, "release", hold=0, actor="ann", second="bob", reason="case closed"),
    Entry(1, T, "key", act="add", key="a+b+c", actor="ann", reason="first"),
    Entry(1, T, "config", days_min=90, days_max=365, actor="ann", reason="policy"),
)


def test_written_form() -> None:
    """If this failed, the leaf hashes of all logs so far would change."""
    assert (
        encode(RAW)
        == (
            f'{{"v":1,"t":"{T}","kind":"raw","c":"{D}","bytes":13,"stored":"{D}","binds":"{D}","source":"folder"}}'
        ).encode()
    )
    assert (
        encode(OTHERS[1])
        == (f'{{"v":1,"t":"{T}","kind":"hold","ranges":[[2,9]],"actor":"ann","reason":"case 12"}}').encode()
    )


@pytest.mark.parametrize("entry", [RAW, *OTHERS])
def test_both_ways(entry: Entry) -> None:
    """If this failed, an entry could not be read back."""
    assert decode(encode(entry)) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"t": "2026-11-25T01:00:00+00:00"}, {"t": "2026-11-25"}, {"t": "never"}, {"kind": "other"},
        {"c": D.upper()}, {"c": "ab"}, {"bytes": -1}, {"bytes": None}, {"source": "F9FXQ1ABCD"}, {"source": "a b"},
        {"serial": "F9FXQ1ABCD"}, {"actor": "ann"}, {"hold": 0}, {"bytes": True}, {"bytes": 1.5},
    ],
)  # fmt: skip
def test_no_entry(change: dict[str, object]) -> None:
    """If this failed, an entry could carry what it must not, or lack what a check needs."""
    said = json.loads(encode(RAW)) | change
    with pytest.raises(FormatError):
        decode(json.dumps(said, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"ranges": [[3, 2]]}, {"ranges": [[4, 5], [1, 2]]}, {"ranges": [[0, 3], [3, 4]]}, {"ranges": []},
        {"actor": " ann"}, {"actor": "a\u202enn"}, {"reason": "x" * 501}, {"reason": ""}, {"holds": "none"},
        {"second": "bob"}, {"ranges": [[-1, 2]]}, {"policy": "a\nb"},
    ],
)  # fmt: skip
def test_no_purge(change: dict[str, object]) -> None:
    """If this failed, a purge could be written that says nothing, or that a terminal obeys."""
    said = json.loads(encode(OTHERS[0])) | change
    with pytest.raises(FormatError):
        decode(json.dumps(said, separators=(",", ":")).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"v":1', encode(RAW) + b" ", b" " * 5000])
def test_no_canonical_json(data: bytes) -> None:
    """If this failed, one entry could have two leaf hashes."""
    with pytest.raises(FormatError):
        decode(data)


def test_too_long() -> None:
    """If this failed, an entry could outgrow what a bundle's two bytes of length are meant for."""
    with pytest.raises(FormatError, match="4,096"):
        encode(Entry(1, T, "hold", ranges=tuple((3 * n, 3 * n + 1) for n in range(999)), actor="ann", reason="x"))


@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_an_error(data: bytes) -> None:
    """If this failed, a hostile entry would crash the check."""
    try:
        entry = decode(data)
    except FormatError:
        return
    assert encode(entry) == data


def test_commitment() -> None:
    """If this failed, nobody could check a kept file with sha256sum."""
    assert (
        commitment(bytes(32), b"log line one\n") == "c077e405bf54677b408f231e2a0f2ea2ac921bdfc01c8c7301209110f7b0f0ab"
    )
