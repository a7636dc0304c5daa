"""Zips that are too large to be held inside of another archive."""

import gzip
import zipfile
from pathlib import Path

import pytest
from tests.sources.stream.packing import unpacked, zipped

from abm_trace.sources import stream

TREE = {"logs/a.log": b"one\n" * 300, "empty": b"", "b": bytes(range(256)) * 40}


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_it_is_read_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: int, piped: bool) -> None:
    """It would be refused, or held whole."""
    monkeypatch.setattr(stream, "ZIP_HELD_BYTES_MAX", 100)
    read, named = unpacked(tmp_path, gzip.compress(zipped(TREE, method, piped=piped) + b"tail"))
    assert "after the end" in named["a"]
    if method == zipfile.ZIP_STORED and piped:
        assert not read
        assert all("size is not said" in named[f"a/{name}"] for name in TREE)
    else:
        assert read == {f"a/{name}": data for name, data in TREE.items()}
