"""`abm-trace mark`: a person's judgement beside the machine's, which stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def worst(case: Path, run: Run) -> dict[str, Any]:
    """A vanished device whose layer is proved by a signature."""
    lines = [json.loads(line) for line in run("triage", case, "--format", "ndjson").stdout.splitlines()]
    return next(
        line
        for line in lines
        if line.get("verdict") == "vanished" and line["layer"] and line["findings"][0]["kind"] == "signature"
    )


def marking(worst: dict[str, Any], case: Path, judgement: str = "false-positive", *more: str) -> list[object]:
    """The words of a mark of the device's first finding."""
    finding = worst["findings"][0]["id"]
    return ["mark", worst["serial"].lower(), finding, judgement, "--case", case, "--marks", "m.ndjson", *more]


def test_a_mark_stands_beside_the_finding_and_changes_no_verdict(worst: dict[str, Any], case: Path, run: Run) -> None:
    """If this failed, what a person knows would be lost, or would pass for evidence."""
    before = run("triage", case, "--format", "ndjson").stdout
    done = run(*marking(worst, case, "false-positive", "--why", "our \x1b[31m own proxy", "--by", "anna"))
    assert (done.returncode, done.stdout) == (0, "")
    assert "the verdict stays vanished" in done.stderr
    (mark,) = [json.loads(line) for line in Path("m.ndjson").read_text().splitlines()]
    assert mark["serial"] == worst["serial"]
    assert mark["digests"][0] == worst["findings"][0]["evidence"][0]["sha256"]
    shown = run("explain", worst["serial"], "--case", case, "--marks", "m.ndjson").stdout
    assert "\x1b" not in shown
    shown = " ".join(shown.split())
    assert "anna called it a FALSE POSITIVE" in shown
    assert "marked right so far: 0 of 1 (0 %, 0–79)" in shown
    assert "our \\u001b[31m own proxy; the verdict does not change by this" in shown
    assert run("triage", case, "--format", "ndjson").stdout == before


def test_to_change_ones_mind_is_another_mark(worst: dict[str, Any], case: Path, run: Run) -> None:
    """If this failed, an error of a person would stand for ever, or nobody would see that there was one."""
    run(*marking(worst, case, "false-positive", "--why", "proxy", "--by", "anna"))
    done = run(*marking(worst, case, "confirmed", "--why", "no proxy there", "--by", "bob"))
    assert "it was false-positive by anna before" in done.stderr
    assert len(Path("m.ndjson").read_text().splitlines()) == 2
    shown = run("explain", worst["serial"], "--case", case, ABM_TRACE_MARKS="m.ndjson").stdout
    assert "bob called it right" in shown
    assert "anna" not in shown
    assert "marked right so far: 1 of 1 (100 %, 21–100)" in shown


def test_a_finding_that_the_device_has_not(worst: dict[str, Any], case: Path, run: Run) -> None:
    """If this failed, a typing error would be kept as a judgement of nothing."""
    done = run("mark", worst["serial"], "no-such", "confirmed", "--why", "x", "--case", case, "--marks", "m.ndjson")
    assert done.returncode == 2
    assert worst["findings"][0]["id"] in done.stderr
    assert not Path("m.ndjson").exists()


@pytest.mark.parametrize("why", ["", "  \t ", "x" * 2001])
def test_why_is_said(why: str, worst: dict[str, Any], case: Path, run: Run) -> None:
    """If this failed, a judgement would stand there without a reason, or with a book of it."""
    done = run(*marking(worst, case, "confirmed", "--why", why))
    assert done.returncode == 2
    assert "--why" in done.stderr


def test_nothing_is_written_into_the_case(worst: dict[str, Any], case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a judgement would alter the evidence that it judges."""
    before = {path: path.stat().st_mtime_ns for path in case.rglob("*")}
    words = [word for word in marking(worst, case) if word not in {"--marks", "m.ndjson"}]
    done = run(*words, "--why", "x", XDG_DATA_HOME=str(tmp_path / "data"))
    assert done.returncode == 0
    assert (tmp_path / "data/abm-trace/marks.ndjson").is_file()
    assert {path: path.stat().st_mtime_ns for path in case.rglob("*")} == before
