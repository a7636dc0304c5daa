"""The truth file."""

from pathlib import Path

import pytest

from abm_lab.truth import TruthError, read_truth


def test_a_written_truth_is_read_back(poisoned: Path) -> None:
    """The grader could not read what the writer wrote."""
    truth = read_truth(poisoned / "truth.json")
    assert truth.simulated
    assert truth.as_of == "2026-05-17T08:47:00.000Z"
    assert len(truth.devices) == len({device.serial for device in truth.devices}) == 300


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A grade against something that is no truth would look like a grade."""
    path = tmp_path / "truth.json"
    path.write_text('{"schema":"abm-lab/truth/1"}', encoding="utf-8")
    with pytest.raises(TruthError, match="no truth file"):
        read_truth(path)
    with pytest.raises(TruthError, match="abm-lab case"):
        read_truth(tmp_path / "none.json")
