"""Devices that vanish and leave no proof of why: the layer stays empty."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_ASKED = Truth("vanished", "requested")


def unanswered(story: Story) -> None:
    """ABM recorded the request; nothing else is known."""
    story.synced()
    story.open()
    story.request(story.rng.uniform(5, 9))


def mute(story: Story) -> None:
    """It booted and prepared; a log without a request proves nothing by itself."""
    story.synced()
    story.open()


def reset(story: Story) -> None:
    """The handshake was reset, which proves nothing."""
    story.synced()
    story.open()
    story.request(6, audited=False)
    story.fail(8, "connection reset by peer")


def drifting(story: Story) -> None:
    """The clock is 5.78 s off: below the limit, so no proof."""
    story.precise = True
    drift = story.rng.choice((-5.78, 5.78))
    story.synced()
    story.open()
    story.clock_ahead(drift)
    story.clock_row(4, drift)
    story.request(6, audited=False)


FATES = (
    Fate("silent", "requested, then nothing", _ASKED, _ASKED, unanswered),
    Fate("silent_boot", "booted, then nothing", Truth("vanished", "booted"), NOT_STARTED, mute),
    Fate("silent_reset", "a reset connection", _ASKED, NOT_STARTED, reset),
    Fate("silent_drift_578", "a clock 5.78 s off, and nothing else", _ASKED, NOT_STARTED, drifting),
    Fate(
        "silent_skewed_host",
        "a staging host whose own clock is off: a risk, no proof",
        Truth("vanished", "requested", contributing=("L3",)),
        Truth("vanished", "requested", contributing=("L3",)),
        unanswered,
        condition="skewed",
    ),
)
