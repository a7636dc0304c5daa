"""What bytes are, told from how they begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.stream.packing import PACK, tar, zipped

from abm_trace.sources.stream import kind_of


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ""), (b"BZh9 is how this log begins", ""), (b"PK is a word", ""), (b"(*text", ""), (b"P*", ""),
        (PACK["gz"](b""), "gzip"), (PACK["bz2"](b""), "bzip2"), (PACK["bz2"](b"x"), "bzip2"), (PACK["xz"](b""), "xz"),
        (PACK["zst"](b"x"), "zstd"), (zipped({}), "zip"), (zipped({"x": b""}), "zip"), (tar({"x": b""}), "tar"),
        (tar({"x": b""})[:257] + bytes(7) + tar({"x": b""})[264:], ""),
    ],
)  # fmt: skip
def test_content_decides(data: bytes, kind: str) -> None:
    """A log would be opened as an archive, or an archive be read as a log."""
    assert kind_of(data[:512]) == kind


@given(st.binary(max_size=600))
def test_any_bytes_are_some_kind(data: bytes) -> None:
    """A file would fail before it is looked at."""
    assert isinstance(kind_of(data[:512]), str)
