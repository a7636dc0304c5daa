"""L4: a token of one region is used at another region's endpoint, which answers 204 and records nothing."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_TRUTH = Truth("vanished", "requested", "L4")


def answered_204(story: Story) -> None:
    """The log shows the foreign endpoint and its 204."""
    story.synced()
    story.open()
    story.request(story.rng.uniform(5, 9), region=story.other_region(), audited=False)
    story.answer(11, "204")


def captured(story: Story) -> None:
    """The 204 stands in the staging Mac's capture alone."""
    story.synced()
    story.open()
    request = story.request(6, region=story.other_region(), audited=False)
    story.exchange(6.5, request, 204, None)


def mismatched(story: Story) -> None:
    """No answer was kept, but the endpoint's region is not the token's."""
    story.synced()
    story.open()
    story.request(6, region=story.other_region(), audited=False)


FATES = (
    Fate("l4_204", "204 in the log", _TRUTH, NOT_STARTED, answered_204),
    Fate("l4_captured", "204 in a capture", _TRUTH, NOT_STARTED, captured),
    Fate("l4_mismatch", "foreign endpoint without an answer", _TRUTH, NOT_STARTED, mismatched),
)
