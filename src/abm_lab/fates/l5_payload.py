"""L5: the profile lost enrollmentMethod or serverUrl on its way through a connector, so no request is ever sent."""

from abm_lab import payloads
from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_TRUTH = Truth("vanished", "booted", "L5")


def without_method(story: Story) -> None:
    """The device logs the method it was given: none."""
    story.synced()
    story.open(method="none")


def own_profile(story: Story) -> None:
    """The device's own profile is broken, in one of several ways; its log shows no request."""
    story.synced()
    story.say(1.5, "Preparing for enrollment…")
    broken = story.rng.choice(payloads.BROKEN)
    story.files[f"profiles/{story.device.serial}/enrollment.mobileconfig"] = broken(story.device.site.endpoint)


def site_profile(story: Story) -> None:
    """The site's shared profile is broken; where the rollout has too few sites for that, the device's own."""
    if not story.device.site.shares_payload:
        own_profile(story)
        return
    story.synced()
    story.say(1.5, "Preparing for enrollment…")


FATES = (
    Fate("l5_log", "enrollmentMethod=none in the log", _TRUTH, NOT_STARTED, without_method),
    Fate("l5_profile", "a broken profile of the device", _TRUTH, NOT_STARTED, own_profile),
    Fate("l5_site", "a broken profile of the site", _TRUTH, NOT_STARTED, site_profile, shared_payload=True),
)
