"""`abm-trace check boot-log`."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

HEAD = "2026-05-17T03:47:{second}.000Z INFO com.apple.DeviceManagement.Enrollment {message}\n"
FAILED = 'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "x"'
OTHER = 'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4002 "Busy"'
REGISTERED = "ABMDeviceRegistered"


def log(path: Path, *messages: str) -> Path:
    """A log of these messages, two seconds apart."""
    path.write_text(
        "".join(HEAD.format(second=f"{10 + 2 * number}", message=each) for number, each in enumerate(messages))
    )
    return path


@pytest.mark.parametrize(
    ("messages", "code", "says"),
    [
        ((FAILED,), 1, "boot.log:1: registration failed"),
        ((OTHER,), 1, "boot.log:1: registration failed"),
        ((REGISTERED, FAILED), 1, "boot.log:2: registration failed"),
        ((FAILED, REGISTERED), 0, "boot.log:2: registered"),
        (("Preparing for enrollment…",), 0, "neither a failure nor a registration"),
        ((f"quoted: {FAILED}", REGISTERED), 0, "boot.log:2: registered"),
        ((f"{FAILED} serial=F9FXQ1ABCD", f"{REGISTERED} serial=F9FXQ1ABCE"), 1, "boot.log:1: registration failed"),
    ],
)
def test_failure_that_stands(messages: tuple[str, ...], code: int, says: str, run: Run, tmp_path: Path) -> None:
    """If this failed, a failed boot would pass, or one that was made good would be stopped."""
    done = run("check", "boot-log", log(tmp_path / "boot.log", *messages), COLUMNS="200")
    assert (done.returncode, says in " ".join(done.stdout.split())) == (code, True), done.stdout + done.stderr


def test_nothing_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong file would look like a healthy boot."""
    (tmp_path / "x.bin").write_bytes(b"\x00\xff" * 99)
    done = run("check", "boot-log", "x.bin", "nowhere.log")
    assert done.returncode == 3
    assert "x.bin" in done.stderr
    assert "nowhere.log: does not exist" in done.stderr
