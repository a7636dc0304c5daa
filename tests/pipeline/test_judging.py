"""Judging all devices."""

import pytest

from abm_trace import verdict
from abm_trace.core.nouns import Device, Fact, Origin
from abm_trace.pipeline import judging
from abm_trace.pipeline.judging import Bench, judge_all


def bench(count: int) -> Bench:
    """Devices that asked and got no answer."""
    asked = Fact("requested", 5_000_000, "log", "", {}, Origin("a.log", "x", 0, 1, 1, None, "0" * 64))
    devices = [Device(f"F9F{number:07d}", {}, (asked,)) for number in range(count)]
    return Bench(devices, verdict.Context(), 10**12, {})


def test_processes_judge_what_one_process_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict would depend on the number of cores."""
    told: list[int] = []
    alone = judge_all(bench(1200), 1, told.append)
    assert sum(told) == 1200
    monkeypatch.setattr(judging, "ALONE_DEVICES_MAX", 0)
    assert judge_all(bench(1200), 2, told.append) == alone


def test_a_device_that_cannot_be_judged_is_named_and_the_rest_goes_on() -> None:
    """One broken device would cost all verdicts."""
    given = bench(3)
    broken = Fact("requested", "soon", "log", "", {}, Origin("a.log", "x"))  # type: ignore[arg-type]
    devices = [*given.devices, Device("BROKEN", {}, (broken,))]
    verdicts, skipped = judge_all(Bench(devices, given.context, given.as_of, {}), 1, lambda count: None)
    assert len(verdicts) == 4
    assert [each.path for each in skipped] == ["BROKEN"]
