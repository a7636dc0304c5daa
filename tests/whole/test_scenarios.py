"""The lab's scenarios through the command line, graded against their truth."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from abm_lab import scenario as scenarios
from abm_lab.grade import Grade, grade
from abm_lab.truth import CaseTruth, read_truth
from abm_trace.core.instants import parse
from abm_trace.pipeline.triage import Triage

pytestmark = pytest.mark.slow

FAILS = {"vanished", "rejected", "half_confirmed"}
EVERY_SCENARIO = pytest.mark.parametrize("scenario", scenarios.names())


@dataclass(frozen=True, slots=True)
class Run:
    """What `abm-trace triage CASE --format ndjson` said of a scenario's case, and its grade."""

    code: int
    verdicts: list[dict[str, object]]
    truth: CaseTruth
    grade: Grade

    def figures(self) -> str:
        """The grade for people: what a failed assertion shows."""
        graded = self.grade
        wrong = [cell for cell in graded.class_confusion if cell[0] != cell[1]]
        return (
            f"{graded.scenario}: macro-F1 {graded.macro_f1:.4f} (with causes {graded.macro_f1_with_causes:.4f}), "
            f"Brier {graded.brier:.4f}, calibration error {graded.expected_calibration_error:.4f}, "
            f"last rung {graded.last_rung_accuracy:.4f}, attempts {graded.attempts_accuracy:.4f}, "
            f"contributing {graded.contributing_accuracy:.4f}, citations {graded.citations_checked}, wrong: {wrong}"
        )


@pytest.fixture(scope="session")
def run(lab_case: Callable[[str], Path]) -> Callable[[str], Run]:
    """`run(scenario)`: the command's answer for it, asked once."""

    @cache
    def triage(scenario: str) -> Run:
        case = lab_case(scenario)
        command = [sys.executable, "-m", "abm_trace.cli", "triage", str(case), "--format", "ndjson", "--jobs", "1"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        assert done.returncode in {0, 1}, done.stderr.decode()
        lines = done.stdout.splitlines()
        truth = read_truth(case.parent / "truth.json")
        verdicts = [value for value in map(json.loads, lines) if value["schema"] == "abm-trace/verdict/1"]
        return Run(done.returncode, verdicts, truth, grade(truth, lines, case))

    return triage


@EVERY_SCENARIO
def test_a_scenario_is_graded_well(scenario: str, run: Callable[[str], Run]) -> None:
    """If this failed, the command would misjudge devices whose truth is known, or make devices up."""
    found = run(scenario)
    graded, figures = found.grade, found.figures()
    print(figures)  # noqa: T201  # The figures are a result of their own: `pytest -rP` shows them.
    assert graded.macro_f1 >= 0.99, figures
    assert graded.macro_f1_with_causes >= 0.99, figures
    assert min(graded.last_rung_accuracy, graded.attempts_accuracy, graded.contributing_accuracy) >= 0.99, figures
    assert graded.brier <= 0.10, figures
    assert graded.healthy_called_vanished == []
    assert graded.invented == []
    assert graded.missing == []
    assert graded.layers_without_evidence == []


@EVERY_SCENARIO
def test_every_citation_of_a_scenario_verifies(scenario: str, run: Callable[[str], Run]) -> None:
    """If this failed, a report would cite a line or a record with a digest that its bytes do not have."""
    graded = run(scenario).grade
    assert graded.citations_wrong == [], f"{len(graded.citations_wrong)} of {graded.citations_checked}"
    assert graded.citations_checked > 0 or scenario == "healthy"


@EVERY_SCENARIO
def test_a_scenarios_gaps_and_exit_code_are_told(scenario: str, run: Callable[[str], Run]) -> None:
    """If this failed, a script would miss the vanished, or `missing` would name the wrong side."""
    found = run(scenario)
    assert found.code == int(any(verdict["verdict"] in FAILS for verdict in found.verdicts))
    assert all(verdict["simulated"] for verdict in found.verdicts)
    half = {each.serial: each.missing for each in found.truth.devices if each.verdict in {"half_confirmed", "unknown"}}
    assert {each["serial"]: each["missing"] for each in found.verdicts if each["serial"] in half} == half


@EVERY_SCENARIO
def test_the_default_as_of_is_the_scenarios(scenario: str, traced: Callable[[str], tuple[Triage, CaseTruth]]) -> None:
    """If this failed, "now" would be another moment than the one at which the rollout's truth holds."""
    found, truth = traced(scenario)
    assert found.as_of == parse(truth.as_of)
