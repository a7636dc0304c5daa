"""Devices close to a threshold, on either side: a threshold that is doubled or halved changes what is true of them."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_ASKED = Truth("vanished", "requested")
_LIMBO = Truth("vanished", "requested", "L7")
_GOING = Truth("in_progress", "requested")


def requested(story: Story) -> None:
    """A request that ABM recorded, and no more."""
    story.precise = True
    story.synced()
    story.open()
    story.request(5)


def just_registered(story: Story) -> None:
    """Registered, and the MDM has still time."""
    story.precise = True
    story.synced()
    story.open()
    story.registered(9, story.request(5))


def pending(story: Story) -> None:
    """Pending since soon after the boot."""
    story.precise = True
    story.synced()
    story.open()
    story.request(5)
    story.list_as("pending", 7)


def measured(ahead_s: float, story: Story) -> None:
    """A request that ABM did not record, from a device with a measured clock."""
    story.precise = True
    story.synced()
    story.open()
    story.clock_ahead(ahead_s)
    story.clock_row(4, ahead_s)
    story.request(5, audited=False)


def just_below(story: Story) -> None:
    """A clock below the limit of 5.79 s, but above its half."""
    measured(round(story.rng.choice((-1, 1)) * story.rng.uniform(5.6, 5.785), 3), story)


def just_beyond(story: Story) -> None:
    """A clock beyond the limit of 5.79 s, but not beyond its double."""
    measured(round(story.rng.choice((-1, 1)) * story.rng.uniform(5.85, 11.4), 3), story)


def ahead_5(story: Story) -> None:
    """By its own stamps still in time; corrected by the known 5 s it is late."""
    measured(5.0, story)


def behind_5(story: Story) -> None:
    """By its own stamps already late; corrected by the known 5 s it is in time."""
    measured(-5.0, story)


def ahead_20(story: Story) -> None:
    """By its own stamps still in time; its clock is 20 s ahead, which makes it late and is the reason."""
    measured(20.0, story)


def stale_probe(story: Story) -> None:
    """A probe without a staple, half a day and more before: it does not count any more."""
    requested_unheard(story)
    story.probe(-story.rng.uniform(13 * 3600, 23 * 3600), stapled=False)


def recent_probe(story: Story) -> None:
    """A probe without a staple, some hours before: it counts."""
    requested_unheard(story)
    story.probe(-story.rng.uniform(6.8 * 3600, 11 * 3600), stapled=False)


def requested_unheard(story: Story) -> None:
    """A request that ABM did not record."""
    story.synced()
    story.open()
    story.request(5, audited=False)


def hasty(story: Story) -> None:
    """Two requests a second and a half apart, told without identifiers: two attempts."""
    story.precise = True
    story.synced()
    story.open()
    for second in (6.0, 7.5):
        story.say(second, f"Sending enrollment request to https://{story.device.site.endpoint}/v1/devices", "Debug")
        story.attempts_logged += 1


FATES = (
    Fate("deadline_past", "past 63 s, within 126 s", _ASKED, _ASKED, requested, boots_before_s=(76, 118)),
    Fate("deadline_inside", "within 63 s", _GOING, _GOING, requested, boots_before_s=(34, 55)),
    Fate(
        "deadline_inside_registered",
        "within 63 s, registered",
        Truth("in_progress", "registered"),
        Truth("in_progress", "registered"),
        just_registered,
        boots_before_s=(34, 55),
    ),
    Fate("deadline_ahead_5", "late only after correction", _ASKED, NOT_STARTED, ahead_5, boots_before_s=(65, 67)),
    Fate("deadline_behind_5", "in time only after correction", _GOING, NOT_STARTED, behind_5, boots_before_s=(59, 61)),
    Fate(
        "deadline_ahead_20",
        "late only after correction, L3",
        Truth("vanished", "requested", "L3"),
        NOT_STARTED,
        ahead_20,
        boots_before_s=(70, 80),
    ),
    Fate("pending_past", "Pending for 90 to 180 s", _LIMBO, _LIMBO, pending, boots_before_s=(105, 170)),
    Fate("pending_inside", "Pending for less than 90 s", _ASKED, _ASKED, pending, boots_before_s=(76, 92)),
    Fate("clock_below", "clock just below the limit", _ASKED, NOT_STARTED, just_below),
    Fate("clock_beyond", "clock just beyond the limit", Truth("vanished", "requested", "L3"), NOT_STARTED, just_beyond),
    Fate("attempts_close", "two requests 1.5 s apart", _ASKED, NOT_STARTED, hasty),
    Fate("probe_stale", "bad probe 13 to 23 h before", _ASKED, NOT_STARTED, stale_probe, own_host=True),
    Fate(
        "probe_recent",
        "bad probe 7 to 11 h before",
        Truth("vanished", "requested", "L1"),
        NOT_STARTED,
        recent_probe,
        own_host=True,
    ),
)
