"""L7: ABM shows the device as Pending, and nothing else explains it."""

from abm_lab.fates._interface import Fate, Truth
from abm_lab.story import Story

_PENDING = Truth("vanished", "requested", "L7")
_ACCEPTED = Truth("vanished", "accepted", "L7")


def listed(story: Story) -> None:
    """The device list says pending since the request."""
    story.synced()
    story.open()
    story.request(6)
    story.list_as("pending", 8)


def in_lifecycle(story: Story) -> None:
    """The v2 lifecycle says it."""
    story.synced()
    story.open()
    story.request(6)
    story.live_as("pending", 8)


def accepted(story: Story) -> None:
    """A 202 that even names the device, and then Pending."""
    story.synced()
    story.open()
    request = story.request(6)
    story.answer_accepted(8, request)
    story.list_as("pending", 9)


FATES = (
    Fate("l7_listed", "pending in the device list", _PENDING, _PENDING, listed),
    Fate("l7_lifecycle", "pending in the lifecycle", _PENDING, _PENDING, in_lifecycle),
    Fate("l7_accepted", "accepted, then pending", _ACCEPTED, _PENDING, accepted),
)
