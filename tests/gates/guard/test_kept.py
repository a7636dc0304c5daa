"""What is kept: folders that nothing overwrites, and what they say of the next attempt."""

import json
from pathlib import Path

import msgspec
import pytest

from abm_trace.gates.guard import kept
from abm_trace.gates.guard.kept import DeviceObject, GuardRecord, KeepError, Kept, vanished

NOW = 1_779_000_000_000_000


def run_of(keep: Path, *devices: DeviceObject, rebuilt: bool = False, now: int = NOW) -> Kept:
    """A run that ended, with these devices."""
    run = Kept(keep, now, 45.0)
    run.record(
        GuardRecord(["true"], "/", "host", "2026-05-17T08:47:12Z", 45.0, "guide", rebuilt, devices=list(devices))
    )
    run.close()
    return run


def test_runs_are_numbered_and_never_overwritten(tmp_path: Path) -> None:
    """If this failed, evidence would be lost, or the order of the attempts with the time of day."""
    folders = [run_of(tmp_path / "keep", now=NOW - 10**12 * number).folder for number in range(12)]
    assert [folder.name[:5] for folder in folders] == [f"{number:04d}-" for number in range(1, 13)]
    (tmp_path / "keep" / "notes.txt").write_text("mine")
    assert run_of(tmp_path / "keep").folder.name.startswith("0013-")


def test_runs_that_begin_at_once_have_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, two guards on one host would mix their evidence."""
    monkeypatch.setattr(kept, "_runs", lambda _: [])  # Neither sees the other.
    assert len({Kept(tmp_path, NOW, 45.0).folder for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("attempts", "refused"),
    [
        (["silent"], True),
        (["refused"], True),
        (["registered"], False),
        (["waiting"], False),
        (["silent", "registered"], False),
        (["registered", "silent"], True),
        (["silent", "unseen"], True),
    ],
)
def test_the_last_attempt_counts(attempts: list[str], refused: bool, tmp_path: Path) -> None:
    """If this failed, a device that vanished would be tried again, or one that came back would be refused."""
    for number, state in enumerate(attempts):
        run_of(tmp_path, DeviceObject("f9fxqiabcd", state), now=NOW - number * 10**12)  # The clock goes back.
    last, unread = vanished(tmp_path)
    assert ("F9FXQ1ABCD" in last) is refused
    assert unread == []


def test_a_verdict_of_vanished_counts_and_a_rebuilt_device_is_free(tmp_path: Path) -> None:
    """If this failed, what the triage found would not hold, or a reimaged device could never be tried."""
    run_of(tmp_path, DeviceObject("F9FXQ1ABCD", "waiting", verdict="vanished"))
    assert list(vanished(tmp_path)[0]) == ["F9FXQ1ABCD"]
    run_of(tmp_path, DeviceObject("F9FXQ1ABCD", "unseen"), rebuilt=True)
    assert vanished(tmp_path)[0] == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema":"abm-trace/guard/1"}', '{"schema":"x"}', "\0"])
def test_a_damaged_record_is_named_and_the_others_count(text: str, tmp_path: Path) -> None:
    """If this failed, one bad file would free every device, or stop every step."""
    run_of(tmp_path, DeviceObject("F9FXQ1ABCD", "silent"))
    (run_of(tmp_path).folder / kept.RECORD).write_text(text)
    last, (unread,) = vanished(tmp_path)
    assert list(last) == ["F9FXQ1ABCD"]
    assert "0002-" in unread


def test_nothing_was_kept_yet(tmp_path: Path) -> None:
    """If this failed, the first run would fail."""
    assert vanished(tmp_path / "nowhere") == ({}, [])


def test_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """If this failed, a step would run whose evidence is lost."""
    (tmp_path / "file").write_text("")
    with pytest.raises(KeepError, match="no evidence can be kept"):
        Kept(tmp_path / "file" / "keep", NOW, 45.0)


def test_the_log_is_on_the_disk_as_it_comes(tmp_path: Path) -> None:
    """If this failed, a log that is deleted under the guard would be gone."""
    run = Kept(tmp_path, NOW, 45.0)
    run.append("a.log", b"1")
    run.append("2/a.log", b"2")
    run.append("a.log", b"3")
    assert (run.case / "logs" / "a.log").read_bytes() == b"13"
    assert (run.case / "logs" / "2" / "a.log").read_bytes() == b"2"
    run.close()


def test_a_log_without_end_is_cut_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a log that repeats itself would fill the disk of a staging host."""
    monkeypatch.setattr(kept, "LOG_BYTES_MAX", 10)
    run = Kept(tmp_path, NOW, 45.0)
    for _ in range(5):
        run.append("a.log", b"12345678")
    assert (run.case / "logs" / "a.log").stat().st_size == 16
    assert len(run.problems) == 1
    run.close()


def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    """If this failed, a full disk would end the guard, and leave the step alone."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    run = Kept(tmp_path, NOW, 45.0)
    (run.case / "logs" / "a.log").symlink_to(full)
    run.append("a.log", b"1")
    run.append("a.log", b"2")
    run.close()
    assert [each.split(":")[0] for each in run.problems] == ["a.log could not be kept in full"] * len(run.problems)
    assert 1 <= len(run.problems) <= 2  # To write, and to make sure of it at the end.


def test_more_evidence_is_taken_in(tmp_path: Path) -> None:
    """If this failed, the triage would not see the manifest that was named."""
    (tmp_path / "manifest.csv").write_text("serial\n")
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "a.ndjson").write_text("{}\n")
    run = Kept(tmp_path / "keep", NOW, 45.0)
    run.take_in([tmp_path / "manifest.csv", tmp_path / "audit"])
    assert (run.case / "manifest.csv").read_text() == "serial\n"
    assert (run.case / "audit" / "a.ndjson").read_text() == "{}\n"
    with pytest.raises(KeepError, match="cannot be copied"):
        run.take_in([tmp_path / "nowhere"])
    with pytest.raises(KeepError, match="kept inside of it"):
        run.take_in([tmp_path])


def test_the_record_is_read_back(tmp_path: Path) -> None:
    """If this failed, the next run could not know this one."""
    data = (run_of(tmp_path, DeviceObject("F9FXQ1ABCD", "silent", "a.log", 45.1)).folder / kept.RECORD).read_bytes()
    assert json.loads(data)["schema"] == "abm-trace/guard/1"
    assert msgspec.json.decode(data, type=GuardRecord).devices[0].waited_s == 45.1
