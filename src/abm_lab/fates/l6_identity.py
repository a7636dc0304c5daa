"""L6: the device's identifier is unstable, or a duplicate after a retry."""

from abm_lab.fates._interface import Fate, Truth
from abm_lab.story import REJECTED_4001, Story

_TRUTH = Truth("vanished", "requested", "L6")
_ASKED = Truth("vanished", "requested")


def rejected(story: Story) -> None:
    """ABM's answer in the log: Code=4001."""
    story.synced()
    story.open()
    story.request(story.rng.uniform(5, 9))
    story.say(11, REJECTED_4001, "Error")


def unstable(story: Story) -> None:
    """Two requests with two identifiers, and no word of an error."""
    story.synced()
    story.open()
    story.request(6, renewed=True)
    story.request(40, renewed=True)


def duplicate(story: Story) -> None:
    """A retry with a second identifier, which is rejected."""
    story.synced()
    story.open()
    story.request(6, renewed=True)
    story.fail(9, "connection reset by peer")
    story.request(42, renewed=True)
    story.say(44, REJECTED_4001, "Error")


FATES = (
    Fate("l6_4001", "Code=4001 in the log", _TRUTH, _ASKED, rejected),
    Fate("l6_identifiers", "two identifiers of one device", _TRUTH, _TRUTH, unstable),
    Fate("l6_duplicate", "a second identifier, rejected", _TRUTH, _TRUTH, duplicate),
)
