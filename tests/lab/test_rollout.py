"""The devices of a rollout."""

from pathlib import Path

from abm_lab.case import make_plan, write_case
from abm_lab.rollout import Rollout
from abm_lab.truth import read_truth


def test_devices_are_told_in_any_order_as_the_case_has_them(tmp_path: Path) -> None:
    """The servers would tell of other devices than the case."""
    write_case(tmp_path, "mixed-dialect", 60, 4, 5, 1, jobs=1)
    written = read_truth(tmp_path / "truth.json").devices
    rollout = Rollout(make_plan(tmp_path, "mixed-dialect", 60, 4, 5, 1))
    told = {index: rollout.tell(index).truth() for index in reversed(range(60))}
    assert [told[index] for index in range(60)] == written


def test_without_logs_the_truth_is_that_of_lost_logs(tmp_path: Path) -> None:
    """A device would be said to have left a log where none is written."""
    rollout = Rollout(make_plan(tmp_path, "healthy", 20, 4, 5, 0))
    assert not any(rollout.tell(index).logged for index in range(20))
