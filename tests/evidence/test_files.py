"""Files of a store: whole or not there, and never waited for."""

import errno
import os
from pathlib import Path

import pytest

from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder, regular


def test_put_and_read(tmp_path: Path) -> None:
    """If this failed, nothing else would work."""
    folder = Folder(tmp_path)
    folder.put({"a/b": b"one", "c": b"two", "raw/x": b"three"})
    assert [folder.read(path, 10) for path in ("a/b", "c", "raw/x", "none", "c/d")] == [
        b"one",
        b"two",
        b"three",
        None,
        None,
    ]
    assert sorted(folder.below("a")) == ["a/b"]
    assert (tmp_path / "raw").stat().st_mode & 0o777 == 0o700
    assert not list((tmp_path / "tmp").iterdir())


def test_what_is_no_file(tmp_path: Path) -> None:
    """If this failed, a fifo in a store that somebody hands in would hang the check."""
    folder = Folder(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "long").write_bytes(bytes(11))
    for path, text in (("fifo", "no regular file"), ("folder", "no regular file"), ("long", "more than 10")):
        with pytest.raises(FormatError, match=text):
            folder.read(path, 10)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_keeps_the_old_file(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a full disk would leave half a tile, or a crash without a reason."""
    folder = Folder(tmp_path)
    folder.put({"a": b"old"})

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(EvidenceError, match=os.strerror(code)) as found:
        folder.put({"a": b"new"})
    assert ("Make room" in found.value.hint) == (code == errno.ENOSPC)
    assert folder.read("a", 10) == b"old"
    assert not list((tmp_path / "tmp").iterdir())


def test_tidy(tmp_path: Path) -> None:
    """If this failed, what a crash leaves would pile up."""
    folder = Folder(tmp_path)
    folder.make("tmp")
    (tmp_path / "tmp/left").write_bytes(b"x")
    folder.tidy()
    assert not (tmp_path / "tmp").exists()
    folder.remove("nothing")


@pytest.mark.parametrize("name", ["fifo", "folder", "link", "/dev/zero"])
def test_what_was_named_is_a_file(name: str, tmp_path: Path) -> None:
    """If this failed, a fifo or a device that was named could hold the log for ever."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "fifo")
    with pytest.raises(FormatError, match="no regular file"):
        regular(tmp_path / name)
    (tmp_path / "file").write_bytes(b"x")
    with regular(tmp_path / "file") as file:
        assert file.read() == b"x"
