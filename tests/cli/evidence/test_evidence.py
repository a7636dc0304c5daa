"""`abm-trace evidence`: its list, and errors that say what to do."""

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Run, case
from tests.cli.evidence.conftest import Clock

__all__ = ["case"]

SUBCOMMANDS = ("key", "add", "log", "verify", "hold", "release", "purge", "stamp")


def test_list(run: Run) -> None:
    """If this failed, nobody would find a subcommand."""
    done = run("evidence", "--help")
    assert all(f"\n  {name} " in done.stdout for name in SUBCOMMANDS)
    assert run("evidence", "nonsense").returncode == 2


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_has_an_example(name: str, run: Run) -> None:
    """If this failed, a help text would leave its reader to guess."""
    done = run("evidence", name, "--help")
    assert done.returncode == 0
    assert "For example" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("add", "nowhere", "."), ("hold", "nowhere", "--reason", "x"),
        ("release", "nowhere", "1", "--second", "x", "--reason", "x"),
        ("purge", "nowhere", "--due", "--reason", "x"), ("log", "nowhere"), ("verify", "nowhere"),
        ("stamp", "nowhere", "--query", "q"), ("key", "list", "nowhere"),
    ],
)  # fmt: skip
def test_no_log(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a mistyped name would make a crash, or a log."""
    done = run("evidence", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("abm-trace: ")


HSM = """
import pathlib, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
if pathlib.Path("broken").exists(): sys.exit(7)
if pathlib.Path("once").exists(): pathlib.Path("once").rename("broken")
key = load_pem_private_key(pathlib.Path(sys.argv[1]).read_bytes(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))
"""


def entries(run: Run) -> list[object]:
    """What the log says."""
    return [json.loads(line) for line in run("evidence", "log", "ev", "--format", "ndjson").stdout.splitlines()]


def in_an_hsm(run: Run) -> None:
    """From here on a program alone signs, which fails while there is a file `broken`."""
    (old,) = run("evidence", "key", "list", "ev").stdout.split()
    made = run("evidence", "key", "new", "hsm", "--origin", "acme.example/evidence").stdout.strip()
    Path("hsm.py").write_text(HSM)
    command = shlex.join([sys.executable, "hsm.py", *map(str, Path("hsm.keys").glob("*.pem"))])
    words = ("evidence", "key", "add", "ev", "--command", command, "--key", made, "--reason", "rotation")
    assert run(*words).returncode == 0
    assert run("evidence", "key", "retire", "ev", old.split("+")[1], "--reason", "rotation").returncode == 0


def mode(run: Run) -> Callable[[], None]:
    """Others can read the key; what comes back mends it."""
    (pem,) = Path("ev.keys").glob("*.pem")
    pem.chmod(0o644)
    return lambda: pem.chmod(0o600)


def missing(run: Run) -> Callable[[], None]:
    """The key is gone."""
    keys = Path("ev.keys").rename("elsewhere")

    def mend() -> None:
        keys.rename("ev.keys")

    return mend


def folder(run: Run) -> Callable[[], None]:
    """Others can change the folder of the keys."""
    Path("ev.keys").chmod(0o777)
    return lambda: Path("ev.keys").chmod(0o700)


def hsm(run: Run) -> Callable[[], None]:
    """The program that signs fails when it is asked to."""
    in_an_hsm(run)
    Path("broken").touch()
    return Path("broken").unlink


REFUSED: dict[str, tuple[str, ...]] = {
    "add": ("evidence", "add", "ev", "b.log"),
    "hold": ("evidence", "hold", "ev", "--reason", "matter 2"),
    "release": ("evidence", "release", "ev", "3", "--second", "bo", "--actor", "cy", "--reason", "done"),
    "purge": ("evidence", "purge", "ev", "--index", "2", "--reason", "x"),
    "key add": ("evidence", "key", "add", "ev", "--reason", "rotation"),
    "bundle": ("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit"),
    "mark": ("mark", "--evidence", "ev", "--by", "ann", "--marks", "marks.ndjson", "--why", "seen"),
    "triage": ("triage", "--evidence", "ev"),
    "check": ("check", "--evidence", "ev", "boot-log", "boot.log"),
}


@pytest.fixture
def held(run: Run, log: Path, day: Clock) -> None:
    """A log with an input that is old enough to be purged, and with a hold that could be lifted."""
    Path("a.log").write_bytes(b"a\n")
    Path("b.log").write_bytes(b"b\n")
    Path("boot.log").write_text("2026-05-17 03:47:12.883 DEBUG com.apple.ManagedClient Preparing for enrollment\n")
    assert run("evidence", "add", "ev", "a.log").returncode == 0
    assert run("evidence", "hold", "ev", "--index", "0", "--reason", "matter 1", "--actor", "ann").returncode == 0
    day(100)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("cause", [mode, missing, folder, hsm])
@pytest.mark.parametrize("name", REFUSED)
def test_what_was_refused_never_happens(
    name: str, cause: Callable[[Run], Callable[[], None]], run: Run, case: Path
) -> None:
    """If this failed, a hold would be lifted, or bytes be deleted, by a command that had failed (R15)."""
    words = REFUSED[name]
    if name in {"mark", "triage"}:
        words = (*words, *(["--case", str(case)] if name == "mark" else [str(case)]))
    if name == "mark":
        found = run("triage", case, "--no-evidence", "--format", "ndjson").stdout.splitlines()
        verdict = next(each for each in map(json.loads, found) if each.get("findings"))
        words = (words[0], verdict["serial"], verdict["findings"][0]["id"], "confirmed", *words[1:])
    mend = cause(run)
    before = entries(run)
    done = run(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not Path("marks.ndjson").exists()
    assert not Path("b.tar").exists()
    mend()
    assert run("evidence", "add", "ev", "boot.log").returncode == 0
    after = entries(run)
    assert after[:-1] == before, "the next command finished what was refused"
    assert run("evidence", "log", "ev", "--bytes", "2").stdout == "a\n"
    report = run("evidence", "verify", "ev")
    assert report.returncode == 0, report.stdout


@pytest.mark.parametrize("words", [("evidence", "add", "ev", "--trace"), ("triage", "--evidence", "ev")])
def test_what_is_kept_before_a_failure_is_said(words: tuple[str, ...], run: Run, log: Path, case: Path) -> None:
    """If this failed, a command that failed half way would look as if it had kept nothing."""
    in_an_hsm(run)
    Path("once").touch()
    before = len(entries(run))
    done = run(*words, case)
    files = sum(path.is_file() for path in case.rglob("*"))
    assert done.returncode == 2
    assert f"kept and signed before that: {files} records\n" in done.stderr
    Path("broken").unlink()
    assert run("evidence", "hold", "ev", "--reason", "x").returncode == 0
    assert len(entries(run)) == before + files + 1, "the verdicts are not on record"
    assert not run("evidence", "log", "ev", "--kind", "verdict").stdout


@pytest.mark.parametrize("name", ["triage", "check"])
def test_what_a_project_could_not_keep_is_not_kept_later(name: str, run: Run, log: Path, case: Path) -> None:
    """If this failed, what was said to be NOT KEPT would be on record later."""
    Path("boot.log").write_text("2026-05-17 03:47:12.883 DEBUG com.apple.ManagedClient Preparing for enrollment\n")
    Path("abm-trace.toml").write_text('[evidence]\nstore = "ev"\n')
    before = entries(run)
    mend = mode(run)
    done = run(*(("triage", case) if name == "triage" else ("check", "boot-log", "boot.log")))
    assert "NOT KEPT" in done.stderr
    mend()
    run("evidence", "add", "ev", "boot.log")
    assert entries(run)[:-1] == before


@pytest.mark.parametrize(
    "words",
    [("bundle", "ev", "--reason", "x", "--out"), ("stamp", "ev", "--query"), ("sample", "ev", "--seed", "1", "--out")],
)
def test_nothing_is_written_over_the_log(words: tuple[str, ...], run: Run, log: Path) -> None:
    """If this failed, one mistyped name would end a log for ever."""
    Path("link").symlink_to("ev")
    files = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and "private" not in path.parts}
    pem = str(next(Path("ev.keys").glob("*.pem")))
    for name in ("ev.lock", "ev.lock-journal", "ev/checkpoint", "ev/tile/x.tar", "link/x", "ev.keys/x", pem, "ev"):
        for force in ((), ("--force",)):
            done = run("evidence", *words, name, *force)
            assert done.returncode == 2, name
            if words[0] != "sample":  # This log has no verdicts to draw from, which is said first.
                assert f"{words[-1]} {name}: is in the log itself" in done.stderr
    left = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and "private" not in path.parts}
    assert left == files


def test_a_file_is_replaced_with_force_alone(run: Run, log: Path) -> None:
    """If this failed, somebody's file would be lost without a word."""
    for words in (("bundle", "ev", "--reason", "x", "--out", "victim"), ("stamp", "ev", "--query", "victim")):
        Path("victim").write_text("somebody's")
        done = run("evidence", *words)
        assert (done.returncode, "victim: is there already" in done.stderr) == (2, True)
        assert Path("victim").read_text() == "somebody's"
        assert run("evidence", *words, "--force").returncode == 0
        assert Path("victim").read_bytes() != b"somebody's"


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("hold", "ev", "--reason", " x"), "--reason"),
        (("hold", "ev", "--reason", ""), "--reason"),
        (("purge", "ev", "--due", "--reason", "x" * 501), "--reason"),
        (("bundle", "ev", "--out", "b.tar", "--reason", "a\nb"), "--reason"),
        (("key", "add", "ev", "--reason", "\x1b[2J"), "--reason"),
        (("hold", "ev", "--reason", "x", "--actor", "a\tb"), "--actor"),
        (("release", "ev", "1", "--second", "x" * 101, "--reason", "x"), "--second"),
        (("add", "ev", __file__, "--source", "F9FXQ1ABCD"), "--source"),
    ],
)
def test_a_text_that_is_none_is_named(words: tuple[str, ...], option: str, run: Run, log: Path) -> None:
    """If this failed, nobody would know which of the options to mend."""
    done = run("evidence", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"abm-trace: {option} ")
    assert f"Example: {option} " in done.stderr
    assert "\x1b" not in done.stderr
    assert len(entries(run)) == 2
    assert len(list(Path("ev.keys").glob("*.pem"))) == 1
