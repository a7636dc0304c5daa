"""`abm-trace evidence key`."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_trace.cli.evidence import _options
from abm_trace.core import instants
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.staging import Staging


@pytest.mark.parametrize(
    "words", [("--origin", "with blanks"), ("--origin", "x", "--days-min", "89"), ("--origin", "x", "--days-max", "9")]
)
def test_refused(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a log could be made that keeps evidence for less than 90 days, or that no note can name."""
    assert run("evidence", "key", "new", "ev", *words).returncode == 2
    assert not Path("ev").exists()


def test_rotation(run: Run, log: Path) -> None:
    """If this failed, a key could not be replaced, or the only one be retired."""
    old = run("evidence", "key", "list", "ev").stdout.strip()
    new = run("evidence", "key", "add", "ev", "--reason", "rotation").stdout.strip()
    assert run("evidence", "key", "list", "ev").stdout.splitlines() == [old, new]
    done = run("evidence", "key", "retire", "ev", old.split("+")[1], "--reason", "rotation")
    assert done.returncode == 0, done.stderr
    assert run("evidence", "key", "list", "ev").stdout.strip() == new
    for key in (old, new):
        assert run("evidence", "verify", "ev", "--key", key).returncode == 0
    assert run("evidence", "key", "retire", "ev", new.split("+")[1], "--reason", "x").returncode == 2
    assert run("evidence", "key", "retire", "ev", "00000000", "--reason", "x").returncode == 2
    assert run("evidence", "key", "add", "ev", "--reason", "x", "--command", "false").returncode == 2


def test_a_key_that_the_log_refuses(run: Run, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a signing key that no record names would lie about."""
    before = sorted(Path("ev.keys").iterdir())

    def full(*_: object) -> None:
        raise EvidenceError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(Staging, "ingest", full)
        assert run("evidence", "key", "add", "ev", "--reason", "rotation").returncode == 2
    assert sorted(Path("ev.keys").iterdir()) == before
    with monkeypatch.context() as patched:
        patched.setattr(Staging, "clear", full)  # Signed already.
        assert run("evidence", "key", "add", "ev", "--reason", "rotation").returncode == 2
    assert len(sorted(Path("ev.keys").iterdir())) == len(before) + 2
    assert len(run("evidence", "key", "list", "ev").stdout.splitlines()) == 2


def test_only_once(run: Run, log: Path) -> None:
    """If this failed, a log could be made anew over another."""
    done = run("evidence", "key", "new", "ev", "--origin", "x")
    assert (done.returncode, "already" in done.stderr) == (2, True)


def test_a_log_begins_in_order_of_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a new log would say that its clock was set back."""
    ticks = iter(range(1_767_225_600, 1_767_225_700))
    monkeypatch.setattr(_options, "now", lambda: next(ticks) * instants.SECOND)
    assert run("evidence", "key", "new", "ev", "--origin", "acme.example/evidence").returncode == 0
    found = run("evidence", "log", "ev", "--format", "ndjson").stdout.splitlines()
    assert len({json.loads(line)["entry"]["t"] for line in found}) == 1


@pytest.mark.parametrize("words", [("--days-min", "99999999"), ("--days-min", "90", "--days-max", "99999999")])
def test_a_retention_beyond_reason(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a log would begin that ends each purge, and its check, with a fault of the program."""
    done = run("evidence", "key", "new", "ev", "--origin", "x", *words)
    assert (done.returncode, "36,500" in done.stderr) == (2, True)
    assert not Path("ev").exists()


@pytest.mark.parametrize("words", [("--keys", "ev/keys"), ("--lock", "ev/lock.db")])
def test_keys_and_lock_stand_beside_the_store(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a log would begin that its own check calls broken, and copies would hold its keys."""
    done = run("evidence", "key", "new", "ev", "--origin", "x", *words)
    assert (done.returncode, "is in the store" in done.stderr) == (2, True)
    assert not Path("ev").exists()


def test_modes_of_a_new_log(run: Run) -> None:
    """If this failed, others could change a log that was made under a mask of theirs."""
    old = os.umask(0)
    try:
        assert run("evidence", "key", "new", "ev", "--origin", "x").returncode == 0
        Path("a").write_text("a")
        assert run("evidence", "add", "ev", "a").returncode == 0
    finally:
        os.umask(old)
    found = [Path("ev"), *Path("ev").rglob("*"), Path("ev.lock"), *Path("ev.keys").rglob("*")]
    assert [(path, path.stat().st_mode) for path in found if path.stat().st_mode & 0o022] == []


@pytest.mark.parametrize("actor", ["anna@clinic.example", "+49 170 1234567", "password hunter2", "F9FCF3XURE"])
def test_who_must_not_be_named(actor: str, run: Run) -> None:
    """If this failed, a person or a device would stand in each bundle of the log for ever."""
    done = run("evidence", "key", "new", "ev", "--origin", "x", "--actor", actor)
    assert (done.returncode, "--actor: names a device" in done.stderr) == (2, True)
    assert not Path("ev").exists()
