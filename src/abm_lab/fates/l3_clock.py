"""L3: the device's clock is more than 5.79 s off, so its handshakes are refused."""

import random

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.probes import chronyc_tracking, sntp_line
from abm_lab.story import Story

_ASKED = Truth("vanished", "requested", "L3")
_BOOTED = Truth("vanished", "booted", "L3")


def draw_offset(rng: random.Random) -> float:
    """An offset beyond the limit, either way."""
    return round(rng.choice((-1, 1)) * rng.uniform(6.2, 40), 3)


def sampled(story: Story) -> None:
    """A row of the clock CSV."""
    offset = draw_offset(story.rng)
    story.synced()
    story.open()
    story.clock_ahead(offset)
    story.clock_row(4, offset)
    story.request(6, audited=False)
    story.fail(9, "connection reset by peer")


def self_measured(story: Story) -> None:
    """The device logs its own offset."""
    story.synced()
    story.open(ahead_s=draw_offset(story.rng))
    story.request(6, audited=False)


def measured_by_sntp(story: Story) -> None:
    """Output of sntp for this device; it prints the correction, so the opposite sign."""
    offset = draw_offset(story.rng)
    story.synced()
    story.open()
    story.clock_ahead(offset)
    story.files[f"clock/{story.device.serial}.txt"] = sntp_line(story.at(30), offset)
    story.request(6, audited=False)


def measured_by_chrony(story: Story) -> None:
    """Output of `chronyc tracking` for this device, in a folder of its name."""
    offset = draw_offset(story.rng)
    story.synced()
    story.open()
    story.clock_ahead(offset)
    story.files[f"clock/{story.device.serial}/tracking.txt"] = chronyc_tracking(story.at(30), offset)
    story.request(6, audited=False)


def refused(story: Story) -> None:
    """The handshake is refused for a reason of time, before any identity is told."""
    story.synced()
    story.open()
    story.clock_ahead(-story.rng.uniform(60, 900))
    reason = story.rng.choice(("certificate not yet valid", "certificate is not valid at device time"))
    story.fail(5, reason)


FATES = (
    Fate("l3_sample", "clock CSV", _ASKED, NOT_STARTED, sampled),
    Fate("l3_log", "Clock offset in the log", _ASKED, NOT_STARTED, self_measured),
    Fate("l3_sntp", "sntp output", _ASKED, NOT_STARTED, measured_by_sntp),
    Fate("l3_chrony", "chronyc output", _ASKED, NOT_STARTED, measured_by_chrony),
    Fate("l3_handshake", "handshake refused for a reason of time", _BOOTED, NOT_STARTED, refused),
)
