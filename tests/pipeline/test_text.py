"""Odd encodings, blocks and pieces."""

import ctypes
import gzip
import mmap
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from tests.pipeline.reading_of import blob, line, reading

from abm_trace.pipeline import text as texts
from abm_trace.pipeline.members import opened
from abm_trace.pipeline.text import BLOCK_BYTES, Text, block_buffer, by_lines, encoding_of
from abm_trace.sources.stream import StreamError

LINES = "".join(line(n, f"message {n} é") for n in range(40))


@pytest.fixture
def streams() -> Iterator[ExitStack]:
    """What closes the streams of a test."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_log_in_another_encoding_gives_the_same_facts(tmp_path: Path, codec: str) -> None:
    """A file saved by another tool would be lost."""
    data = (line(1, "boot") + line(5, "ABMDeviceRegistered") + LINES).encode(codec)
    assert [fact.kind for fact in reading(tmp_path, data).facts] == ["registered"]


def test_lines_that_end_in_cr_alone_are_lines(tmp_path: Path) -> None:
    """A whole log would be one line."""
    data = (line(1, "boot") + line(5, "ABMDeviceRegistered") + LINES).replace("\n", "\r").encode()
    assert len(reading(tmp_path, data).facts) == 1


def test_a_record_whose_lines_end_in_cr_is_cited_as_it_stands(tmp_path: Path) -> None:
    """The digest would be of bytes that are nowhere in the file, so an auditor would find none of it."""
    transcript = (Path(__file__).parents[1] / "data/formats/exports/s_client/transcripts.txt").read_bytes()
    head = transcript.replace(b"\n", b"\r")
    for data in (head, head * 6 + b"\rlater\n"):
        (fact, *_) = reading(tmp_path, data).facts
        origin = fact.origin
        cited = data[origin.offset or 0 : (origin.offset or 0) + origin.length]
        assert b"\r" in cited
        assert sha256(cited).hexdigest() == origin.sha256


def test_a_large_table_whose_lines_end_in_cr_comes_in_pieces_of_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused as too large a document, or a row be cut in two."""
    monkeypatch.setattr(texts, "PIECE_BYTES_MAX", 3000)
    data = b"".join(b"serial-%d,clinic\r" % n for n in range(1000))
    found = pieces(tmp_path, data)
    assert len(found) > 3
    assert all(piece.endswith(b"\r") for piece in found)
    assert b"".join(found) == data


@pytest.mark.parametrize("head", [b"bplist00" + bytes(300), b"\x30\x82" + b"\x00\x41" * 300])
def test_binary_stays_as_it_is(head: bytes) -> None:
    """The digest of a signed profile would be of other bytes."""
    assert encoding_of(head) == "utf-8"


@pytest.mark.parametrize("size", [200, 333, 1000, 100_000])
def test_blocks_are_whole_lines_and_lose_nothing(tmp_path: Path, streams: ExitStack, size: int) -> None:
    """A line on a block's border would be lost or read twice."""
    data = LINES.encode()
    buffer = bytearray(size)
    parts = []
    stream = streams.enter_context(opened(blob(tmp_path, data)))
    filled = stream.readinto(memoryview(buffer))
    for block, count, last in Text("utf-8").blocks(stream, buffer, filled):
        parts.append(bytes(block[:count]))
        assert last or parts[-1].endswith(b"\n")
    assert b"".join(parts) == data


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_blocks_end_where_they_are_cut_and_lose_nothing(tmp_path: Path, streams: ExitStack, codec: str) -> None:
    """A message of syslog that is longer than its line would be cut by a block's border."""
    data = LINES.encode(codec)
    buffer = bytearray(400)
    stream = streams.enter_context(opened(blob(tmp_path, data)))
    filled = stream.readinto(memoryview(buffer))
    blocks = Text(encoding_of(data)).blocks(stream, buffer, filled, lambda _, size: size // 3)
    parts = [bytes(block[:count]) for block, count, _ in blocks]
    assert b"".join(parts).decode() == LINES
    assert len(parts) > 3


def pieces(tmp_path: Path, data: bytes, size: int = 1000, *, long: bool = False) -> list[bytes]:
    """The pieces of a text, those of too long lines or the others."""
    buffer = bytearray(size)
    with opened(blob(tmp_path, data)) as stream:
        filled = stream.readinto(memoryview(buffer))
        return [each for each, is_long in Text(encoding_of(data)).pieces(stream, buffer, filled) if is_long is long]


def test_a_large_table_comes_in_pieces_of_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows would be held at once, or a row be cut in two."""
    monkeypatch.setattr(texts, "PIECE_BYTES_MAX", 3000)
    data = b"".join(b"serial-%d,clinic\n" % n for n in range(1000))
    found = pieces(tmp_path, data)
    assert len(found) > 3
    assert all(piece.endswith(b"\n") for piece in found)
    assert b"".join(found) == data


ROW = b'{"a":1}\n'


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("size", [2900, 3001, 5000, 12_000])
@pytest.mark.parametrize("rows", [[ROW, b"", ROW], [ROW, b"", b"", ROW], [ROW, b"\n"], [ROW * 300, b"", ROW * 300]])
def test_a_line_is_never_cut_into_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, size: int, rows: list[bytes]
) -> None:
    """A record of 45 MiB was called damaged twice, once in its middle."""
    monkeypatch.setattr(texts, "PIECE_BYTES_MAX", 3000)
    rows = [row or b'{"a":"' + b"a" * size + b'"}\n' for row in rows]
    data = b"".join(rows).decode().encode(codec)
    others, long = pieces(tmp_path, data), pieces(tmp_path, data, long=True)
    assert all(piece.endswith(b"\n") for piece in others)
    told = b"".join(others).splitlines(keepends=True)
    want = b"".join(rows).splitlines(keepends=True)
    assert [row for row in want if row in told or row not in b"".join(long)] == told
    assert len(b"".join(told)) + len(b"".join(long)) == len(b"".join(want))
    assert bool(long) == (size > 4000 and len(want) != 2)


def test_a_document_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be cut in the middle, or fill the memory."""
    monkeypatch.setattr(texts, "PIECE_BYTES_MAX", 1000)
    monkeypatch.setattr(texts, "DOCUMENT_BYTES_MAX", 3000)
    with pytest.raises(StreamError, match="too much for one document"):
        pieces(tmp_path, b"[" + b'{"a":1},\n' * 1000 + b"{}]")


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"serial,site\nA,b\n", True), (b'{"a":1}\n{"a":2}\n', True), (b'{\n"a":1}\n', False), (b"[1,\n2]", False)],
)
def test_what_is_read_line_by_line(data: bytes, lines: bool) -> None:
    """A page over several lines would be cut into pieces that are none."""
    assert by_lines(data) is lines


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("cut", [1, 9, 40])
def test_what_was_read_before_damage_is_handed_out(tmp_path: Path, streams: ExitStack, codec: str, cut: int) -> None:
    """The error says that what could be read was used; up to a block of it would not be."""
    whole = "".join(f"line {number:05d}\n" for number in range(2000))
    packed = gzip.compress(whole.encode(codec), 0)[:-cut]
    stream, buffer = streams.enter_context(opened(blob(tmp_path, packed))), bytearray(4096)
    got = b""
    filled = stream.readinto(memoryview(buffer))
    found = Text(encoding_of(bytes(buffer[:filled])))
    for block, count, _ in found.blocks(stream, buffer, filled):
        got += bytes(block[:count])
    assert stream.problem is not None
    assert "cut" in str(stream.problem)
    assert whole.encode().startswith(got)
    assert len(got) >= len(whole) - 64


@pytest.mark.parametrize("packed", [False, True])
def test_behind_a_byte_order_mark_a_record_is_cited_by_the_file_s_own_bytes(tmp_path: Path, packed: bool) -> None:
    """Windows writes such exports; `tail -c +OFFSET` would show three bytes less than what the digest is of."""
    rows = [f'{{"serial_number":"F9FXQ1000{n}","created_at":"2026-05-17T03:0{n}:00Z"}}' for n in range(3)]
    texts = {
        "lines": "\n".join(rows) + "\n",
        "array": f"[{','.join(rows)}]",
        "table": "serial_number,created_at\nF9FXQ10000,2026-05-17T03:00:00Z\nF9FXQ10001,2026-05-17T03:01:00Z\n",
    }
    for text in texts.values():
        data = b"\xef\xbb\xbf" + text.encode()
        found = reading(tmp_path, gzip.compress(data) if packed else data, "mdm.txt")
        assert len({fact.attrs["serial"] for fact in found.facts if "serial" in fact.attrs}) > 1
        for origin in (fact.origin for fact in found.facts if fact.kind == "mdm_row"):
            assert origin.offset is not None
            cited = data[origin.offset : origin.offset + origin.length]
            assert b"F9FXQ1000" in cited
            assert sha256(cited).hexdigest() == origin.sha256
            assert origin.line is None or data.split(b"\n")[origin.line - 1] == cited


def test_a_block_buffer_begins_where_a_page_does() -> None:
    """Reading a file into one that begins 16 bytes behind takes three times as long."""
    buffer = block_buffer()
    assert len(buffer) == BLOCK_BYTES
    assert ctypes.addressof(ctypes.c_char.from_buffer(buffer)) % mmap.PAGESIZE == 0
    buffer[-1:] = b"x"
    assert buffer.find(b"x") == BLOCK_BYTES - 1
