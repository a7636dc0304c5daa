"""`abm-trace check audit`: both sets, by name."""

import json
from pathlib import Path

from tests.cli.conftest import Run

MANIFEST = "serial,site,staged_at\nF9FXQ1AAAA,c1,2026-05-17T08:00:00Z\nF9FXQ1BBBB,c1,2026-05-17T08:00:00Z\n"
AUDIT = (
    '{"id":"e1","event_type":"device_enrollment_requested","occurred_at":"2026-05-17T08:00:30Z","region":"eu-west",'
    '"serial_number":"F9FXQ1AAAA","request_id":"r1"}\n'
)
MDM = "serial_number,created_at,enrolled_at,enrollmentMethod\nF9FXQ1AAAA,2026-05-17T08:00:40Z,{at},abm\n"


def case(folder: Path, at: str = "", *, audit: bool = True) -> Path:
    """A case of two devices, one of which asked; its MDM row is enrolled at `at`."""
    folder.mkdir()
    (folder / "manifest.csv").write_text(MANIFEST)
    (folder / "mdm.csv").write_text(MDM.format(at=at))
    if audit:
        (folder / "audit.ndjson").write_text(AUDIT)
    return folder


def test_a_row_that_waits_and_one_that_does_not(run: Run, tmp_path: Path) -> None:
    """If this failed, the devices that wait would be counted and not named, or a sound rollout be blamed."""
    done = run("check", "audit", case(tmp_path / "bad"), "--as-of", "2026-05-17T12:00:00Z", "--format", "json")
    subjects = {each["name"]: each for each in json.loads(done.stdout)["subjects"]}
    assert done.returncode == 1, done.stdout + done.stderr
    assert [each["id"] for each in subjects["F9FXQ1AAAA"]["findings"]] == ["audit-waiting"]
    assert "1 requests of 1 devices" in subjects["audit ↔ inventory"]["seen"]
    good = run("check", "audit", case(tmp_path / "good", "2026-05-17T08:00:50Z"), "--as-of", "2026-05-17T12:00:00Z")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "F9FXQ1AAAA" in good.stdout


def test_what_was_not_read_is_no_failure(run: Run, tmp_path: Path) -> None:
    """If this failed, a case without an audit would look like one in which nobody asked."""
    done = run("check", "audit", case(tmp_path / "c", audit=False))
    assert (done.returncode, "was not read" in done.stdout) == (3, True), done.stdout + done.stderr
    assert run("check", "audit", "nowhere").returncode == 2
