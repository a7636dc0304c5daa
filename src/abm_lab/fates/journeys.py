"""Devices that boot twice: more than 24 h after the last fact a new journey begins, before that it is a retry."""

from abm_lab.fates._interface import CONFIRMED, Fate, Truth
from abm_lab.story import REJECTED_4001, Story

_HOUR_S = 3600.0
_LONG_AGO = (78 * _HOUR_S, 92 * _HOUR_S)
_ASKED = Truth("vanished", "requested")


def redeployed_arrives(story: Story) -> None:
    """First an empty 202; a day and more later it is staged again and arrives."""
    story.synced()
    story.open()
    story.answer_empty(9, story.request(6))
    story.reboot(story.rng.uniform(26, 46))
    story.begin_journey()
    story.arrive()


def redeployed_vanishes(story: Story) -> None:
    """It had arrived; a day and more later it is staged again and gets a 204."""
    story.synced()
    story.arrive()
    story.reboot(story.rng.uniform(26, 46))
    story.begin_journey()
    story.open()
    story.request(6, region=story.other_region(), audited=False)
    story.answer(8, "204")


def retried_arrives(story: Story) -> None:
    """Rejected, booted again within the day, and arrived: one journey, two attempts."""
    story.synced()
    story.open()
    story.request(6, renewed=True)
    story.say(8, REJECTED_4001, "Error")
    story.reboot(story.rng.uniform(3, 20))
    story.identifier = f"{story.rng.getrandbits(128):032x}"
    story.arrive()


def relapsed(story: Story) -> None:
    """It arrived, booted again within the day and got a 204: both sides still confirm this journey."""
    story.synced()
    story.arrive()
    story.reboot(story.rng.uniform(3, 20))
    story.open()
    story.request(6, region=story.other_region(), audited=False)
    story.answer(8, "204")


def retried_empty(story: Story) -> None:
    """An empty 202, and within the day a boot that got no answer: the 202 still belongs to this journey."""
    story.synced()
    story.open()
    story.answer_empty(9, story.request(6))
    story.reboot(story.rng.uniform(14, 22))
    story.open()
    story.request(6)
    story.fail(9, "connection reset by peer")


FATES = (
    Fate(
        "redeployed_arrives",
        "vanished, redeployed, arrives",
        CONFIRMED,
        CONFIRMED,
        redeployed_arrives,
        boots_before_s=_LONG_AGO,
    ),
    Fate(
        "redeployed_vanishes",
        "arrived, redeployed, vanishes",
        Truth("vanished", "requested", "L4"),
        CONFIRMED,
        redeployed_vanishes,
        boots_before_s=_LONG_AGO,
    ),
    Fate(
        "retried_arrives",
        "rejected, arrives within the day",
        CONFIRMED,
        CONFIRMED,
        retried_arrives,
        boots_before_s=_LONG_AGO,
    ),
    Fate("relapsed", "arrived, fails again within the day", CONFIRMED, CONFIRMED, relapsed, boots_before_s=_LONG_AGO),
    Fate(
        "retried_empty",
        "empty 202, silent within the day",
        Truth("vanished", "accepted", "L2"),
        _ASKED,
        retried_empty,
        boots_before_s=_LONG_AGO,
    ),
)
