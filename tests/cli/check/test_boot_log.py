"""`abm-trace check boot-log`."""

import json
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
        ((FAILED,), 1, "boot.log:1 error: registration failed"),
        ((OTHER,), 1, "boot.log:1 error: registration failed"),
        ((REGISTERED, FAILED), 1, "boot.log:2 error: registration failed"),
        ((FAILED, REGISTERED), 0, "boot.log:2: registered"),
        (("Preparing for enrollment…",), 3, "neither a failure nor a registration"),
        ((f"quoted: {FAILED}", REGISTERED), 0, "boot.log:2: registered"),
        (
            (f"{FAILED} serial=F9FXQ1ABCD", f"{REGISTERED} serial=F9FXQ1ABCE"),
            1,
            "boot.log:1 error: registration failed",
        ),
    ],
)
def test_failure_that_stands(messages: tuple[str, ...], code: int, says: str, run: Run, tmp_path: Path) -> None:
    """If this failed, a failed boot would pass, or one that was made good would be stopped."""
    done = run("check", "boot-log", log(tmp_path / "boot.log", *messages), COLUMNS="200")
    assert (done.returncode, says in " ".join(done.stdout.split())) == (code, True), done.stdout + done.stderr


def test_silence_is_no_success(run: Run, tmp_path: Path) -> None:
    """If this failed, a script would go on with a device whose boot says nothing, because another one's is fine."""
    good, silent = log(tmp_path / "good.log", REGISTERED), log(tmp_path / "silent.log", "Preparing for enrollment…")
    assert run("check", "boot-log", good).returncode == 0
    assert run("check", "boot-log", good, silent).returncode == 3
    assert run("check", "boot-log", good, silent, log(tmp_path / "bad.log", FAILED)).returncode == 1


def test_json(run: Run, tmp_path: Path) -> None:
    """If this failed, a program would have to read the sentences, or could not find the line."""
    done = run("check", "boot-log", log(tmp_path / "boot.log", REGISTERED, FAILED), "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"], document["state"]) == (1, "abm-trace/check/1", "bad")
    [subject] = document["subjects"]
    [finding] = subject["findings"]
    assert (finding["id"], finding["layer"]) == ("boot-failed", "L6")
    assert finding["evidence"] == [f"{tmp_path}/boot.log:2"]
    assert 'Code=4001 "x"' in finding["text"]
    assert finding["do"]


def test_nothing_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong file would look like a healthy boot."""
    (tmp_path / "x.bin").write_bytes(b"\x00\xff" * 99)
    done = run("check", "boot-log", "x.bin", "nowhere.log")
    assert done.returncode == 3
    assert "x.bin" in done.stderr
    assert "nowhere.log: does not exist" in done.stderr
