"""Two causes on one device, for each pair of neighbours in the blocking order: the earlier one is primary."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import REJECTED_4001, Story

_ASKED = Truth("vanished", "requested")


def payload_and_clock(story: Story) -> None:
    """L5 before L3: no method in the profile, and a clock 9.2 s off."""
    story.synced()
    story.open(method="none")
    story.clock_ahead(9.2)
    story.clock_row(4, 9.2)


def clock_and_trust(story: Story) -> None:
    """L3 before L1: a clock 9.2 s off, at a host that sees no staple."""
    story.synced()
    story.open()
    story.clock_ahead(9.2)
    story.clock_row(4, 9.2)
    story.request(6, audited=False)


def trust_and_region(story: Story) -> None:
    """L1 before L4: a host that sees no staple anywhere, and a 204 of a foreign endpoint."""
    story.synced()
    story.open()
    story.request(6, region=story.other_region(), audited=False)
    story.answer(8, "204")


def region_and_identity(story: Story) -> None:
    """L4 before L6: a 204 of a foreign endpoint, then Code=4001 at the right one."""
    story.synced()
    story.open()
    story.request(6, region=story.other_region(), renewed=True, audited=False)
    story.answer(8, "204")
    story.request(40, renewed=True, audited=False)
    story.say(42, REJECTED_4001, "Error")


def identity_and_ambiguity(story: Story) -> None:
    """L6 before L2: an empty 202, then Code=4001; L2 speaks of silence and holds only without L6."""
    story.synced()
    story.open()
    story.answer_empty(8, story.request(6))
    story.request(40)
    story.say(42, REJECTED_4001, "Error")


def identity_and_rejection(story: Story) -> None:
    """L6 before the other causes of L0: Code=4001, and a rejection for an unknown reason."""
    story.synced()
    story.open()
    story.request(6)
    story.say(8, REJECTED_4001, "Error")
    story.live_as("rejected", 9, "manual_review")


def rejection_and_ambiguity(story: Story) -> None:
    """The other causes of L0 before L2: a rejection for an unknown reason, and an empty 202."""
    story.synced()
    story.open()
    story.answer_empty(8, story.request(6))
    story.event(9, "device_enrollment_rejected", reason="manual_review")


def ambiguity_and_limbo(story: Story) -> None:
    """L2 before L7: an empty 202, and Pending ever since."""
    story.synced()
    story.open()
    story.answer_empty(8, story.request(6))
    story.list_as("pending", 9)


_REJECTED = Truth("rejected", "requested", "L0", "rejected")
FATES = (
    Fate(
        "pair_l5_l3",
        "L5 and L3",
        Truth("vanished", "booted", "L5", contributing=("L3",)),
        NOT_STARTED,
        payload_and_clock,
    ),
    Fate(
        "pair_l3_l1",
        "L3 and L1",
        Truth("vanished", "requested", "L3", contributing=("L1",)),
        NOT_STARTED,
        clock_and_trust,
        condition="stapleless",
    ),
    Fate(
        "pair_l1_l4",
        "L1 and L4",
        Truth("vanished", "requested", "L1", contributing=("L4",)),
        NOT_STARTED,
        trust_and_region,
        condition="stapleless_anywhere",
    ),
    Fate(
        "pair_l4_l6",
        "L4 and L6",
        Truth("vanished", "requested", "L4", contributing=("L6",)),
        NOT_STARTED,
        region_and_identity,
    ),
    Fate("pair_l6_l2", "L6 and L2", Truth("vanished", "accepted", "L6"), _ASKED, identity_and_ambiguity),
    Fate(
        "pair_l6_l0",
        "L6 and L0",
        Truth("rejected", "requested", "L6", contributing=("L0",)),
        _REJECTED,
        identity_and_rejection,
    ),
    Fate(
        "pair_l0_l2", "L0 and L2", Truth("rejected", "accepted", "L0", "rejected"), _REJECTED, rejection_and_ambiguity
    ),
    Fate(
        "pair_l2_l7",
        "L2 and L7",
        Truth("vanished", "accepted", "L2"),
        Truth("vanished", "requested", "L7"),
        ambiguity_and_limbo,
    ),
)
