"""Cases of the lab that the whole-program tests share: written once, traced once, by each process of a test run."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from abm_lab.case import write_case
from abm_lab.truth import CaseTruth, read_truth
from abm_trace.pipeline.triage import Options, Triage, triage

DEVICES, SITES, SEED, LOG_KB = 300, 6, 11, 2


@pytest.fixture(scope="session")
def lab_case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`lab_case(scenario)`: the folder of a case of 300 devices with its truth beside it."""

    @cache
    def write(scenario: str) -> Path:
        out = tmp_path_factory.mktemp(scenario)
        return write_case(out, scenario, DEVICES, SITES, SEED, LOG_KB, jobs=1)

    return write


@pytest.fixture(scope="session")
def traced(lab_case: Callable[[str], Path]) -> Callable[[str], tuple[Triage, CaseTruth]]:
    """`traced(scenario)`: that case traced in this process, and its truth."""

    @cache
    def trace(scenario: str) -> tuple[Triage, CaseTruth]:
        root = lab_case(scenario)
        return triage(root, Options(jobs=1)), read_truth(root.parent / "truth.json")

    return trace
