"""What an offset means."""

import pytest

from abm_trace.checks import clock
from abm_trace.core.nouns import Fact, Origin

HERE = Origin("x", "clock")


@pytest.mark.parametrize(
    ("offset_s", "bound_s", "ids", "is_open"),
    [
        (0.0, 0.01, [], False),
        (5.78, 0.001, [], False),
        (5.795, 0.001, ["clock-off"], False),
        (-5.795, 0.001, ["clock-off"], False),
        (5.79, 0.02, [], True),
        (-5.80, 0.02, [], True),
        (0.0, 0.2, ["clock-vague"], False),
        (9.0, 0.2, ["clock-off", "clock-vague"], False),
    ],
)
def test_the_limit_with_its_error(offset_s: float, bound_s: float, ids: list[str], is_open: bool) -> None:
    """If this failed, a clock would be called right or wrong where its error leaves that open."""
    found = clock.check(offset_s, bound_s, 5.79, "guide", HERE)
    assert ([each.id for each in found], clock.is_open(offset_s, bound_s, 5.79)) == (ids, is_open)
    assert all(each.id in clock.DO for each in found)


def test_a_clock_that_jumps() -> None:
    """If this failed, a clock that is set while it is measured would be given a number."""
    assert clock.jumped(1.0, 1.01) == ""
    assert "-3600.000 s" in clock.jumped(-3599.0, 1.0)


def test_a_saved_sample() -> None:
    """If this failed, a saved offset would be judged otherwise than a measured one."""
    sample = Fact("clock_offset", None, "clock", "-6.5", {}, HERE)
    (found,) = clock.saved(sample, 5.79, "guide")
    assert (found.id, found.layer, "6.500 s behind" in found.text) == ("clock-off", "L3", True)
