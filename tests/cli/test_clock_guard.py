"""`abm-trace clock-guard`: the program itself, with its clock set wrong by libfaketime, against a real chronyd."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run, new_log, records
from tests.net.chrony import faketime, serving, surely

from abm_trace.net.sntp import Server

PROGRAM = (sys.executable, "-m", "abm_trace.cli", "clock-guard")
ROOT = Path(__file__).parents[2]
UNIT = ROOT / "packaging/lib/systemd/system/abm-clock-guard.service"


def once(server: Server, env: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    """One look of the real program."""
    words = [*PROGRAM, "--once", "--server", str(server), *more]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **env})


@pytest.mark.parametrize(
    ("shift", "code", "way"),
    [("+5.78s", 0, "ahead"), ("-5.78s", 0, "behind"), ("+5.80s", 1, "ahead"), ("-5.80s", 1, "behind")],
)
def test_a_clock_at_the_limit(shift: str, code: int, way: str, tmp_path: Path) -> None:
    """If this failed, the exit code that holds a staging script would be wrong at the guide's limit."""
    env = faketime(shift)
    with serving(tmp_path) as server:
        done = surely(lambda: once(server, env))
    assert done.returncode == code, done.stdout + done.stderr
    said = re.search(r"this clock is (\d\.\d{3}) s (\w+), ± (\d\.\d{3}) s", done.stdout)
    assert said is not None, done.stdout
    assert said[2] == way
    # A busy machine takes some ms between asking and being answered, and says so by its bound.
    assert abs(float(said[1]) - float(shift[1:-1])) <= float(said[3]) + 0.002, done.stdout
    assert "5.79 s (guide)" in " ".join(done.stdout.split())
    assert ("stage nothing here" in done.stdout) is bool(code)


def test_nobody_answers(run: Run) -> None:
    """If this failed, a floor without a time server would be green."""
    done = run("clock-guard", "--once", "--server", "127.0.0.1:9")
    assert done.returncode == 3
    assert "? not sure" in done.stdout
    assert "127.0.0.1:9" in done.stdout


@pytest.mark.parametrize(
    "wrong", [["--server", "a:x"], ["--limit", "nan"], ["--interval", "0"], ["--hook", "'"], ["--nope"]]
)
def test_bad_usage(wrong: list[str], run: Run) -> None:
    """If this failed, a slip would look like a clock that is right or wrong."""
    assert run("clock-guard", "--once", *wrong).returncode == 2


def test_json_and_another_limit(tmp_path: Path, run: Run) -> None:
    """If this failed, a script could not read what was measured, or whose limit it was."""
    with serving(tmp_path) as server:
        done = run("clock-guard", "--once", "--server", server, "--limit", "0", "--format", "json")
    document = json.loads(done.stdout)
    Draft202012Validator(json.loads((ROOT / "docs/schema/clockguard-1.json").read_bytes())).validate(document)
    assert (document["schema"], document["limit_s"], document["limit_origin"]) == (
        "abm-trace/clockguard/1", 0, "--limit",
    )  # fmt: skip
    assert document["state"] == "not_sure"  # No measurement is exact to zero.
    assert done.returncode == 3
    (said,) = document["servers"]
    assert said["server"] == str(server)
    assert said["bound_s"] > 0


@contextmanager
def guarding(folder: Path, server: Server, env: dict[str, str], *more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The guard as a service, a look each second; it is told to stop at the end, and must then end well."""
    words = [*PROGRAM, "--server", str(server), "--interval", "1", "--status-file", str(folder / "status.json"), *more]
    with subprocess.Popen(words, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            out, error = process.communicate(timeout=60)
            sys.stderr.write((out + error).decode())
    assert process.returncode == 0, error


def state_of(folder: Path) -> str:
    """The state in the status file, "" while there is none."""
    try:
        return str(json.loads((folder / "status.json").read_bytes())["state"])
    except FileNotFoundError:
        return ""


def wait_for(folder: Path, state: str) -> None:
    """Until the guard says so."""
    end_at = time.monotonic() + 60
    while state_of(folder) != state:
        assert time.monotonic() < end_at, f"{state_of(folder)!r} and never {state!r}"
        time.sleep(0.05)


def test_a_jump_in_mid_run(tmp_path: Path) -> None:
    """If this failed, a clock that is set while devices are staged would go unseen, or would block them for ever."""
    shift = tmp_path / "shift"
    shift.write_text("+0s\n")
    hook = f'{sys.executable} -c \'import sys; open(sys.argv[1], "a").write(sys.argv[2] + " ")\' {tmp_path}/hooked'
    with serving(tmp_path) as server, guarding(tmp_path, server, faketime(file=shift), "--hook", hook):
        wait_for(tmp_path, "clear")
        for jump, state in (("+5.80s", "blocked"), ("+5.78s", "clear"), ("-7200s", "blocked"), ("-5.78s", "clear")):
            shift.write_text(f"{jump}\n")
            wait_for(tmp_path, state)
    assert (tmp_path / "hooked").read_text().split() == ["clear", "blocked", "clear", "blocked", "clear"]
    assert not (tmp_path / "status.json").exists()  # An old yes must not stay behind.


def test_changes_are_on_record_at_the_right_time(tmp_path: Path, run: Run) -> None:
    """If this failed, a block could not be shown, or a clock two years ahead would date the log's records."""
    store = new_log(run, tmp_path / "ev")
    shift = tmp_path / "shift"
    shift.write_text("+730d\n")
    env = faketime(file=shift)
    with serving(tmp_path) as server, guarding(tmp_path, server, env, "--evidence", str(store)):
        wait_for(tmp_path, "blocked")
        time.sleep(2.5)  # Looks that change nothing.
        shift.write_text("+0s\n")
        wait_for(tmp_path, "clear")
    assert [each["state"] for each in records(run, store, "check")] == ["blocked", "clear"]
    done = run("evidence", "verify", store)
    assert done.returncode == 0, done.stdout  # It names what is dated later than now.


def test_a_log_that_refuses_is_told_and_the_floor_guarded(
    tmp_path: Path, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    """If this failed, a full disk would end the guard, or a look that is on no record would pass for one that is."""
    store = new_log(run, tmp_path / "ev")
    words = ("clock-guard", "--once", "--server", "127.0.0.1:9", "--evidence")
    assert run(*words, store).returncode == 3
    assert [each["state"] for each in records(run, store, "check")] == ["not_sure"]
    assert run(*words, tmp_path / "none").returncode == 2
    shift = tmp_path / "shift"
    shift.write_text("+0s\n")
    with serving(tmp_path) as server, guarding(tmp_path, server, faketime(file=shift), "--evidence", str(store)):
        wait_for(tmp_path, "clear")
        (tmp_path / "ev.lock").rename(tmp_path / "gone")
        shift.write_text("+60s\n")
        wait_for(tmp_path, "blocked")
        time.sleep(0.5)
    assert "evidence: NOT KEPT" in capfd.readouterr().err


def test_a_status_file_that_cannot_be_written_holds_no_block_up(
    tmp_path: Path, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    """If this failed, a full disk would end the guard in the very look in which the hook had to hold the floor."""
    done = run("clock-guard", "--once", "--server", "127.0.0.1:9", "--status-file", "/proc/none/status.json")
    assert done.returncode == 2
    assert "--status-file" in done.stderr
    (shift := tmp_path / "shift").write_text("+0s\n")
    (folder := tmp_path / "run").mkdir()
    hooked = tmp_path / "hooked"
    hook = f'{sys.executable} -c \'import sys; open(sys.argv[1], "a").write(sys.argv[2] + " ")\' {hooked}'
    with serving(tmp_path) as server, guarding(folder, server, faketime(file=shift), "--hook", hook):
        wait_for(folder, "clear")
        folder.rename(tmp_path / "gone")
        shift.write_text("+60s\n")
        end_at = time.monotonic() + 60
        while not hooked.exists() or "blocked" not in hooked.read_text():
            assert time.monotonic() < end_at
            time.sleep(0.05)
        folder.mkdir()
        wait_for(folder, "blocked")
    assert "status.json: cannot be written" in capfd.readouterr().err


def test_a_hook_that_fails_is_told(tmp_path: Path, run: Run) -> None:
    """If this failed, a hold that never took hold would go unseen."""
    for hook, says in (
        ("/nowhere/hold", "No such file"),
        (f"{sys.executable} -c 'raise SystemExit(4)'", "ended with 4"),
    ):
        done = run("clock-guard", "--once", "--server", "127.0.0.1:9", "--hook", hook)
        assert says in done.stderr
        assert done.returncode == 3


def test_systemd_is_told(tmp_path: Path) -> None:
    """If this failed, systemd would end the guard as a service that never came up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with serving(tmp_path) as server, guarding(tmp_path, server, env):
            said = listening.recv(1000).decode()
        assert "READY=1" in said
        assert "WATCHDOG=1" in said
        assert "STATUS=this clock is" in said


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    """If this failed, the service could not be started where it is installed."""
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("no systemd-analyze: this system has no systemd")
    text = UNIT.read_text()
    assert text.count("\nExecStart=abm-clock-guard ") == 1  # By name: pip puts it elsewhere than a distribution does.
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("=abm-clock-guard ", "=env "))  # It must be there to be verified.
    done = subprocess.run([verify, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert UNIT.name not in done.stderr, done.stderr
