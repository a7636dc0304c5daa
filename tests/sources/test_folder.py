"""Tests of abm_trace.sources.folder."""

import os
import socket
from pathlib import Path

import pytest

from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Blob, Skipped
from abm_trace.sources.folder import fetch


def blobs(case: Path) -> list[str]:
    """The paths of the case's blobs, in the order in which they come."""
    return [each.path for each in fetch(case) if isinstance(each, Blob)]


def skipped(case: Path) -> dict[str, str]:
    """The reasons by path."""
    return {each.path: each.reason for each in fetch(case) if isinstance(each, Skipped)}


def test_every_file_below_the_case_is_a_blob_in_order_of_path(tmp_path: Path) -> None:
    """A file would be left out, or the order of work would depend on the file system."""
    for name in ("b.log", "a/z.log", "a/deep/er/x", ".hidden", "empty"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * (name != "empty"))
    found = [each for each in fetch(tmp_path) if isinstance(each, Blob)]
    assert [each.path for each in found] == [".hidden", "a/deep/er/x", "a/z.log", "b.log", "empty"]
    assert [each.size_bytes for each in found] == [1, 1, 1, 1, 0]
    assert all(Path(each.location).is_file() and each.modified_at > 0 for each in found)


def test_what_is_no_regular_file_is_named_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifo would hang the triage, and a socket would vanish without a word."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # The path of a socket has a short limit.
    server = socket.socket(socket.AF_UNIX)
    server.bind("sock")
    server.close()
    (tmp_path / "device").symlink_to("/dev/null")
    assert blobs(tmp_path) == []
    reasons = skipped(tmp_path)
    assert set(reasons) == {"pipe", "sock", "device"}
    assert "fifo" in reasons["pipe"]
    assert "socket" in reasons["sock"]
    assert "link out of the case" in reasons["device"]


def test_a_link_to_a_fifo_of_the_case_is_not_opened_either(tmp_path: Path) -> None:
    """The fifo would be opened by its other name."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    assert blobs(tmp_path) == []
    assert set(skipped(tmp_path)) == {"pipe", "link"}


def test_links_are_followed_to_files_of_the_case_alone(tmp_path: Path) -> None:
    """A link would read what the person did not hand over, or go round for ever."""
    case = tmp_path / "case"
    (case / "logs").mkdir(parents=True)
    (case / "logs/a.log").write_text("x")
    (tmp_path / "case-secret").write_text("x")
    (case / "inside").symlink_to("logs/a.log")
    (case / "out").symlink_to(tmp_path / "case-secret")
    (case / "up").symlink_to("..")
    (case / "nowhere").symlink_to("gone")
    (case / "loop").symlink_to("loop")
    (case / "ping").symlink_to("pong")
    (case / "pong").symlink_to("ping")
    (case / "logs/self").symlink_to(".")
    assert blobs(case) == ["inside", "logs/a.log"]
    assert set(skipped(case)) == {"out", "up", "nowhere", "loop", "ping", "pong", "logs/self"}


def test_a_case_that_is_itself_a_link_is_read(tmp_path: Path) -> None:
    """Every file would count as a link out of the case."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.log").write_text("x")
    (tmp_path / "case").symlink_to("real")
    assert blobs(tmp_path / "case") == ["a.log"]


def test_no_depth_of_folders_is_too_much(tmp_path: Path) -> None:
    """A deep tree would exhaust the stack, or its files would be missing."""
    deep = tmp_path.joinpath(*["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "a.log").write_text("x")
    assert blobs(tmp_path) == ["/".join([*["d"] * 400, "a.log"])]
    assert not skipped(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    """Its files would be missing and nobody would know."""
    (tmp_path / "locked").mkdir(mode=0)
    (tmp_path / "a.log").write_text("x")
    assert blobs(tmp_path) == ["a.log"]
    assert set(skipped(tmp_path)) == {"locked"}


def test_a_name_that_is_no_text_can_be_shown_and_opened(tmp_path: Path) -> None:
    """JSON could not hold the path, or the file could not be found again."""
    location = os.fsencode(tmp_path) + b"/caf\xe9\n.log"
    with open(location, "wb") as file:  # noqa: PTH123  # pathlib has no paths of bytes.
        file.write(b"x")
    (blob,) = [each for each in fetch(tmp_path) if isinstance(each, Blob)]
    assert blob.path == "caf\\xe9\n.log"
    assert Path(blob.location).read_bytes() == b"x"


@pytest.mark.parametrize(("made", "said"), [(False, "does not exist"), (True, "is no folder")])
def test_what_cannot_be_listed_is_a_usage_error(tmp_path: Path, made: bool, said: str) -> None:
    """A mistyped path would look like an empty case."""
    path = tmp_path / "case"
    if made:
        path.write_text("x")
    with pytest.raises(UsageError, match=said):
        list(fetch(path))
