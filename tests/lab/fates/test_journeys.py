"""Fates of devices that boot twice."""

from collections.abc import Callable

import pytest

from abm_lab.moments import HOUR
from abm_lab.story import Story


@pytest.mark.parametrize(
    ("fate_id", "least_h", "most_h"),
    [
        ("redeployed_arrives", 24, 48),
        ("redeployed_vanishes", 24, 48),
        ("retried_arrives", 0, 24),
        ("relapsed", 0, 24),
        ("retried_empty", 12, 24),
    ],
)
def test_the_second_boot_lies_on_its_side_of_a_day(
    fate_id: str, least_h: int, most_h: int, tell: Callable[..., Story]
) -> None:
    """A redeploy would be a retry or the reverse; a doubled or halved day would change no verdict."""
    for seed in range(10):
        first, second = tell(fate_id, seed).captures
        last_fact = max(at for at, _, _, _ in first.lines)
        # The exports of the first journey add less than a minute to what its log tells.
        gap_h = (second.boot_at - last_fact) / HOUR
        assert least_h + 0.1 < gap_h < most_h - 0.1


def test_only_the_last_journey_counts_its_attempts(tell: Callable[..., Story]) -> None:
    """Attempts of an earlier journey would be added."""
    assert tell("redeployed_arrives").attempts_logged == 1
    assert tell("retried_arrives").attempts_logged == 2
