"""Devices of the last hours, after a source was read last: missing data never reads as failure.

`unread_*` belong to scenarios where neither side was read since, `unconfirmed_*` to those where only the MDM was not.
"""

from abm_lab.fates._interface import Fate, Truth
from abm_lab.moments import SECOND
from abm_lab.story import REJECTED_4001, Story

_HOUR_S = 3600.0
_LATE = (1.5 * _HOUR_S, 20 * _HOUR_S)
_KNOWN = Truth("not_started", "known")
_UNREAD = Truth("unknown", "accepted", missing=("apple", "mdm"))
_UNCONFIRMED = Truth("unknown", "profile", missing=("mdm",))
_ABSENT = Truth("vanished", "requested")


def _failed(layer: str, rung: str = "requested") -> Truth:
    return Truth("vanished", rung, layer)


def accepted(story: Story) -> None:
    """Its log ends well, and nobody has looked since."""
    story.open()
    story.answer_accepted(8, story.request(6, audited=False))


def refused(story: Story) -> None:
    """The last fact of its log is a refused handshake."""
    story.open()
    story.request(6, audited=False)
    story.fail(8, "unknown issuer")


def refused_for_time(story: Story) -> None:
    """The last fact of its log is a handshake refused for a reason of time."""
    story.open()
    story.fail(5, "certificate not yet valid")


def answered_204(story: Story) -> None:
    """The last fact of its log is a 204."""
    story.open()
    story.request(6, region=story.other_region(), audited=False)
    story.answer(8, "204")


def answered_empty(story: Story) -> None:
    """The last fact of its log is an empty 202."""
    story.open()
    story.answer_empty(8, story.request(6, audited=False))


def rejected_4001(story: Story) -> None:
    """The last fact of its log is Code=4001."""
    story.open()
    story.request(6, audited=False)
    story.say(8, REJECTED_4001, "Error")


def closing_accepted(story: Story) -> None:
    """As `accepted`, with a last fact exactly at `as_of`: with its twin it fixes the default `as_of`."""
    story.precise = True
    story.open(ahead_s=0.0)
    story.answer_accepted(8, story.request(6, audited=False))
    story.say((story.as_of - story.boot_at) / SECOND, "Clock offset: 0.000 s")


def registered(story: Story) -> None:
    """ABM registered it; the MDM's export is older."""
    story.synced(row=False)
    story.open()
    request = story.request(6)
    story.answer_accepted(8, request)
    story.registered(12, request)
    story.profile_assigned(15)


def closing_registered(story: Story) -> None:
    """The same, with its last audit event exactly at `as_of`."""
    registered(story)
    story.event((story.as_of - story.boot_at) / SECOND, "profile_assigned")


def unanswered(story: Story) -> None:
    """ABM, which was read, does not show it; that is enough."""
    story.synced(row=False)
    story.open()
    story.request(6)


FATES = (
    Fate("unread_accepted", "log ends well, both unread", _UNREAD, _KNOWN, accepted, boots_before_s=_LATE),
    Fate("unread_refused", "log ends with L1", _failed("L1"), _KNOWN, refused, boots_before_s=_LATE),
    Fate("unread_time", "log ends with L3", _failed("L3", "booted"), _KNOWN, refused_for_time, boots_before_s=_LATE),
    Fate("unread_204", "log ends with a 204", _failed("L4"), _KNOWN, answered_204, boots_before_s=_LATE),
    Fate(
        "unread_empty",
        "log ends with an empty 202",
        _failed("L2", "accepted"),
        _KNOWN,
        answered_empty,
        boots_before_s=_LATE,
    ),
    Fate("unread_4001", "log ends with Code=4001", _failed("L6"), _KNOWN, rejected_4001, boots_before_s=_LATE),
    Fate(
        "closing_accepted",
        "log ends at as_of, both unread",
        _UNREAD,
        _KNOWN,
        closing_accepted,
        boots_before_s=(300, 500),
    ),
    Fate(
        "unconfirmed_registered", "registered, MDM unread", _UNCONFIRMED, _UNCONFIRMED, registered, boots_before_s=_LATE
    ),
    Fate(
        "closing_registered",
        "registered at the end, MDM unread",
        _UNCONFIRMED,
        _UNCONFIRMED,
        closing_registered,
        boots_before_s=(100, 200),
    ),
    Fate("unconfirmed_unanswered", "not registered, MDM unread", _ABSENT, _ABSENT, unanswered, boots_before_s=_LATE),
)
