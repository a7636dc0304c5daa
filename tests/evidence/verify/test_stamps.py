"""Kept checkpoints and what they are kept for."""

from pathlib import Path

from tests.evidence.building import check
from tests.evidence.verify.damage import SIZE

from abm_trace.evidence import stamping
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def test_a_kept_checkpoint_that_nobody_stamped(log: Places, tmp_path: Path) -> None:
    """If this failed, a time stamp could be taken away without a word."""
    with Writer(log) as writer:
        stamping.ask(writer)
    report = check(log)
    assert not report.problems
    assert any(f"checkpoints/{SIZE} is kept" in each for each in report.remarks)
    assert not any("checkpoints/2 is kept" in each for each in report.remarks), "the first key came with it"
