"""`abm-trace guard`: the program itself, around real steps."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run, new_log, records
from tests.gates.guard.test_tree import GENERATIONS, lives
from tests.net.chrony import faketime

SCHEMAS = Path(__file__).parents[2] / "docs/schema"
PROGRAM = (sys.executable, "-m", "abm_trace.cli", "guard")
HEAD = "2026-05-17 03:47:12.883 INFO com.apple.DeviceManagement.Enrollment [ABM] "
SAY = f"def say(message): print({HEAD!r} + message, flush=True)\n"
PREPARING = "say('Preparing for enrollment…')\n"
REGISTERED = "say('ABMDeviceRegistered')\n"


def guard(
    folder: Path, *words: object, env: dict[str, str] | None = None, **more: object
) -> subprocess.CompletedProcess[str]:
    """The finished program, in a folder of its own."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # More by name.
        [*PROGRAM, *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
        **more,
    )


def python(code: str, *arguments: object) -> list[object]:
    """A step in Python."""
    return ["--", sys.executable, "-c", SAY + code, *arguments]


def test_a_tree_of_three_generations_with_a_daemon(tmp_path: Path) -> None:
    """If this failed, an aborted step would live on, or its evidence would not be a case."""
    step = PREPARING + GENERATIONS
    done = guard(tmp_path, "--limit", "1.5", "--device", "F9FXQ1ABCD", *python(step, tmp_path / "pids", 0))
    pids = [int(each) for each in (tmp_path / "pids").read_text().split()]
    assert done.returncode == 124, done.stderr
    assert len(pids) == 3
    assert [pid for pid in pids if lives(pid)] == []
    (run,) = (tmp_path / "abm-guard").iterdir()
    record = json.loads((run / "guard.json").read_text())
    assert sorted(each["pid"] for each in record["ended"]) == sorted(pids)
    assert record["survived"] == []
    Draft202012Validator(json.loads((SCHEMAS / "guard-1.json").read_bytes())).validate(record)
    assert record["devices"][0]["state"] == "silent"
    verdicts = [json.loads(line) for line in (run / "verdicts.ndjson").read_text().splitlines()]
    assert [each["serial"] for each in verdicts] == ["F9FXQ1ABCD"]
    assert done.stdout == f"{HEAD}Preparing for enrollment…\n"
    assert "Reimage F9FXQ1ABCD" in done.stderr
    words = ["triage", run / "case", "--as-of", record["as_of"], "--format", "ndjson"]
    again = subprocess.run([*PROGRAM[:-1], *words], capture_output=True, text=True, check=False)
    assert again.stdout == (run / "verdicts.ndjson").read_text()  # The kept case says the same to anybody.


@pytest.mark.slow
def test_45_seconds_while_the_clock_jumps(tmp_path: Path) -> None:
    """If this failed, a time server that sets the clock in mid-run would shorten or stretch the guide's 45 s (R10)."""
    shift = tmp_path / "shift"
    shift.write_text("+0s\n")
    words = [*PROGRAM, *map(str, python(PREPARING + "import signal; signal.pause()"))]
    with subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **faketime(file=shift)}
    ) as process:
        assert process.stdout
        assert "Preparing" in process.stdout.readline().decode()
        begun = time.monotonic()
        for jump in ("+3600s", "-3600s", "+86400s", "-86400s"):
            time.sleep(5)
            shift.write_text(f"{jump}\n")
        _, said = process.communicate(timeout=120)
        took_s = time.monotonic() - begun
    assert process.returncode == 124, said
    assert "45 s" in said.decode()
    (record,) = (tmp_path / "abm-guard").glob("*/guard.json")
    (device,) = json.loads(record.read_bytes())["devices"]
    assert 45 <= device["waited_s"] < min(took_s + 1, 300)


def test_the_run_is_on_record(tmp_path: Path, run: Run) -> None:
    """If this failed, a project's guard would leave no trace, or a step be run whose log takes nothing."""
    done = guard(tmp_path, "--evidence", "none", *python("open('ran', 'w')"))
    assert (done.returncode, (tmp_path / "ran").exists()) == (125, False)
    assert "is no evidence log" in done.stderr
    (tmp_path / ".abm-trace").mkdir()
    assert "evidence: NOT KEPT: this project has no log yet" in guard(tmp_path, *python("")).stderr
    store = new_log(run, tmp_path / ".abm-trace/evidence")
    assert guard(tmp_path, *python("raise SystemExit(7)")).returncode == 7
    (record,) = records(run, store, "action")
    assert (record["outcome"], record["code"]) == ("ended", 7)
    guard(tmp_path, "--no-evidence", *python(""))
    guard(tmp_path, "--dry-run", *python(""))
    assert len(records(run, store, "action")) == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(7)", 7),
        (PREPARING + REGISTERED + "raise SystemExit(2)", 2),
        ("import os; os.kill(os.getpid(), 15)", 143),
    ],
)
def test_the_code_is_the_commands(code: str, expected: int, tmp_path: Path) -> None:
    """If this failed, a script could not use its step under the guard."""
    assert guard(tmp_path, *python(code)).returncode == expected


STEP = "import time; time.sleep(1); " + PREPARING + REGISTERED + "open('done', 'w'); raise SystemExit(7)"


def test_a_reader_of_what_the_guard_says_that_goes_away_ends_no_step(tmp_path: Path) -> None:
    """If this failed, `guard … 2>&1 | head` would end the staging of a device in the middle."""
    words = [*PROGRAM, *map(str, python(STEP))]
    read, write = os.pipe()
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=write) as process:
        os.close(write)
        os.close(read)
    assert (process.returncode, (tmp_path / "done").exists()) == (7, True)


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"], ids=["stderr", "all"])
def test_what_is_closed_at_the_start_ends_no_step(closed: str, tmp_path: Path) -> None:
    """If this failed, a job of cron or launchd without streams would be ended, or read its own words as the log."""
    words = ["sh", "-c", f'"$@" {closed}', "sh", *PROGRAM, *map(str, python(STEP))]
    done = subprocess.run(words, cwd=tmp_path, stdout=subprocess.DEVNULL, check=False)
    assert (done.returncode, (tmp_path / "done").exists()) == (7, True)
    (log,) = tmp_path.glob("abm-guard/*/case/logs/stdout.log")
    assert log.read_text().count("Preparing") == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--nope", "--", "true"],
        ["--limit", "0", "--", "true"],
        ["--device", "../x", "--", "true"],
        ["--", "/nowhere/at/all"],
        ["--with", "nowhere", "--", "true"],
        ["--log", "nowhere/a.log", "--", "true"],
        ["--keep", "/dev/null/x", "--", "true"],
    ],
)
def test_every_fault_of_its_own_is_125(words: list[str], tmp_path: Path) -> None:
    """If this failed, a slip would look like the step's own code."""
    done = guard(tmp_path, *words)
    assert done.returncode == 125, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_125(tmp_path: Path) -> None:
    """If this failed, a crash of the guard would pass for a code of the step."""
    broken = (
        "from abm_trace.cli import main; from abm_trace.gates.guard import run\n"
        "def fail(_): raise RuntimeError('broken')\n"
        "run.Guard.run = fail; main(['guard', '--', 'true'], prog_name='abm-trace')"
    )
    words = [sys.executable, "-c", broken]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 125
    assert "RuntimeError: broken" in done.stderr
    assert "a fault of abm-trace, not of the step" in done.stderr


def test_nothing_was_guarded(tmp_path: Path) -> None:
    """If this failed, a guard at the wrong log would look as if all went well."""
    assert "nothing was guarded" in guard(tmp_path, *python("say('x')")).stderr


def test_a_device_that_was_still_waiting_is_told(tmp_path: Path) -> None:
    """If this failed, a step that ends too soon would look as if its device had registered."""
    done = guard(tmp_path, *python(PREPARING))
    assert done.returncode == 0
    assert "had not registered when the step ended" in " ".join(done.stderr.split())


def test_refused_until_rebuilt(tmp_path: Path) -> None:
    """If this failed, a tired hand would try the device again."""
    silent = [*python(PREPARING + "import time; time.sleep(600)")]
    assert guard(tmp_path, "--limit", "0.5", "--device", "F9FXQ1ABCD", *silent).returncode == 124
    marker = tmp_path / "ran"
    step = ["--", "touch", marker]
    for words in (["--device", "f9fxqiabcd"], ["--device", "SF9FXQ1ABCD"], ["--dry-run", "--device", "F9FXQ1ABCD"]):
        done = guard(tmp_path, *words, *step)
        assert done.returncode == 125
        assert "--rebuilt" in done.stdout + done.stderr
    assert not marker.exists()
    assert guard(tmp_path, "--device", "F9FXQ1ABCD", "--rebuilt", *step).returncode == 0
    assert marker.exists()


def test_a_dry_run_says_all_by_name_and_does_nothing(tmp_path: Path) -> None:
    """If this failed, nobody could see what the guard would do before it does it."""
    (tmp_path / "dev.log").write_text("")
    (tmp_path / "manifest.csv").write_text("serial\n")
    before = sorted(tmp_path.iterdir())
    done = guard(tmp_path, "--dry-run", "--log", "dev.log", "--with", "manifest.csv", "--", "touch", "a b")
    page = " ".join(done.stdout.split())
    assert done.returncode == 0
    for name in ("touch 'a b'", "dev.log", "45 s (guide)", "abm-guard/", "manifest.csv", "nothing has been run"):
        assert name in page
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1], ids=lambda each: each.name)
def test_stopped_from_outside(number: signal.Signals, tmp_path: Path) -> None:
    """If this failed, whoever ends the guard would leave the step and its daemons running."""
    words = [*PROGRAM, *map(str, python(GENERATIONS, tmp_path / "pids", 0))]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        end_at = time.monotonic() + 30
        while len(pids := (tmp_path / "pids").read_text().split() if (tmp_path / "pids").exists() else []) < 3:
            assert time.monotonic() < end_at
            time.sleep(0.05)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert [pid for pid in pids if lives(int(pid))] == []


def test_hostile_text_is_shown_harmless(tmp_path: Path) -> None:
    """If this failed, a log under the guard could steer the technician's terminal (R20)."""
    name = "\x1b[2J\u202e.log"
    code = "open(sys.argv[1], 'a').write(" + repr(HEAD + "Preparing for enrollment…\n") + ")"
    done = guard(tmp_path, "--limit", "0.5", "--log", name, "--", sys.executable, "-c", f"import sys; {code}", name)
    assert done.returncode == 124
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr


def test_help_names_every_exit_code(run: Run) -> None:
    """If this failed, a script's author would have to guess what 124 and 125 mean."""
    page = run("guard", "--help").stdout
    assert "124  aborted" in page
    assert "125  the guard's own" in page
