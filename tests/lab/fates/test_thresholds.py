"""Fates close to a threshold."""

from collections.abc import Callable
from datetime import datetime

import pytest

from abm_lab.fates import discover
from abm_lab.moments import from_datetime
from abm_lab.story import Story

_DEADLINE_S = 63
_PENDING_S = 90


@pytest.mark.parametrize("fate_id", ["deadline_past", "deadline_inside", "pending_past", "pending_inside"])
def test_doubling_or_halving_would_cross_the_device(fate_id: str) -> None:
    """A changed deadline would change no verdict, and a mutation of it would live."""
    bounds = discover()[fate_id].boots_before_s
    assert bounds is not None
    least, most = bounds
    if fate_id == "deadline_past":
        assert _DEADLINE_S < least < most < 2 * _DEADLINE_S
    elif fate_id == "deadline_inside":
        assert _DEADLINE_S / 2 < least < most < _DEADLINE_S
    elif fate_id == "pending_past":
        # Pending begins seven seconds after the boot.
        assert _PENDING_S < least - 7 < most - 7 < 2 * _PENDING_S
    else:
        assert _DEADLINE_S < least < most < _PENDING_S + 7


@pytest.mark.parametrize(("fate_id", "late_by_stamp"), [("deadline_ahead_5", False), ("deadline_behind_5", True)])
def test_only_the_correction_decides(fate_id: str, tell: Callable[..., Story], as_of: int, late_by_stamp: bool) -> None:
    """A tracer that forgot to correct device times would be right all the same."""
    for seed in range(10):
        story = tell(fate_id, seed)
        true_age_s = (as_of - story.boot_at) / 1_000_000
        stamped_age_s = true_age_s - float(story.clocks[0].offset_seconds)
        assert (true_age_s > _DEADLINE_S) != late_by_stamp
        assert (stamped_age_s > _DEADLINE_S) == late_by_stamp


@pytest.mark.parametrize(("fate_id", "least_h", "most_h"), [("probe_stale", 12.5, 24), ("probe_recent", 6, 12)])
def test_the_probe_lies_on_its_side_of_the_window(
    fate_id: str, least_h: float, most_h: float, tell: Callable[..., Story]
) -> None:
    """The twelve hours of a probe could be doubled or halved unseen."""
    for seed in range(10):
        story = tell(fate_id, seed)
        probed_at = from_datetime(datetime.fromisoformat(story.probes[0].captured_at))
        # Measured from the boot or from staging, whichever a reader takes.
        assert story.boot_at - probed_at < most_h * 3600e6
        assert story.device.staged_at - probed_at > least_h * 3600e6


def test_two_requests_without_identifiers_are_two_attempts(
    tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """The second that separates attempts could be doubled unseen."""
    story = tell("attempts_close")
    sent = [at for at, _, _, text in story.captures[0].lines if "Sending enrollment request to " in text]
    assert 1_000_000 < sent[1] - sent[0] < 2_000_000
    assert story.attempts_logged == 2
    assert not any(text.startswith("deviceIdentifier=") for text in messages(story))
