"""How far a device's clock is off, and the times that this sets right."""

import pytest
from tests.verdict.facts import (
    HOUR,
    asked,
    at,
    booted,
    clock,
    fact,
    judged,
    recorded,
)

from abm_trace.verdict import offset_us


def test_device_times_are_corrected_by_the_known_offset() -> None:
    """If this failed, a clock 20 s ahead would win its device 20 s of deadline; both times are shown."""
    verdict = judged(booted(20), asked(25), clock(20.0, 30), as_of=80)
    assert verdict.deadline_at == at(63)
    assert (verdict.verdict, verdict.layer) == ("vanished", "L3")
    assert verdict.clock_offset_us == 20_000_000


def test_server_times_are_not_corrected() -> None:
    """If this failed, ABM's own stamps would move with a device's clock."""
    assert judged(recorded(5), clock(20.0, 30)).deadline_at == at(5 + 63)


def test_a_slow_clock_is_set_forward() -> None:
    """If this failed, the sign of an offset would be taken the wrong way round."""
    assert judged(booted(-5), clock(-5.0, 30)).deadline_at == at(63)


def test_of_several_samples_the_nearest_one_corrects() -> None:
    """If this failed, a clock that was set right at noon would shift the morning, or the reverse."""
    verdict = judged(booted(30), clock(30.0, 40), asked(3000), clock(0.0, 3010), as_of=2 * HOUR)
    assert verdict.deadline_at == at(63)
    assert verdict.clock_offset_us == 0


def test_without_a_sample_nothing_is_corrected() -> None:
    """If this failed, an unknown offset would pass for a known one."""
    assert judged(booted()).clock_offset_us is None


@pytest.mark.parametrize(("text", "offset"), [("7.214", 7_214_000), ("-0.000001", -1), ("", None), ("fast", None)])
def test_an_offset_is_read_exactly(text: str, offset: int | None) -> None:
    """If this failed, an offset near the limit would fall on the wrong side of it, or junk would end a triage."""
    assert offset_us(fact("clock_offset", 4, "clock", text)) == offset


def test_other_facts_have_no_offset() -> None:
    """If this failed, any number would be a clock."""
    assert offset_us(booted()) is None
