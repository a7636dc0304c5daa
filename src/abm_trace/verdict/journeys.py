"""Journeys: a device that is erased and enrolled anew begins another one, and only the last is judged."""

from collections.abc import Sequence
from typing import Final

from abm_trace.core.instants import NEVER, parse
from abm_trace.core.nouns import Fact

STANDING: Final = frozenset(
    {"known", "assigned", "synced", "unassigned", "released", "dep_record", "migration", "throttled", "assign_failed"}
)
"""What a journey inherits from the ones before it: how things stand, and no event of a boot."""

BOOTS: Final = frozenset({"booted", "preparing"})
"""What begins a journey, after a gap."""

_CHECKS_IN: Final = "authenticate"
"""What only a device says that is not enrolled (any more): with it a journey began after the last gap before it."""

_NO_JOURNEY: Final = frozenset({"enrolment_profile", "connected", "mdm_command"})
"""What goes on beside journeys: a managed device talks to its MDM every day until it is erased for the next one."""

_ENROLLED: Final = frozenset({"enrolled", "enrolled_by_hand", "enrolled_without_token"})


def last(facts: Sequence[Fact], gap: int) -> tuple[int, int]:
    """As `_journey`, where a capture of a device in use begins none: its MDM has heard from it since, as its own record
    says, and the capture shows nothing of an enrolment. Else each late capture of a device that works would be a
    redeploy that failed.
    """
    begin, journeys = _journey(facts, gap)
    if begin == NEVER:
        return begin, journeys
    contact = max(map(_contact, facts))
    while begin > NEVER and contact >= begin:
        before = [fact for fact in facts if (fact.at or 0) < begin]
        if any(makes_journeys(fact.kind) and fact.kind != "booted" for fact in facts[len(before) :]):
            break
        facts = before
        begin, journeys = _journey(facts, gap)
    return begin, journeys


def _contact(fact: Fact) -> int:
    """When the MDM last heard from a device that its record calls enrolled; never where that is not said."""
    try:
        return parse(fact.attrs["contact_at"]) if fact.kind in _ENROLLED else NEVER
    except (KeyError, ValueError):
        return NEVER


def _journey(facts: Sequence[Fact], gap: int) -> tuple[int, int]:
    """When the last journey begins (µs; everything before the first is before time), and how many there are.

    What an administrator did to the device (assigned it, gave it a profile) is no part of a journey: it often comes
    right before the boot that begins the next one. An MDM's row of a device that is not enrolled is no journey alone.
    A check-in takes all that came since the gap before it into its journey: the push comes right before it.
    """
    begin, journeys = NEVER, 1
    if not facts or (facts[-1].at or 0) - (facts[0].at or 0) <= gap:
        return begin, journeys
    last = resumed = None
    begun = False
    for fact in facts:
        at = fact.at or 0
        if not makes_journeys(fact.kind):
            continue
        if last is not None and at - last > gap:
            resumed = at, begun
        if resumed and ((fact.kind in BOOTS and at == resumed[0]) or fact.kind == _CHECKS_IN):
            begin, journeys = resumed[0], journeys + resumed[1]
            resumed = None
        last = at
        begun = begun or fact.kind != "mdm_row"
    return begin, journeys


def makes_journeys(kind: str) -> bool:
    """Whether facts of a kind come in journeys, with gaps between them."""
    return kind not in STANDING and kind not in _NO_JOURNEY
