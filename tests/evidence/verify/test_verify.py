"""The check: whatever is changed, missing, reordered or rolled back is found and named."""

from tests.evidence.building import check
from tests.evidence.verify.damage import INPUTS

from abm_trace.evidence.places import Places


def test_whole(made: Places) -> None:
    """If this failed, a good log would be called a bad one."""
    report = check(made)
    assert (report.problems, report.remarks, report.kept) == ([], [], INPUTS)


def test_nothing_is_written(made: Places) -> None:
    """If this failed, the check would change what it checks."""
    before = {path: path.stat().st_mtime_ns for path in made.store.parent.rglob("*")}
    check(made)
    assert {path: path.stat().st_mtime_ns for path in made.store.parent.rglob("*")} == before
