"""What is no part of a log is named."""

import os
import shutil

import pytest
from tests.evidence import building
from tests.evidence.building import check, where
from tests.evidence.verify.damage import INPUTS

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.places import Places


def test_what_belongs_to_nothing(log: Places) -> None:
    """If this failed, something could be slipped into a store, or into its files, and nobody would know (R16)."""
    private = log.store / "private/001"
    lines = (log.store / "private/000").read_text().split("\n")
    private.write_text(private.read_text() + "-\n")
    (log.store / "private/000").write_text("\n".join(["x", *lines[1:]]))
    (log.store / "evil").write_text("x")
    (log.store / "foo").mkdir()
    (log.store / "tmp").mkdir(exist_ok=True)
    (log.store / "tmp/evil").write_text("x")
    (log.store / "tmp" / ("0" * 16)).write_text("x")
    report = check(log)
    assert where(report) == {"private/001", "record 0", "evil", "foo", "tmp/evil"}
    assert any("tmp/ holds 1 files" in each for each in report.remarks)
    (log.store / "private/staging.db").write_text("x" * 5000)
    (log.store / "private/000").write_text("\n".join([*lines[:-1], "-", ""]))
    assert "private/staging.db" in where(check(log))
    assert "private/000" in where(check(log))


def test_an_older_width_of_a_tile_that_is_cut(log: Places) -> None:
    """If this failed, a file that another program still reads could be cut."""
    building.add(log, range(INPUTS, INPUTS + 5))
    for level, bytes_ in (("0", 32), ("entries", 40)):
        path = log.store / f"tile/{level}/001.p/14"
        data = path.read_bytes()
        for cut in (bytes_, 3, len(data)):
            path.write_bytes(data[:-cut])
            assert where(check(log, raw=False)) == {f"tile/{level}/001.p/14"}
        path.write_bytes(data)
    assert not check(log).problems


@pytest.mark.parametrize("folder", ["private", "tile", "raw", "tile/entries"])
def test_folders_that_are_links(folder: str, log: Places) -> None:
    """If this failed, the log would stand elsewhere than in its store, and nobody would say so."""
    path = log.store / folder
    path.rename(log.store.parent / "elsewhere")
    path.symlink_to(log.store.parent / "elsewhere")
    assert folder in where(check(log))
    with pytest.raises(EvidenceError, match="is a link"):
        building.add(log, range(INPUTS, INPUTS + 1))


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/001.p/14", "private/000", "format"])
def test_files_that_are_links(path: str, log: Places) -> None:
    """If this failed, a part of the log would stand elsewhere than in its store, and nobody would say so."""
    file = log.store / path
    file.rename(log.store.parent / "elsewhere")
    file.symlink_to(log.store.parent / "elsewhere")
    assert any("link" in each.text and path in (each.where, each.text[: len(path)]) for each in check(log).problems)


def test_a_folder_far_below_that_is_a_link(log: Places) -> None:
    """If this failed, kept bytes would stand elsewhere than in the store, and nobody would say so."""
    folder = next((log.store / "raw").iterdir())
    folder.rename(log.store.parent / "elsewhere")
    folder.symlink_to(log.store.parent / "elsewhere")
    assert f"raw/{folder.name}" in where(check(log))


@pytest.mark.parametrize("path", ["raw/zz", "tile/7", "private/x001", "stamps/old", "tile/0/x001", "raw/00/x"])
def test_empty_folders(path: str, log: Places) -> None:
    """If this failed, something could stand in a store, and nobody would know."""
    (log.store / path).mkdir(parents=True)
    assert where(check(log)) == {path}


def test_folders_that_may_be_empty(log: Places) -> None:
    """If this failed, a purge or a crash would look like an intrusion."""
    for path in ("raw/ff", "tmp", "stamps", "tile/0/000.p"):
        (log.store / path).mkdir(parents=True, exist_ok=True)
    assert check(log).problems == []


def test_a_path_is_said_once(log: Places) -> None:
    """If this failed, a person would read each path twice."""
    path = next((log.store / "raw").rglob("*.zst"))
    for each in (path, log.store / "checkpoint"):
        each.unlink()
        os.mkfifo(each)
    shutil.rmtree(log.store / "checkpoints")
    (log.store / "checkpoints").touch()
    texts = [f"{each.where}: {each.text}" for each in check(log).problems]
    assert "checkpoints: cannot be listed (Not a directory)" in texts
    assert "checkpoint: is no regular file" in texts
    assert [text for text in texts if text.count(path.name) > 1 or text.count("checkpoint:") > 1] == []


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001.p/014", "tile/0/001.p/00", "tile/0/001.p/0", "tile/entries/001.p/07", "tile/0/x000/001.p/14",
        "tile/entries/x000/000", "tile/1/x000/x000/000.p/1", "private/x000/000", "private/x000/x000/001",
    ],
)  # fmt: skip
def test_another_name_for_what_stands_there(path: str, log: Places) -> None:
    """If this failed, anything of any size could be slipped in under a name that means a file of the log."""
    (log.store / path).parent.mkdir(parents=True, exist_ok=True)
    (log.store / path).write_bytes(b"" if path.endswith("/0") else b"hidden here")
    assert where(check(log, raw=False)) == {path}


def test_an_empty_folder_of_another_name(log: Places) -> None:
    """If this failed, the same could be done with folders."""
    (log.store / "tile/0/x000/000.p").mkdir(parents=True)
    assert where(check(log, raw=False)) == {"tile/0/x000/000.p"}
