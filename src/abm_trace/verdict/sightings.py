"""A device that is in use and never enrolled: a finding for security, and no part of the verdict (SPEC T13, T16)."""

from typing import Final

from abm_trace.core.instants import SECOND, render
from abm_trace.core.nouns import Finding
from abm_trace.verdict import state as states
from abm_trace.verdict.state import State

IN_USE: Final = "in-use-not-enrolled"
_NOT_ASKED: Final = frozenset({"confirmed", "in_progress"})
_CONFIDENCE: Final = {True: 95, False: 90}
"""How surely the one that was seen is the device: by its serial number, by a MAC address. Origin: ours."""


def in_use(state: State, verdict: str) -> list[Finding]:
    """The finding, where the device was seen past its deadline, and vanished or is not in the MDM, which was read.

    Without a deadline the MDM must have been read as long past the sighting as a device has to enrol. A sighting
    without a time proves nothing of when, and a device that was enrolled by hand is managed.
    """
    seen = state.device.sightings[-1] if state.device.sightings else None
    if seen is None or seen.at is None or verdict in _NOT_ASKED or states.by_hand(state):
        return []
    absent = state.sides["mdm"] == "absent"
    until = state.context.side("mdm", state.assignment.server).until
    if state.deadline is not None:
        late = seen.at > state.deadline and (absent or verdict == "vanished")
        since = f", {_span(seen.at - state.deadline)} after its deadline"
    else:
        limit = state.context.thresholds.us("apple_confirmation_s" if state.served else "confirmation_s")
        late = absent and until is not None and until >= seen.at + limit
        since = ""
    if not late:
        return []
    place = seen.value or "a place that is not said"
    mdm = f"the MDM was read up to {render(until)} and has no enrolment of it" if absent and until else "it vanished"
    text = f"security: in use at {place}, seen {render(seen.at)}{since}; {mdm}"
    return [Finding(IN_USE, "rule", "", "high", _CONFIDENCE["serial" in seen.attrs], (seen.origin,), "", text, seen.at)]


def _span(us: int) -> str:
    """A length of time for people, in its largest unit."""
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if us >= length * SECOND:
            number = us // (length * SECOND)
            return f"{number:,} {name}{'s' * (number != 1)}"
    return f"{us // SECOND} s"
