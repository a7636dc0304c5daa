"""The contrast on the lab's rollouts: a planted cause is named in each scenario, and none where nothing is planted."""

from pathlib import Path

import pytest

from abm_lab import scenario as scenarios
from abm_lab.case import write_case
from abm_trace.pipeline.triage import Options, triage
from abm_trace.views.contrast import by_cause

pytestmark = pytest.mark.slow

PLANTED = {"model": "iPad16,3", "os_version": "18.4.1"}
OWN = {"terms-not-accepted": "fleet-terms", "dead-token": "nanomdm-token", "stuck-cursor": "mosyle-cursor"}
"""Scenarios whose cause is an MDM server, and which."""

FAILING = [name for name in scenarios.names() if name not in {"healthy", "unknown"}]
"""Scenarios in which devices fail; *unknown* has too few that are known to."""


def named(folder: Path, scenario: str, seed: int, planted: dict[str, str] | None = None) -> set[tuple[str, str]]:
    """The conditions that are found for all the failed together."""
    root = write_case(folder, scenario, 300, 6, seed, 2, jobs=1, planted=planted)
    traced = triage(root, Options(jobs=1))
    found = [each for each in by_cause(traced.verdicts, traced.devices) if each.overall]
    return {(each.column, each.value) for cause in found for each in cause.contrast.conditions}


@pytest.mark.parametrize("scenario", FAILING)
def test_a_planted_cause_is_named(tmp_path: Path, scenario: str) -> None:
    """If this failed, the person at 04:00 would not read that all the lost are M4 on 18.4.1."""
    found = named(tmp_path, scenario, 11, PLANTED)
    assert found & set(PLANTED.items())


@pytest.mark.parametrize("scenario", sorted(OWN))
def test_the_server_that_stopped_them_is_named(tmp_path: Path, scenario: str) -> None:
    """If this failed, a dead token would be looked for device by device."""
    root = write_case(tmp_path, scenario, 300, 6, 11, 2, jobs=1)
    traced = triage(root, Options(jobs=1))
    found = by_cause(traced.verdicts, traced.devices)
    assert ("server", OWN[scenario]) in {
        (each.column, each.value) for cause in found for each in cause.contrast.conditions
    }


@pytest.mark.parametrize("seed", range(10))
def test_a_rollout_that_fails_by_chance_names_nothing(tmp_path: Path, seed: int) -> None:
    """If this failed, a cause would be made up."""
    assert named(tmp_path, "chicago", 100 + seed) == set()


def test_a_healthy_rollout_names_nothing(tmp_path: Path) -> None:
    """If this failed, nothing would have a cause."""
    assert named(tmp_path, "healthy", 11, PLANTED) == set()
