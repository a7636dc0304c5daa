"""The lab's scenarios of Apple's own dialect, through the command line, graded against their truth with causes."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from abm_lab import scenario as scenarios
from abm_lab.case import write_case
from abm_lab.grade import Grade, fold, grade
from abm_lab.truth import CaseTruth, DeviceTruth, read_truth

pytestmark = pytest.mark.slow

DEVICES, SITES, SEED, LOG_KB = 300, 6, 11, 2
MIXED_DEVICES = 600
FAILS = {"vanished", "rejected", "half_confirmed"}
EVERY_SCENARIO = pytest.mark.parametrize("scenario", scenarios.names("apple"))


@dataclass(frozen=True, slots=True)
class Run:
    """What `abm-trace triage CASE --format ndjson` said of a scenario's case, and its grade."""

    code: int
    verdicts: list[dict[str, object]]
    skipped: list[dict[str, object]]
    truth: CaseTruth
    grade: Grade

    def figures(self) -> str:
        """The grade for people, and which fates were misjudged how: what a failed assertion shows."""
        graded = self.grade
        return (
            f"{graded.scenario}: macro-F1 {graded.macro_f1:.4f} (with causes {graded.macro_f1_with_causes:.4f}), "
            f"last rung {graded.last_rung_accuracy:.4f}, contributing {graded.contributing_accuracy:.4f}, "
            f"Brier {graded.brier:.4f}\n" + "\n".join(f"  {count} × {text}" for text, count in self._wrong().items())
        )

    def _wrong(self) -> Counter[str]:
        claims = {fold(str(verdict["serial"])): verdict for verdict in self.verdicts}
        wrong: Counter[str] = Counter()
        for device in self.truth.devices:
            claim = claims.get(fold(device.serial), {})
            claimed = tuple(claim.get(key) for key in ("verdict", "layer", "cause"))
            if claimed != (device.verdict, device.layer, device.cause):
                wrong[f"{_named(device)}: true {device.verdict} {device.layer} {device.cause}, claimed {claimed}"] += 1
        return wrong


def _named(device: DeviceTruth) -> str:
    return device.fate if device.logged else f"{device.fate} (log lost)"


@pytest.fixture(scope="session")
def apple_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """`apple_run(scenario)`: the command's answer for it, asked once."""

    @cache
    def triage(scenario: str) -> Run:
        out = tmp_path_factory.mktemp(scenario)
        devices = MIXED_DEVICES if scenario == "apple-mixed" else DEVICES
        case = write_case(out, scenario, devices, SITES, SEED, LOG_KB, jobs=1)
        command = [sys.executable, "-m", "abm_trace.cli", "triage", str(case), "--format", "ndjson", "--jobs", "1"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        assert done.returncode in {0, 1}, done.stderr.decode()
        lines = done.stdout.splitlines()
        truth = read_truth(out / "truth.json")
        told = [json.loads(line) for line in lines]
        verdicts = [value for value in told if value["schema"] == "abm-trace/verdict/1"]
        skipped = [value for value in told if value["schema"] == "abm-trace/skipped/1"]
        return Run(done.returncode, verdicts, skipped, truth, grade(truth, lines, case))

    return triage


@EVERY_SCENARIO
def test_a_scenario_is_graded_well(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, the command would misjudge devices on Apple's own way, or name a wrong cause."""
    found = apple_run(scenario)
    graded, figures = found.grade, found.figures()
    print(figures)  # noqa: T201  # The figures are a result of their own: `pytest -rP` shows them.
    assert graded.healthy_called_vanished == [], figures
    assert graded.macro_f1_with_causes >= 0.99, figures
    assert graded.macro_f1 >= 0.99, figures
    assert graded.invented == []
    assert graded.missing == []
    assert graded.layers_without_evidence == []


@EVERY_SCENARIO
def test_rungs_of_a_scenario(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, a report would say that a device came further, or less far, than its evidence shows."""
    found = apple_run(scenario)
    rungs = {fold(str(verdict["serial"])): verdict["last_rung"] for verdict in found.verdicts}
    wrong = Counter(
        f"{_named(device)}: true {device.last_rung}, claimed {rungs.get(fold(device.serial))}"
        for device in found.truth.devices
        if rungs.get(fold(device.serial)) != device.last_rung
    )
    assert found.grade.last_rung_accuracy >= 0.99, wrong


@EVERY_SCENARIO
def test_what_a_scenario_is_made_of_is_read(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, a file in a documented shape would not be used, or only in part."""
    assert apple_run(scenario).skipped == []


@EVERY_SCENARIO
def test_every_citation_of_a_scenario_verifies(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, a report would cite a line or a record with a digest that its bytes do not have."""
    graded = apple_run(scenario).grade
    assert graded.citations_wrong == [], f"{len(graded.citations_wrong)} of {graded.citations_checked}"
    assert graded.citations_checked > 0


@EVERY_SCENARIO
def test_a_scenarios_gaps_and_exit_code_are_told(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, a script would miss the vanished, or `missing` would name the wrong side."""
    found = apple_run(scenario)
    assert found.code == int(any(verdict["verdict"] in FAILS for verdict in found.verdicts))
    assert all(verdict["simulated"] for verdict in found.verdicts)
    half = {each.serial: each.missing for each in found.truth.devices if each.verdict in {"half_confirmed", "unknown"}}
    assert {each["serial"]: each["missing"] for each in found.verdicts if each["serial"] in half} == half


@EVERY_SCENARIO
def test_the_default_as_of_is_the_scenarios(scenario: str, apple_run: Callable[[str], Run]) -> None:
    """If this failed, "now" would be another moment than the one at which the rollout's truth holds."""
    found = apple_run(scenario)
    assert {str(verdict["as_of"]).replace(".000", "") for verdict in found.verdicts} == {
        found.truth.as_of.replace(".000", "")
    }
