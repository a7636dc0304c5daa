"""Tests of abm_trace.sources.stream."""

import bz2
import gzip
import lzma
import os
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.nouns import Blob
from abm_trace.sources import stream
from abm_trace.sources.stream import Entry, File, StreamError, _budget, entries, kind_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
}
TEXT = random.Random(1).randbytes(300_000)


def blob_of(folder: Path, data: bytes) -> Blob:
    """A blob of these bytes."""
    path = folder / "blob"
    path.write_bytes(data)
    return Blob("blob", str(path), len(data))


def read(blob: Blob, size: int = 1 << 16) -> tuple[bytes, str]:
    """(bytes given out, the error at the end or "")."""
    parts: list[bytes] = []
    file, buffer = File(blob), bytearray(size)
    try:
        (entry,) = entries(blob, file)
        assert isinstance(entry, Entry)
        assert entry.path == blob.path
        while True:
            before = entry.stream.consumed
            got = entry.stream.readinto(memoryview(buffer))
            if not got:
                return b"".join(parts), str(entry.stream.problem or "")
            assert entry.stream.consumed == before + got
            parts.append(bytes(buffer[:got]))
    finally:
        file.close()


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1 << 16, 300_000, 1 << 20])
@pytest.mark.parametrize("pack", [bytes, *PACK.values()], ids=["plain", *PACK])
def test_the_bytes_are_those_of_the_file_whatever_the_buffer(
    tmp_path: Path, size: int, pack: Callable[[bytes], bytes]
) -> None:
    """A block's end would lose or double bytes."""
    text = TEXT[:3000] if size < 1000 else TEXT
    assert read(blob_of(tmp_path, pack(text)), size) == (text, "")


@given(data=st.binary(max_size=40), magic=st.sampled_from(["", *PACK]))
def test_any_bytes_are_given_out_or_end_in_a_stream_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: str
) -> None:
    """A damaged file would raise something that nobody isolates."""
    given_bytes = PACK[magic](b"")[:8] + data if magic else data
    if kind_of(given_bytes) in {"", magic}:
        text, error = read(blob_of(tmp_path_factory.getbasetemp(), given_bytes))
        assert kind_of(given_bytes) or (text, error) == (given_bytes, "")


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_streams_follow_each_other(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Logs that were packed day by day into one file would end after the first day."""
    days = [b"%d\n" % day for day in range(300)]
    assert read(blob_of(tmp_path, b"".join(map(pack, days)))) == (b"".join(days), "")


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_a_cut_or_damaged_stream_gives_what_stands_before_and_says_so(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """A capture that was cut in transfer would be lost whole, or its end would pass for whole."""
    text = b"".join(random.Random(n).randbytes(1_000_000) for n in range(4))
    packed = pack(text)
    for part in range(1, 20):
        got, error = read(blob_of(tmp_path, packed[: len(packed) * part // 20]))
        assert "cut" in error
        assert text.startswith(got)
        assert len(got) >= len(text) * part // 20 - 1_200_000
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 16] = b"\xff" * 16
    got, error = read(blob_of(tmp_path, bytes(damaged)))
    assert "damaged" in error or got != text


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_bytes_behind_any_stream_are_named(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """CASE.md: trailing bytes are named."""
    assert read(blob_of(tmp_path, pack(b"x\n") + b"trailing bytes")) == (
        b"x\n", f"bytes stand after the end of the {kind_of(pack(b'x'))}; they are not read",
    )  # fmt: skip


def test_frames_that_hold_nothing_are_passed_over(tmp_path: Path) -> None:
    """Parallel zstd writes such frames; the file would be damaged (RFC 8878, 3.1.2)."""
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    packed = skippable + zstd.compress(b"one\n") + skippable + zstd.compress(b"two\n") + skippable
    assert read(blob_of(tmp_path, packed)) == (b"one\ntwo\n", "")


def test_what_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """A file of a few bytes would ask for gigabytes."""
    window = zstd.CompressionParameter.window_log
    packer = zstd.ZstdCompressor(options={window: 28})
    wide = packer.compress(bytes(1 << 20)) + packer.flush(packer.FLUSH_FRAME)
    assert "needs more than 64 MiB" in read(blob_of(tmp_path, wide))[1]
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
    assert "needs more than 64 MiB" in read(blob_of(tmp_path, lzma.compress(b"x" * 100, filters=filters)))[1]


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_a_million_empty_streams_end_soon(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Each costs some work and no byte: they would go on for minutes."""
    began = time.perf_counter()
    text, error = read(blob_of(tmp_path, pack(b"") * 400_000))
    assert text == b""
    assert not error or ("takes too long to expand" in error and "(0 bytes so far)" in error)
    assert time.perf_counter() - began < 10


def test_gzip_members_follow_each_other(tmp_path: Path) -> None:
    """Logs that were packed day by day into one file would end after the first day (RFC 1952, 2.2)."""
    assert read(blob_of(tmp_path, gzip.compress(b"one\n") + gzip.compress(b"two\n")))[0] == b"one\ntwo\n"


@pytest.mark.parametrize("cut", [1, 4, 8, 9, 5000])
def test_what_stands_before_a_cut_is_given_out(tmp_path: Path, cut: int) -> None:
    """A capture that was cut in transfer would be lost whole, or its end would pass for whole."""
    text, error = read(blob_of(tmp_path, gzip.compress(TEXT)[:-cut]))
    assert "cut" in error
    assert TEXT.startswith(text)
    assert len(text) >= len(TEXT) - cut - 70_000


def test_what_stands_before_damage_is_given_out(tmp_path: Path) -> None:
    """One flipped bit would lose all that came before it, or go unseen."""
    packed = bytearray(gzip.compress(TEXT))
    packed[200_000:200_016] = b"\xff" * 16
    text, error = read(blob_of(tmp_path, bytes(packed)))
    assert "damaged" in error
    assert TEXT[:100_000] == text[:100_000]


def test_a_wrong_checksum_is_damage(tmp_path: Path) -> None:
    """Changed contents would pass for what was packed."""
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    assert "damaged" in read(blob_of(tmp_path, bytes(packed)))[1]


CHECKED: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "gzip": (gzip.compress, 8),
    "bzip2": (bz2.compress, 5),  # Its last byte may be padding alone.
    "xz": (lzma.compress, 8),
    "xz-crc32": (partial(lzma.compress, check=lzma.CHECK_CRC32), 4),
    "xz-sha256": (partial(lzma.compress, check=lzma.CHECK_SHA256), 32),
    "zstd": (partial(zstd.compress, options={zstd.CompressionParameter.checksum_flag: 1}), 4),
}
"""How each method packs, and where from its end the checksum begins; behind that of xz its index and footer stand."""


@pytest.mark.parametrize(
    "text", [b"one line\n", TEXT[:70_000], b"one line\n" * 200_000], ids=["small", "dense", "large"]
)
@pytest.mark.parametrize(("pack", "tail"), CHECKED.values(), ids=CHECKED)
def test_all_that_stands_before_a_wrong_checksum_is_given_out(
    tmp_path: Path, text: bytes, pack: Callable[[bytes], bytes], tail: int
) -> None:
    """A small file would be lost whole, and yet be said to be used."""
    packed = pack(text)
    if kind_of(packed) == "xz":
        tail += 12 + 4 * (1 + int.from_bytes(packed[-8:-4], "little"))
    for place in (tail, tail - 3):
        damaged = bytearray(packed)
        damaged[-place] ^= 0x10
        got, error = read(blob_of(tmp_path, bytes(damaged)))
        assert (got == text, "damaged" in error) == (True, True), place


def test_as_many_members_of_one_name_take_as_long_as_others(tmp_path: Path) -> None:
    """10,000 of them took 50 million steps."""

    class Counted(dict[str, int]):
        """Counts how often it is looked into."""

        looks = 0

        def __contains__(self, key: object) -> bool:
            self.looks += 1
            return super().__contains__(key)

    seen = Counted()
    unpacking = stream._Unpacking(_budget.Budget(1), seen=seen)
    names = [unpacking._unique("a") for _ in range(1000)]
    assert (names[:2], names[-1], len(set(names))) == (["a", "a (2)"], "a (1000)", 1000)
    assert seen.looks <= 2000
    assert [unpacking._unique(name) for name in ("b (2)", "b", "b", "b (2)")] == ["b (2)", "b", "b (3)", "b (2) (2)"]


def test_bytes_behind_a_gzip_are_not_silently_dropped(tmp_path: Path) -> None:
    """CASE.md: trailing bytes are named."""
    assert read(blob_of(tmp_path, gzip.compress(b"x\n") + b"trailing"))[1]


def test_zeros_behind_a_gzip_are_padding(tmp_path: Path) -> None:
    """Tapes and block devices pad with zeros; gzip itself ignores them."""
    assert read(blob_of(tmp_path, gzip.compress(b"x\n") + b"\x00" * 512)) == (b"x\n", "")


def test_a_bomb_stops_at_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a few kB would be expanded for minutes."""
    monkeypatch.setattr(_budget, "EXPANDED_BYTES_FREE", 4 << 20)
    blob = blob_of(tmp_path, gzip.compress(bytes(64 << 20)))
    text, error = read(blob)
    assert "expands to more than" in error
    assert len(text) <= max(4 << 20, _budget.EXPANSION_MAX * blob.size_bytes) + (2 << 20)


def test_an_ordinary_log_does_not_meet_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large log that packs well would be cut."""
    monkeypatch.setattr(_budget, "EXPANDED_BYTES_FREE", 1 << 20)
    generator = random.Random(2)
    line = b"2026-05-17 03:47:12.%03d DEBUG com.apple.network connection state changed for client 0x%08x\n"
    text = b"".join(line % (n % 1000, generator.getrandbits(32)) for n in range(60_000))
    assert read(blob_of(tmp_path, gzip.compress(text))) == (text, "")


def test_a_file_that_is_gone_or_no_file_is_a_stream_error(tmp_path: Path) -> None:
    """A file that vanishes, or becomes a fifo, between listing and reading would end or hang the triage."""
    blob = blob_of(tmp_path, b"x")
    Path(blob.location).unlink()
    with pytest.raises(StreamError, match="cannot be opened"):
        File(blob)
    os.mkfifo(blob.location)
    with pytest.raises(StreamError, match="no regular file"):
        File(blob)


@pytest.mark.parametrize("now", [b"", b"x", b"x" * 100_000])
def test_a_file_that_changes_its_size_is_read_as_it_is(tmp_path: Path, now: bytes) -> None:
    """A log that is still written, or was rotated away, would be read with bytes that are not there."""
    blob = blob_of(tmp_path, b"y" * 5000)
    Path(blob.location).write_bytes(now)
    assert read(blob) == (now, "")


def test_open_files_do_not_pile_up(tmp_path: Path) -> None:
    """A case of 12,400 files would run out of descriptors."""
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for data in (b"x", gzip.compress(b"x"), gzip.compress(b"x")[:-3]):
        read(blob_of(tmp_path, data))
    assert not before or len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_that_grows_ends_where_it_ended_when_it_was_opened(tmp_path: Path) -> None:
    """A log that is written faster than it is read would never be done."""
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 10)
    file = File(Blob("a.log", str(path), 10))
    try:
        got = []
        while size := file.readinto(memoryview(bytearray(4))):
            got.append(size)
            with path.open("ab") as end:
                end.write(b"y" * 1000)
        assert got == [4, 4, 4]
        assert file.grown() == (12, 3 * 1000 - 2)
    finally:
        file.close()


def test_a_file_that_does_not_grow_did_not(tmp_path: Path) -> None:
    """Each file of a case would be named as one that is still written."""
    blob = blob_of(tmp_path, b"x" * 10)
    file = File(blob)
    try:
        assert file.grown() is None
        file.readinto(memoryview(bytearray(100)))
        assert file.grown() is None
        with Path(blob.location).open("ab") as end:
            end.write(b"yy")
        assert file.grown() == (10, 2)
    finally:
        file.close()
