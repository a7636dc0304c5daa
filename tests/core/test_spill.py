"""Tests of abm_trace.core.spill: what memory has no room for comes back as it was, and leaves nothing behind."""

import copy
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core import spill
from abm_trace.core.nouns import Origin
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Blocks, Spill


def _spill(room: int) -> Spill:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "ROOM_BYTES", room)
        return Spill()


@given(st.lists(st.binary(max_size=9), max_size=9), st.integers(0, 40), st.integers(0, 9))
def test_blocks_come_back_from_memory_and_from_the_file(given_: list[bytes], room: int, count: int) -> None:
    """A block would be lost, or another one's bytes taken for it."""
    both = _spill(room)
    one, other = Blocks(both, given_[:count]), Blocks(both)
    for block in given_[count:]:
        one.append(block)
        other.append(block[::-1])
    assert list(one) == given_
    assert [one[number] for number in range(len(one))] == given_
    assert one[1:-1] == given_[1:-1]
    assert list(other) == [block[::-1] for block in given_[count:]]
    with pytest.raises(IndexError):
        one[len(one)]


def _open_files(folder: Path) -> int:
    return sum(os.path.realpath(each).startswith(str(folder)) for each in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists what is open here")
def test_the_file_has_no_name_and_ends_with_its_spill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence of devices would be left behind on the disk of whoever traced them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    blocks = Blocks(_spill(10), [b"a" * 10, b"b" * 10])
    assert list(tmp_path.iterdir()) == []
    assert _open_files(tmp_path) == 1
    assert blocks[1] == b"b" * 10
    del blocks
    assert _open_files(tmp_path) == 0


def test_the_file_stands_on_a_disk_unless_the_user_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where /tmp is memory, what memory has no room for would be put into memory."""
    asked: list[object] = []

    def refused(**given: object) -> None:
        asked.append(given["dir"])
        raise PermissionError

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    monkeypatch.setattr(spill, "_ON_DISK", tmp_path)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    assert list(Blocks(_spill(0), [b"one"])) == [b"one"]
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert list(Blocks(_spill(0), [b"one"])) == [b"one"]
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(spill, "_ON_DISK", tmp_path / "none")
    assert list(Blocks(_spill(0), [b"one"])) == [b"one"]
    assert asked == [tmp_path, None, None]


def test_a_copy_needs_no_file() -> None:
    """What a trace gave could be copied and kept by a caller of a small one, but not of a large one."""
    found = Packed.of(Origin, 1, [Origin("a.log", "x"), Origin("b.log", "x")], _spill(0))
    other = copy.deepcopy(found)
    del found
    assert list(other) == [Origin("a.log", "x"), Origin("b.log", "x")]


def _no_folder(*_: object, **__: object) -> None:
    message = "no usable temporary directory"
    raise FileNotFoundError(message)


def _full(_descriptor: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 9, 9, 0, 0, 0, 0, 0, 255))


def _short(_descriptor: int, block: bytes, _offset: int) -> int:
    return len(block) // 2


@pytest.mark.parametrize(
    "fails",
    [
        lambda patch: patch.setattr(tempfile, "TemporaryFile", _no_folder),
        lambda patch: patch.setattr(os, "pwrite", _short),
        lambda patch: patch.setattr(os, "fstatvfs", _full),
        lambda patch: patch.delattr(os, "pread"),
    ],
)
def test_where_nothing_can_be_written_memory_has_to_do(
    fails: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk would end a trace that memory had room for, or give back half a block."""
    fails(monkeypatch)
    assert list(Blocks(_spill(1), [b"first", b"second"])) == [b"first", b"second"]


def test_what_was_written_before_the_disk_was_full_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first blocks would be lost with the last."""
    blocks = Blocks(_spill(0), [b"first"])
    monkeypatch.setattr(os, "pwrite", _short)
    blocks.append(b"second")
    assert list(blocks) == [b"first", b"second"]
