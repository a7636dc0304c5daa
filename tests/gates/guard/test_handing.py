"""A run in a real evidence log."""

import subprocess
import sys
from pathlib import Path

import pytest

from abm_trace.evidence.places import Places
from abm_trace.gates.guard.plan import Plan
from abm_trace.gates.guard.run import Guard

NOW = 1_779_000_000_000_000
LINE = "2026-05-17 03:47:12.883 INFO com.apple.DeviceManagement.Enrollment [ABM] Preparing for enrollment…"


def evidence(*words: object) -> str:
    """What `abm-trace evidence …` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "abm_trace.cli", "evidence", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A new evidence log."""
    evidence("key", "new", tmp_path / "store", "--origin", "example.org/evidence")
    return tmp_path / "store"


def test_the_run_is_in_the_log_and_bound_to_its_device(store: Path, tmp_path: Path) -> None:
    """If this failed, an abort would stand in a folder alone, where anybody can change it."""
    step = ("sh", "-c", f"echo '{LINE}'; sleep 600")
    plan = Plan(step, tmp_path / "keep", 0.5, "--limit", devices=("F9FXQ1ABCD",), store=store)
    outcome = Guard(plan, lambda: NOW, lambda *_: None).run()
    assert outcome.code == 124
    assert len(outcome.records) == 4  # case.toml and the log, the verdicts, the record.
    evidence("verify", store)
    listed = evidence("log", store, "--serial", "F9FXQ1ABCD", "--format", "ndjson")
    assert [listed.count(f'"kind":"{kind}"') for kind in ("raw", "verdict", "action")] == [2, 1, 1]
    assert '"aborted"' in evidence("log", store, "--bytes", outcome.records[-1])


def test_a_log_that_refuses_loses_nothing(store: Path, tmp_path: Path) -> None:
    """If this failed, a store that is locked or broken would cost the evidence or the exit code."""
    Places.of(store).lock.unlink()
    said = []
    plan = Plan(("sh", "-c", f"echo '{LINE}'; sleep 600"), tmp_path / "keep", 0.5, "--limit", store=store)
    outcome = Guard(plan, lambda: NOW, lambda _, text: said.append(text)).run()
    assert outcome.code == 124
    assert (outcome.folder / "guard.json").exists()
    assert any("did not take the evidence" in each for each in said)
