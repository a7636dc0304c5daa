"""A run of the guard, in this process: what it does with the step, the log and the record."""

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from abm_trace.core.errors import AbmTraceError
from abm_trace.exports import ndjson
from abm_trace.gates.guard.kept import GuardRecord
from abm_trace.gates.guard.plan import Outcome, Plan
from abm_trace.gates.guard.run import Guard, RefusedError

SAYING = """
import sys, time
def say(message):
    with open(sys.argv[1], "a") as log:
        log.write("STAMP INFO com.apple.DeviceManagement.Enrollment [ABM] " + message + "\\n")
"""
NOW = 1_779_000_000_000_000


def guarded(
    folder: Path,
    code: str,
    *,
    limit_s: float = 0.5,
    wall_us: Callable[[], int] = lambda: NOW,
    stop: Callable[[], int] = lambda: 0,
    stamp: str = "2026-05-17 03:47:12.883",
    **more: object,
) -> tuple[Outcome, list[str]]:
    """The outcome of a step in Python that writes to a log, and what the guard said meanwhile."""
    said: list[str] = []
    argv = (sys.executable, "-c", SAYING.replace("STAMP", stamp) + code, str(folder / "dev.log"))
    plan = Plan(argv, folder / "keep", limit_s, "--limit", (folder / "dev.log",), **more)  # type: ignore[arg-type]  # As a test likes.
    outcome = Guard(plan, wall_us, lambda _, text: said.append(text), stop).run()
    return outcome, said


def record_of(outcome: Outcome) -> GuardRecord:
    """The record as it stands on the disk."""
    return msgspec.json.decode((outcome.folder / "guard.json").read_bytes(), type=GuardRecord)


@pytest.mark.parametrize("code", [0, 7])
def test_the_step_ends_by_itself(code: int, tmp_path: Path) -> None:
    """If this failed, a step that is healthy, or fails by itself, would be the guard's."""
    outcome, said = guarded(tmp_path, f"say('Preparing for enrollment…'); say('ABMDeviceRegistered'); sys.exit({code})")
    assert (outcome.outcome, outcome.code, outcome.ended, outcome.survived) == ("ended", code, [], [])
    assert any("registered after" in each for each in said)
    assert record_of(outcome).outcome == "ended"
    assert record_of(outcome).code == code


def test_a_silent_device_is_aborted_and_triaged(tmp_path: Path) -> None:
    """If this failed, nothing would stop a rollout whose devices vanish, or its evidence would be lost."""
    failed = 'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 \\"x\\"'
    code = f"say('Preparing for enrollment…'); say(\"{failed}\"); time.sleep(600)"
    outcome, _ = guarded(tmp_path, code, devices=("F9FXQ1ABCD",))
    assert (outcome.outcome, outcome.code) == ("aborted", 124)
    assert [wait.device for wait in outcome.silent] == ["F9FXQ1ABCD"]
    assert len(outcome.ended) == 1
    (verdict,) = outcome.verdicts
    assert (verdict.serial, verdict.verdict, verdict.layer) == ("F9FXQ1ABCD", "vanished", "L6")
    assert (outcome.case / "logs" / "F9FXQ1ABCD.log").read_bytes() == (tmp_path / "dev.log").read_bytes()
    (line,) = map(json.loads, (outcome.folder / "verdicts.ndjson").read_text().splitlines())
    assert line["verdict"] == "vanished"
    (device,) = record_of(outcome).devices
    assert (device.state, device.verdict) == ("silent", "vanished")


def test_it_is_refused_until_it_was_rebuilt(tmp_path: Path) -> None:
    """If this failed, a device would be tried again as it is, which makes another identifier each time."""
    silent = "say('Preparing for enrollment… serial=F9FXQ1ABCD'); time.sleep(600)"
    guarded(tmp_path, silent)
    with pytest.raises(RefusedError, match="0001-"):
        guarded(tmp_path, "say('never run')", devices=("f9fxqiabcd",))
    assert "never run" not in (tmp_path / "dev.log").read_text()
    outcome, _ = guarded(tmp_path, silent)  # It is seen in the log only.
    assert (outcome.outcome, outcome.code) == ("refused", 125)
    outcome, _ = guarded(
        tmp_path, "say('Preparing for enrollment… serial=F9FXQ1ABCD'); say('ABMDeviceRegistered')", rebuilt=True
    )
    assert outcome.outcome == "ended"
    assert guarded(tmp_path, "", devices=("F9FXQ1ABCD",))[0].code == 0


@pytest.mark.parametrize("jump_us", [10**12, -(10**12)])
def test_the_time_of_day_may_jump(jump_us: int, tmp_path: Path) -> None:
    """If this failed, a clock that is set in mid-run would abort a step at once, or never (R10)."""
    at = [NOW]

    def wall_us() -> int:
        at[0] += jump_us
        return at[0]

    begun = time.monotonic()
    outcome, _ = guarded(tmp_path, "say('Preparing for enrollment…'); time.sleep(600)", limit_s=1.5, wall_us=wall_us)
    assert outcome.code == 124
    (device,) = record_of(outcome).devices
    assert device.waited_s is not None
    assert 1.5 <= device.waited_s < time.monotonic() - begun


@pytest.mark.parametrize("stamp", ["9999-12-31 23:58:59.999", "0001-01-01 00:00:00.000", "1970-01-01 00:00:00.000"])
def test_the_devices_clock_may_be_anything(stamp: str, tmp_path: Path) -> None:
    """If this failed, a device whose clock was never set could not be aborted, or would not be judged."""
    silent = "say('Preparing for enrollment…'); time.sleep(600)"
    outcome, _ = guarded(tmp_path, silent, devices=("F9FXQ1ABCD",), stamp=stamp)
    assert outcome.code == 124
    assert [each.verdict for each in outcome.verdicts] == ["unknown"]


def test_a_step_that_ended_well_is_watched_to_the_deadline(tmp_path: Path) -> None:
    """If this failed, a step that only starts the enrolment would never be guarded."""
    outcome, _ = guarded(tmp_path, "say('Preparing for enrollment…')")
    assert (outcome.outcome, outcome.code, outcome.ended) == ("aborted", 124, [])


def test_what_a_step_leaves_running_is_guarded_on(tmp_path: Path) -> None:
    """If this failed, a step that goes to the background would slip out of the guard."""
    code = """
import os
if os.fork() == 0:
    os.setsid()
    time.sleep(0.6)
    say('Preparing for enrollment…')
    time.sleep(600)
"""
    outcome, said = guarded(tmp_path, code)
    assert (outcome.outcome, len(outcome.ended)) == ("aborted", 1)
    assert any("are guarded on" in each for each in said)


def test_a_last_line_without_an_end_has_not_waited(tmp_path: Path) -> None:
    """If this failed, the record would hold a wait of less than nothing."""
    outcome, _ = guarded(
        tmp_path,
        "open(sys.argv[1], 'a').write('2026-05-17 03:47:12.883 INFO com.apple."
        "DeviceManagement.Enrollment [ABM] Preparing for enrollment…')",
    )
    (device,) = record_of(outcome).devices
    assert (device.state, device.waited_s) == ("waiting", 0)


def test_somebody_says_stop(tmp_path: Path) -> None:
    """If this failed, Ctrl-C would end the guard and leave the step running."""
    outcome, _ = guarded(
        tmp_path,
        "say('Preparing for enrollment…'); time.sleep(600)",
        limit_s=60,
        stop=lambda: signal.SIGINT if (tmp_path / "dev.log").exists() else 0,
    )
    assert (outcome.outcome, outcome.code, len(outcome.ended)) == ("stopped", 130, 1)
    assert outcome.survived == []


def test_what_cannot_be_started_is_recorded(tmp_path: Path) -> None:
    """If this failed, a slip of the pen would leave a run that never ends in the record."""
    plan = Plan(("/nowhere/at/all",), tmp_path / "keep", 45, "guide", devices=("F9FXQ1ABCD",))
    with pytest.raises(AbmTraceError, match="cannot be started"):
        Guard(plan, lambda: NOW, lambda *_: None).run()
    (record,) = (tmp_path / "keep").glob("*/guard.json")
    assert json.loads(record.read_bytes())["code"] == 125


def test_a_fault_of_the_guard_ends_the_step_too(tmp_path: Path) -> None:
    """If this failed, a fault of ours would leave a step that nobody guards."""

    def fail() -> int:
        if (tmp_path / "dev.log").exists():
            raise ZeroDivisionError
        return 0

    marker = tmp_path / "pid"
    code = f"import os; open({str(marker)!r}, 'w').write(str(os.getpid())); say('x'); time.sleep(600)"
    with pytest.raises(ZeroDivisionError):
        guarded(tmp_path, code, stop=fail)
    (record,) = (tmp_path / "keep").glob("*/guard.json")
    assert json.loads(record.read_bytes())["outcome"] == "failed"
    pid = int(marker.read_text())
    assert not Path(f"/proc/{pid}").exists() or not Path("/proc/self").exists()


def test_more_evidence_settles_the_verdict(tmp_path: Path) -> None:
    """If this failed, an audit export at hand would not be used, and the verdict be unknown."""
    (tmp_path / "audit.ndjson").write_text(
        '{"id":"evt_1","event_type":"device_enrollment_requested","occurred_at":"2026-05-17T03:47:12Z",'
        '"region":"eu-west","serial_number":"F9FXQ1ABCD"}\n'
    )
    (tmp_path / "mdm.csv").write_text("serial_number,created_at,enrolled_at\nF9FXQ1ABCD,2026-05-17T03:40:00Z,\n")
    outcome, _ = guarded(
        tmp_path,
        "say('Preparing for enrollment…'); time.sleep(600)",
        devices=("F9FXQ1ABCD",),
        extra=(tmp_path / "audit.ndjson", tmp_path / "mdm.csv"),
    )
    assert [(each.serial, each.verdict) for each in outcome.verdicts] == [("F9FXQ1ABCD", "vanished")]


def test_a_triage_that_fails_changes_nothing_about_the_abort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a fault in what only tells of the abort would make it look as if there had been none."""

    def fail(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(ndjson, "render", fail)
    outcome, said = guarded(tmp_path, "say('Preparing for enrollment…'); time.sleep(600)", devices=("F9FXQ1ABCD",))
    assert (outcome.outcome, outcome.code, outcome.verdicts) == ("aborted", 124, ())
    assert any("no verdict" in each for each in said)
    assert record_of(outcome).devices[0].state == "silent"
