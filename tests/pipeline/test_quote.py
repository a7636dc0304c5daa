"""Quoting what an origin points at."""

from pathlib import Path

from abm_trace.core.nouns import Blob, Origin
from abm_trace.pipeline.quote import QUOTE_BYTES_MAX, quoted


def blob(path: Path, data: bytes) -> Blob:
    """A blob with this data."""
    path.write_bytes(data)
    return Blob(path.name, str(path), len(data))


def test_a_log_line_whole_and_a_record_as_long_as_it_is(tmp_path: Path) -> None:
    """If this failed, a proof would be shown cut, or with its neighbours."""
    found = blob(tmp_path / "x", b'first\nsecond line\r\n[{"a":\n  1}, {"b": 2}]\n')
    line, record = Origin("x", "f", 13, 4), Origin("x", "f", 20, 10, 3, 0)
    assert quoted({"x": [record, line]}, {"x": found}) == {line: "second line", record: '{"a": 1}'}


def test_long_and_binary_text(tmp_path: Path) -> None:
    """If this failed, one long line or a binary profile would fill the screen."""
    long, binary = Origin("x", "f", 0, 0), Origin("y", "f", 0, 0)
    blobs = {"x": blob(tmp_path / "x", b"a" * 5000), "y": blob(tmp_path / "y", b"bplist00\x00\x01")}
    assert quoted({"x": [long], "y": [binary]}, blobs) == {long: "a" * QUOTE_BYTES_MAX + "…", binary: ""}


def test_what_is_gone_is_left_out(tmp_path: Path) -> None:
    """If this failed, a file that vanished in the meantime would end the explanation."""
    assert quoted({"x": [Origin("x", "f", 0, 0)]}, {"x": Blob("x", str(tmp_path / "x"), 5)}) == {}


def test_no_secrets(tmp_path: Path) -> None:
    """If this failed, a page or an explanation would show the passwords of a log, or the headers of an exchange."""
    entry = b'{"request":{"method":"GET","headers":[{"name":"X","value":"s3cr3t"}],"url":"https://h.example.org/?t=s3cr3t"},'
    entry += b'"response":{"status":401,"content":{"text":"' + b"s3cr3t " * 200 + b'"}}}'
    found = blob(tmp_path / "x", b"pwd=s3cr3t refused\n" + entry)
    line, record = Origin("x", "f", 0, 4), Origin("x", "f", 19, len(entry), 2, 0)
    said = "GET https://h.example.org/?t=[hidden] answered 401; headers and bodies are not quoted"
    assert quoted({"x": [line, record]}, {"x": found}) == {line: "pwd=[hidden] refused", record: said}


def test_a_byte_order_mark_is_not_quoted(tmp_path: Path) -> None:
    """If this failed, the first line of what Windows wrote would begin with an escape that nobody wrote."""
    line, record = Origin("x", "f", 0, 5), Origin("y", "f", 3, 8, None, 0)
    blobs = {
        "x": blob(tmp_path / "x", b"\xef\xbb\xbffirst\nsecond\n"),
        "y": blob(tmp_path / "y", b'\xef\xbb\xbf{"a": 1}\n'),
    }
    assert quoted({"x": [line], "y": [record]}, blobs) == {line: "first", record: '{"a": 1}'}
