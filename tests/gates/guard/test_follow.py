"""Following logs: real files that grow, are rotated, emptied, deleted and replaced."""

import os
from pathlib import Path

import pytest

from abm_trace.gates.guard import follow
from abm_trace.gates.guard.follow import FollowError, Logs


def read(logs: Logs) -> bytes:
    """What is new, of all logs together, without what ends a line that was cut."""
    return b"".join(data for _, data in logs.read() if data != b"\n")


def append(path: Path, data: bytes) -> None:
    """Write at the end, as a logger does."""
    with path.open("ab") as file:
        file.write(data)


def test_what_is_old_is_not_read(tmp_path: Path) -> None:
    """If this failed, yesterday's `Preparing for enrollment` would abort today's step."""
    path = tmp_path / "a.log"
    path.write_bytes(b"old\n")
    logs = Logs([path])
    assert read(logs) == b""
    append(path, b"new\n")
    assert read(logs) == b"new\n"
    assert logs.notes() == []
    logs.close()


def test_rotated(tmp_path: Path) -> None:
    """If this failed, a log that is rotated would fall silent, and a healthy device with it."""
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    logs = Logs([path])
    append(path, b"1")
    path.rename(tmp_path / "a.log.1")
    append(tmp_path / "a.log.1", b"2")
    path.write_bytes(b"3")
    assert read(logs) == b"123"
    append(path, b"4")
    assert read(logs) == b"4"
    assert ["replaced" in note for note in logs.notes()] == [True]
    logs.close()


def test_a_line_that_is_cut_by_rotation_takes_no_other_with_it(tmp_path: Path) -> None:
    """If this failed, a registration that is the first line of the new log would hang on half a line of the old one."""
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    logs = Logs([path])
    append(path, b"whole\nhal")
    assert list(logs.read()) == [(path, b"whole\nhal")]
    path.rename(tmp_path / "a.log.1")
    path.write_bytes(b"new\nhal")
    assert list(logs.read()) == [(path, b"\n"), (path, b"new\nhal")]
    path.write_bytes(b"x\n")
    assert list(logs.read()) == [(path, b"\n"), (path, b"x\n")]
    path.unlink()
    path.write_bytes(b"y\n")
    assert list(logs.read()) == [(path, b"y\n")]
    logs.close()


@pytest.mark.parametrize("grows", [True, False])
def test_rotated_in_a_folder(grows: bool, tmp_path: Path) -> None:
    """If this failed, logrotate at midnight would bring yesterday's `Preparing for enrollment` back as new."""
    path = tmp_path / "a.log"
    path.write_bytes(b"old")
    logs = Logs([tmp_path])
    append(path, b"1")
    assert read(logs) == b"1"
    path.rename(tmp_path / "a.log.1")
    if grows:
        append(tmp_path / "a.log.1", b"2")
    path.write_bytes(b"3")
    assert read(logs) == (b"23" if grows else b"3")
    append(tmp_path / "a.log.1", b"4")  # Whoever writes has not opened the new one yet.
    append(path, b"5")
    assert sorted(read(logs)) == sorted(b"45")
    (tmp_path / "a.log.1.gz").write_bytes(b"old")  # What is packed does not grow: it is old.
    path.rename(tmp_path / "a.log.2")
    assert read(logs) == b""
    append(tmp_path / "a.log.2", b"6")
    assert read(logs) == b"6"
    logs.close()


def test_a_file_that_has_the_number_of_one_that_went(tmp_path: Path) -> None:
    """If this failed, the start of a new log would be skipped where the system uses a file's number again."""
    path, other = tmp_path / "a.log", tmp_path / "b.log"
    path.write_bytes(b"")
    logs = Logs([tmp_path])
    append(path, b"x" * 1000)
    assert len(read(logs)) == 1000
    path.rename(other)
    path.write_bytes(b"")
    read(logs)
    number = other.stat().st_ino
    other.unlink()
    read(logs)
    for name in (f"{n}.log" for n in range(100)):
        (tmp_path / name).write_bytes(b"y" * 2000)
        if (tmp_path / name).stat().st_ino == number:
            break
    assert set(read(logs)) == set(b"y")
    logs.close()


def test_emptied_deleted_and_back(tmp_path: Path) -> None:
    """If this failed, a log that is cut or deleted under the guard would end it, or be read from the wrong place."""
    path = tmp_path / "a.log"
    path.write_bytes(b"12345")
    logs = Logs([path])
    path.write_bytes(b"67")
    assert read(logs) == b"67"
    path.unlink()
    assert read(logs) == b""
    assert read(logs) == b""
    assert len(logs.notes()) == 2  # Emptied, then gone: each once.
    path.write_bytes(b"89")
    assert read(logs) == b"89"
    logs.close()


@pytest.mark.parametrize("before", [b"", b"old", b"o" * 300])
def test_emptied_and_grown_again_between_two_looks(before: bytes, tmp_path: Path) -> None:
    """If this failed, a registration at the start of a log that was cut would be missed, and a good step aborted."""
    path = tmp_path / "a.log"
    path.write_bytes(before)
    logs = Logs([path])
    append(path, b"1234")
    assert read(logs) == b"1234"
    new = bytes(range(255, 0, -1)) * 2
    path.write_bytes(new)
    assert read(logs) == new
    append(path, b"5")
    assert read(logs) == b"5"
    assert ["emptied" in note for note in logs.notes()] == [True]
    logs.close()


def test_one_that_is_not_there_yet(tmp_path: Path) -> None:
    """If this failed, the log that the step itself creates would not be followed."""
    logs = Logs([tmp_path / "a.log"])
    assert read(logs) == b""
    (tmp_path / "a.log").write_bytes(b"all of it")
    assert read(logs) == b"all of it"
    logs.close()


def test_a_folder(tmp_path: Path) -> None:
    """If this failed, a rack that writes a log a device would need a guard a device."""
    (tmp_path / "a.log").write_bytes(b"old")
    logs = Logs([tmp_path])
    append(tmp_path / "a.log", b"1")
    (tmp_path / "b.log").write_bytes(b"2")
    os.mkfifo(tmp_path / "c.log")
    (tmp_path / "d").mkdir()
    assert dict(logs.read()) == {tmp_path / "a.log": b"1", tmp_path / "b.log": b"2"}
    logs.close()


def test_more_logs_than_are_followed_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, devices of a large folder would go unguarded, and nobody would know."""
    monkeypatch.setattr(follow, "_LOGS_MAX", 2)
    for number in range(4):
        (tmp_path / f"{number}.log").write_bytes(b"")
    logs = Logs([tmp_path])
    assert read(logs) == b""
    assert logs.notes() == [f"{tmp_path} has more than 2 logs: 2 are NOT followed"]
    assert read(logs) == b""
    assert logs.notes() == []
    for number in (4, 5):
        (tmp_path / f"{number}.log").write_bytes(b"")
    assert read(logs) == b""
    assert logs.notes() == [f"{tmp_path} has more than 2 logs: 4 are NOT followed"]
    logs.close()


def test_no_log(tmp_path: Path) -> None:
    """If this failed, the guard would wait for ever at a fifo, or for a log that can never be."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FollowError, match="no regular file"):
        Logs([tmp_path / "fifo"])
    with pytest.raises(FollowError, match="no folder"):
        Logs([tmp_path / "nowhere" / "a.log"])


def test_a_fifo_in_its_place(tmp_path: Path) -> None:
    """If this failed, whoever puts a fifo in the log's place would stop the guard."""
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    logs = Logs([path])
    path.unlink()
    os.mkfifo(path)
    assert read(logs) == b""
    assert read(logs) == b""
    assert any("no regular file" in note for note in logs.notes())
    logs.close()


def test_a_flood_is_read_in_pieces_and_has_an_end(tmp_path: Path) -> None:
    """If this failed, a log that grows faster than it is read would hold the guard for ever."""
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    logs = Logs([path])
    path.write_bytes(b"x" * 3_000_000)
    pieces = []
    for _, data in logs.read():
        pieces.append(len(data))
        append(path, b"y" * 1_000_000)
    assert sum(pieces) == 3_000_000
    assert max(pieces) <= 1024 * 1024
    logs.close()
