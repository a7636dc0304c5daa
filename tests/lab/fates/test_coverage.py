"""Fates of the hours that no source has read."""

from collections.abc import Callable

import pytest

from abm_lab.fates.coverage import FATES
from abm_lab.moments import HOUR
from abm_lab.story import Story

_UNREAD = [fate.id for fate in FATES if fate.id.startswith("unread_") or fate.id == "closing_accepted"]


@pytest.mark.parametrize("fate_id", _UNREAD)
def test_no_export_knows_the_unread_hours(fate_id: str, tell: Callable[..., Story], as_of: int) -> None:
    """An export would show an event later than the time until which it claims to reach."""
    for seed in range(6):
        story = tell(fate_id, seed)
        assert as_of - 24 * HOUR < story.boot_at
        assert not story.audit
        assert story.listed is None
        assert story.inventoried is None


def test_the_log_of_a_failed_one_ends_with_its_error(
    tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """The only proof of a device that nobody read would not be its last word."""
    ends = {fate_id: messages(tell(fate_id))[-1].split(",")[0] for fate_id in ("unread_204", "unread_refused")}
    assert ends == {"unread_204": "ABM response: 204", "unread_refused": "TLS handshake failed: unknown issuer"}


def test_the_closing_one_speaks_exactly_at_the_end(tell: Callable[..., Story], as_of: int) -> None:
    """Where no export reaches as_of, the logs would not bear it out either."""
    for seed in range(10):
        capture = tell("closing_accepted", seed).captures[0]
        assert max(at for at, _, _, _ in capture.lines) + capture.ahead_us == as_of
