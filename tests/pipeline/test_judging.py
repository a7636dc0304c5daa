"""Tests of abm_trace.pipeline.judging."""

from pathlib import Path

import pytest
from tests.pipeline.cases import make

from abm_trace import verdict
from abm_trace.core.nouns import Verdict
from abm_trace.core.packed import Packed
from abm_trace.pipeline import judging
from abm_trace.pipeline.crew import Crew
from abm_trace.pipeline.judging import Bench, judge_all, side_by_side
from abm_trace.pipeline.triage import Options, triage

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """What judges a small case."""
    traced = triage(make(tmp_path / "case", 9), Options(jobs=1))
    return Bench(traced.devices, traced.context, traced.as_of, traced.blobs)


@pytest.mark.parametrize("alone", [0, 9])
def test_more_processes_judge_and_cite_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch, alone: int) -> None:
    """SPEC: a verdict does not depend on how the work was split."""
    one = judge_all(bench, 1, None, lambda _: None)
    monkeypatch.setattr(judging, "ALONE_DEVICES_MAX", alone)
    monkeypatch.setattr(judging, "_BATCH_DEVICES", 2)
    told: list[int] = []
    with Crew(2, int) as crew:
        found, failed = judge_all(bench, 2, crew, told.append)
    assert (list(found), failed) == one
    assert isinstance(found, Packed) is (alone < 9)
    assert sum(told) == len(one[0]) == 9
    assert all(each.sha256 for found in one[0] for finding in found.findings for each in finding.evidence)


@pytest.mark.parametrize("jobs", [1, 2])
def test_packed_verdicts_are_written_side_by_side_and_in_order(bench: Bench, jobs: int) -> None:
    """If this failed, what a fleet's NDJSON says would depend on the number of processes."""
    verdicts, _ = judge_all(bench, 1, None, lambda _: None)
    with side_by_side(verdicts, jobs) as each:
        assert each is map, "a small case needs no other process"
    packed = Packed.of(Verdict, 2, verdicts)
    with side_by_side(packed, jobs) as each:
        assert list(each(len, packed.blocks)) == list(map(len, packed.blocks))


def test_a_device_that_cannot_be_judged_is_named_and_unknown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One device would stop the verdicts of all others, or be missing among them (CASE.md: each gets a verdict)."""
    judge = verdict.judge

    def broken(device: object, *rest: object) -> object:
        if getattr(device, "serial", "") == "F9FXQ00003" and getattr(device, "facts", ()):
            raise ZeroDivisionError
        return judge(device, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(verdict, "judge", broken)
    verdicts, skipped = judge_all(bench, 1, None, lambda _: None)
    assert [each.serial for each in verdicts] == [each.serial for each in bench.devices]
    assert [each.path for each in skipped] == ["F9FXQ00003"]
