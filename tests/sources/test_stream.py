"""Tests of abm_trace.sources.stream."""

import gzip
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.nouns import Blob
from abm_trace.sources import stream as streams
from abm_trace.sources.stream import Stream, StreamError

TEXT = random.Random(1).randbytes(300_000)


def blob_of(folder: Path, data: bytes) -> Blob:
    """A blob of these bytes."""
    path = folder / "blob"
    path.write_bytes(data)
    return Blob("blob", str(path), len(data))


def read(blob: Blob, size: int = 1 << 16) -> tuple[bytes, str, str]:
    """(bytes given out, encoding, the error at the end or "")."""
    parts: list[bytes] = []
    stream, buffer = Stream(blob), bytearray(size)
    try:
        while True:
            before = stream.consumed
            got = stream.readinto(memoryview(buffer))
            if not got:
                return b"".join(parts), stream.encoding, str(stream.problem or "")
            assert stream.consumed == before + got
            parts.append(bytes(buffer[:got]))
    finally:
        stream.close()


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1 << 16, 300_000, 1 << 20])
@pytest.mark.parametrize("packed", [False, True])
def test_the_bytes_are_those_of_the_file_whatever_the_buffer(tmp_path: Path, size: int, packed: bool) -> None:
    """A block's end would lose or double bytes."""
    text = TEXT[:3000] if size < 1000 else TEXT
    given_bytes = gzip.compress(text) if packed else text
    assert read(blob_of(tmp_path, given_bytes), size) == (text, "gzip" if packed else "plain", "")


@given(data=st.binary(max_size=40), packed=st.booleans())
def test_any_bytes_are_given_out_or_end_in_a_stream_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, packed: bool
) -> None:
    """A damaged file would raise something that nobody isolates."""
    given_bytes = b"\x1f\x8b" + data if packed else data
    text, encoding, error = read(blob_of(tmp_path_factory.getbasetemp(), given_bytes))
    if encoding == "plain":
        assert (text, error) == (given_bytes, "")


def test_gzip_members_follow_each_other(tmp_path: Path) -> None:
    """Logs that were packed day by day into one file would end after the first day (RFC 1952, 2.2)."""
    assert read(blob_of(tmp_path, gzip.compress(b"one\n") + gzip.compress(b"two\n")))[0] == b"one\ntwo\n"


@pytest.mark.parametrize("cut", [1, 4, 8, 9, 5000])
def test_what_stands_before_a_cut_is_given_out(tmp_path: Path, cut: int) -> None:
    """A capture that was cut in transfer would be lost whole, or its end would pass for whole."""
    text, _, error = read(blob_of(tmp_path, gzip.compress(TEXT)[:-cut]))
    assert "cut" in error
    assert TEXT.startswith(text)
    assert len(text) >= len(TEXT) - cut - 70_000


def test_what_stands_before_damage_is_given_out(tmp_path: Path) -> None:
    """One flipped bit would lose all that came before it, or go unseen."""
    packed = bytearray(gzip.compress(TEXT))
    packed[200_000:200_016] = b"\xff" * 16
    text, _, error = read(blob_of(tmp_path, bytes(packed)))
    assert "damaged" in error
    assert TEXT[:100_000] == text[:100_000]


def test_a_wrong_checksum_is_damage(tmp_path: Path) -> None:
    """Changed contents would pass for what was packed."""
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    assert "damaged" in read(blob_of(tmp_path, bytes(packed)))[2]


def test_bytes_behind_a_gzip_are_not_silently_dropped(tmp_path: Path) -> None:
    """CASE.md: trailing bytes are named."""
    assert read(blob_of(tmp_path, gzip.compress(b"x\n") + b"trailing"))[2]


def test_zeros_behind_a_gzip_are_padding(tmp_path: Path) -> None:
    """Tapes and block devices pad with zeros; gzip itself ignores them."""
    assert read(blob_of(tmp_path, gzip.compress(b"x\n") + b"\x00" * 512)) == (b"x\n", "gzip", "")


def test_a_bomb_stops_at_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a few kB would be expanded for minutes."""
    monkeypatch.setattr(streams, "EXPANDED_BYTES_FREE", 4 << 20)
    blob = blob_of(tmp_path, gzip.compress(bytes(64 << 20)))
    text, _, error = read(blob)
    assert "expands to more than" in error
    assert len(text) <= max(4 << 20, streams.EXPANSION_MAX * blob.size_bytes) + (2 << 20)


def test_an_ordinary_log_does_not_meet_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large log that packs well would be cut."""
    monkeypatch.setattr(streams, "EXPANDED_BYTES_FREE", 1 << 20)
    generator = random.Random(2)
    line = b"2026-05-17 03:47:12.%03d DEBUG com.apple.network connection state changed for client 0x%08x\n"
    text = b"".join(line % (n % 1000, generator.getrandbits(32)) for n in range(60_000))
    assert read(blob_of(tmp_path, gzip.compress(text))) == (text, "gzip", "")


def test_a_file_that_is_gone_or_no_file_is_a_stream_error(tmp_path: Path) -> None:
    """A file that vanishes, or becomes a fifo, between listing and reading would end or hang the triage."""
    blob = blob_of(tmp_path, b"x")
    Path(blob.location).unlink()
    with pytest.raises(StreamError, match="cannot be opened"):
        Stream(blob)
    os.mkfifo(blob.location)
    with pytest.raises(StreamError, match="no regular file"):
        Stream(blob)


@pytest.mark.parametrize("now", [b"", b"x", b"x" * 100_000])
def test_a_file_that_changes_its_size_is_read_as_it_is(tmp_path: Path, now: bytes) -> None:
    """A log that is still written, or was rotated away, would be read with bytes that are not there."""
    blob = blob_of(tmp_path, b"y" * 5000)
    Path(blob.location).write_bytes(now)
    assert read(blob) == (now, "plain", "")


def test_open_files_do_not_pile_up(tmp_path: Path) -> None:
    """A case of 12,400 files would run out of descriptors."""
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for data in (b"x", gzip.compress(b"x"), gzip.compress(b"x")[:-3]):
        read(blob_of(tmp_path, data))
    assert not before or len(list(Path("/proc/self/fd").iterdir())) == before
