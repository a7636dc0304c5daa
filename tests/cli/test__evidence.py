"""Commands record what they do, in the log that is named or in that of the project folder; and they say so."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run, case, run

from abm_trace.cli import _evidence
from abm_trace.core.errors import AbmTraceError, UsageError

__all__ = ["case", "run"]

SCHEMAS = Path(__file__).parents[2] / "docs/schema"
LOG_LINE = "2026-05-17 03:47:12.883 DEBUG com.apple.ManagedClient Preparing for enrollment…\n"


def new(run: Run, store: str) -> None:
    """A log."""
    done = run("evidence", "key", "new", store, "--origin", "acme.example/evidence", "--actor", "ann")
    assert done.returncode == 0, done.stderr


def records(run: Run, store: str, kind: str) -> list[dict[str, object]]:
    """The records of this kind."""
    found = run("evidence", "log", store, "--format", "ndjson", "--kind", kind).stdout.splitlines()
    return [json.loads(line) for line in found]


def test_a_named_log(run: Run, case: Path) -> None:
    """If this failed, the inputs and verdicts of a triage would not be on record, or be kept again each time."""
    new(run, "ev")
    done = run("triage", case, "--evidence", "ev", "--format", "ndjson")
    assert done.returncode == 1
    files = len(records(run, "ev", "raw"))
    assert files == sum(path.is_file() for path in case.rglob("*"))
    assert f"{files:,} files kept, 0 in it already" in done.stderr
    (verdicts,) = records(run, "ev", "verdict")
    kept = run("evidence", "log", "ev", "--bytes", verdicts["index"]).stdout
    assert kept.splitlines() == done.stdout.splitlines(), "what was said is what is on record"
    again = run("triage", case, "--evidence", "ev")
    assert f"0 files kept, {files:,} in it already" in again.stderr
    assert len(records(run, "ev", "raw")) == files
    assert len(records(run, "ev", "verdict")) == 2
    assert run("evidence", "verify", "ev").returncode == 0


def test_the_project_folder(run: Run, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, work in a project would leave no trace, and nobody would be told."""
    assert "evidence" not in run("triage", case).stderr, "off where there is no project"
    (tmp_path / ".abm-trace").mkdir()
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    done = run("triage", case)
    assert done.returncode == 1
    assert "evidence: NOT KEPT: this project has no log yet; make it: abm-trace evidence key new" in done.stderr
    new(run, str(tmp_path / ".abm-trace/evidence"))
    assert "evidence: verdicts are record" in run("triage", case).stderr
    assert "evidence" not in run("triage", case, "--no-evidence").stderr
    assert len(records(run, "../.abm-trace/evidence", "verdict")) == 1
    (tmp_path / "abm-trace.toml").write_text('[evidence]\nstore = "kept"\n')
    assert "no log yet" in run("triage", case).stderr
    new(run, str(tmp_path / "kept"))
    assert f"of {tmp_path}/kept" in run("triage", case).stderr
    for text in ("[evidence", "[evidence]\nstore = 1\n", "evidence = 1\n"):
        (tmp_path / "abm-trace.toml").write_text(text)
        assert run("triage", case).returncode == 2, text
        assert run("triage", case, "--no-evidence").returncode == 1


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away")
def test_somebody_elses_project_is_none(tmp_path: Path) -> None:
    """If this failed, whoever may write above a folder could switch evidence on, or point it elsewhere."""
    (tmp_path / ".abm-trace").mkdir()
    assert _evidence.project(tmp_path) == tmp_path
    os.chown(tmp_path / ".abm-trace", 65534, 65534)
    assert _evidence.project(tmp_path) != tmp_path


def test_a_check_is_on_record(run: Run) -> None:
    """If this failed, nobody could show that a step was done, and what came out."""
    new(run, "ev")
    Path("boot.log").write_text(LOG_LINE)
    done = run("check", "--evidence", "ev", "boot-log", "boot.log")
    assert done.returncode == 3, "neither a failure nor a registration stands in it"
    (found,) = records(run, "ev", "check")
    act = json.loads(run("evidence", "log", "ev", "--bytes", found["index"]).stdout)
    Draft202012Validator(json.loads((SCHEMAS / "act-1.json").read_text())).validate(act)
    assert act["words"] == ["--evidence", "ev", "boot-log", "boot.log"]
    assert (act["code"], act["output"]) == (3, done.stdout)
    run("check", "--evidence", "ev", "boot-log", "--help")
    run("check", "--evidence", "ev", "boot-log", "nowhere.log")
    assert len(records(run, "ev", "check")) == 1, "help, and what could not be looked at, is no check"


def marked(run: Run, case: Path, *more: str) -> "tuple[int, str]":
    """The exit code of marking some finding, and what was said."""
    lines = run("triage", case, "--no-evidence", "--format", "ndjson").stdout.splitlines()
    verdict = next(each for each in map(json.loads, lines) if each.get("findings"))
    words = (verdict["serial"], verdict["findings"][0]["id"], "confirmed", "--why", "seen")
    done = run("mark", *words, "--case", case, "--by", "ann", "--marks", "marks.ndjson", *more)
    return done.returncode, done.stderr


def test_a_mark_is_on_record_before_it_is_made(run: Run, case: Path) -> None:
    """If this failed, a person's judgement could be made without an audit record (R15)."""
    new(run, "ev")
    assert marked(run, case, "--evidence", "ev")[0] == 0
    (found,) = records(run, "ev", "action")
    mark = run("evidence", "log", "ev", "--bytes", found["index"]).stdout
    assert mark == Path("marks.ndjson").read_text()
    Path(".abm-trace").mkdir()
    code, said = marked(run, case)
    assert code == 0
    assert "NOT RECORDED: this project has no log yet" in said
    Path("ev").rename(".abm-trace/evidence")
    Path("ev.lock").rename(".abm-trace/evidence.lock")
    code, said = marked(run, case)  # Its keys are gone: nothing can be signed.
    assert code == 2
    assert "the key is missing" in said
    assert len(Path("marks.ndjson").read_text().splitlines()) == 2
    shutil.rmtree(".abm-trace/evidence")
    assert marked(run, case)[0] == 2, "a log that is gone is none that never was"
    assert len(Path("marks.ndjson").read_text().splitlines()) == 2


@pytest.fixture
def read_only(run: Run) -> Iterator[Path]:
    """A log that can be read and not written."""
    base = Path(tempfile.mkdtemp())
    new(run, str(base / "ev"))
    for path in (*base.rglob("*"), base):
        path.chmod(0o555 if path.is_dir() else 0o444)
    base.chmod(0o555)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root:
        for path in (base / "ev.keys").iterdir():
            path.chmod(0o600)
            os.chown(path, 65534, 65534)
        os.seteuid(65534)
    yield base / "ev"
    if is_root:
        os.seteuid(0)
    for path in (base, *base.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(base)


def test_a_log_that_cannot_be_written_to(read_only: Path, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, an action would be done without its record, or a triage would not be there at 04:00 (R15)."""
    log = _evidence.Log(read_only, is_named=False)
    with pytest.raises(AbmTraceError):
        log.act("mark", b"{}", "mark.json")
    assert _evidence.attempt(log, lambda each: each.record("check", "check", b"{}", "x")) is None
    named = _evidence.Log(read_only, is_named=True)
    assert _evidence.attempt(named, lambda each: each.record("check", "check", b"{}", "x"))
    with pytest.raises(AbmTraceError):
        named.check()


def test_a_triage_is_there_and_says_that_it_is_not_kept(run: Run, case: Path) -> None:
    """If this failed, a log that is full or read-only would cost the verdict, or pass for one that has it (R15)."""
    right = run("triage", case, "--format", "ndjson")
    Path(".abm-trace").mkdir()
    new(run, ".abm-trace/evidence")
    staging = Path(".abm-trace/evidence/private/staging.db")
    staging.unlink()
    staging.mkdir()
    done = run("triage", case, "--format", "ndjson")
    assert (done.returncode, done.stdout) == (right.returncode, right.stdout)
    assert "evidence: NOT KEPT: " in done.stderr
    named = run("triage", case, "--format", "ndjson", "--evidence", ".abm-trace/evidence")
    assert (named.returncode, named.stdout) == (2, "")
    assert "staging.db" in named.stderr
    assert run("triage", case, "--evidence", "nowhere").returncode == 2


def test_both_words_contradict() -> None:
    """If this failed, one of two words would be obeyed and the other not."""
    with pytest.raises(UsageError):
        _evidence.asked(Path("ev"), none=True)


def test_a_fault_leaves_no_record(run: Run) -> None:
    """If this failed, a check that broke would stand in the log as one that was made."""
    new(run, "ev")
    log = _evidence.Log(Path("ev"), is_named=True)
    with pytest.raises(ZeroDivisionError), _evidence.checking(log, "check", []):
        raise ZeroDivisionError
    with pytest.raises(click.exceptions.Exit), _evidence.checking(log, "check", []):
        raise click.exceptions.Exit(1)
    assert records(run, "ev", "check") == []
