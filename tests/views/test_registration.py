"""Did it register: what a verdict says of Apple's side alone."""

import pytest
from tests.verdict.facts import (
    DAY,
    HOUR,
    UNREAD,
    asked,
    at,
    booted,
    by_hand,
    context,
    device,
    enrolled,
    no_content,
    recorded,
    registered,
    rejected,
)

from abm_trace.core.nouns import Fact
from abm_trace.verdict import judge
from abm_trace.views import registration


@pytest.mark.parametrize(
    ("facts", "apple", "mdm", "verdict", "expected"),
    [
        ((booted(), registered(), enrolled()), HOUR, HOUR, "confirmed", True),
        ((booted(), registered()), HOUR, HOUR, "half_confirmed", True),
        ((booted(), registered()), HOUR, UNREAD, "unknown", True),
        ((booted(), recorded(), rejected("x")), HOUR, HOUR, "rejected", False),
        ((booted(), recorded()), HOUR, HOUR, "vanished", False),
        ((booted(), recorded()), HOUR, UNREAD, "vanished", False),
        ((booted(), asked()), UNREAD, HOUR, "vanished", None),
        ((booted(), asked(), no_content()), UNREAD, UNREAD, "vanished", None),
        ((booted(), enrolled()), HOUR, HOUR, "half_confirmed", False),
        ((booted(), by_hand()), HOUR, HOUR, "half_confirmed", False),
        ((booted(), by_hand()), UNREAD, HOUR, "half_confirmed", None),
        ((booted(), enrolled()), UNREAD, HOUR, "unknown", None),
        ((booted(), asked()), UNREAD, UNREAD, "unknown", None),
        ((booted(2 * DAY),), HOUR, HOUR, "in_progress", None),
        ((), HOUR, HOUR, "not_started", None),
    ],
)
def test_only_what_was_read_decides(
    facts: tuple[Fact, ...], apple: float | None, mdm: float | None, verdict: str, expected: bool | None
) -> None:
    """If this failed, a side that nobody read would be a failure to register, or a success."""
    found = judge(device(*facts), context(apple=apple, mdm=mdm), at(HOUR))
    assert found.verdict == verdict
    assert registration.registered(found) is expected
