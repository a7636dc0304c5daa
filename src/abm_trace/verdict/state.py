"""What a device's facts come to: corrected times, journeys, the ladder, attempts, the two sides."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from abm_trace.core.instants import SECOND
from abm_trace.core.nouns import RUNGS, Device, Fact
from abm_trace.verdict.context import SIDES, Context

STANDING: Final = frozenset({"known", "assigned", "synced"})
"""Rungs that a journey inherits from the ones before it."""

_PROVES: Final[Mapping[str, str]] = {**{rung: rung for rung in RUNGS}, "pending": "requested", "preparing": "booted"}
"""Which rung a kind of fact proves."""

_LEVEL: Final = {rung: number for number, rung in enumerate(RUNGS)}
_STARTS: Final = ("requested", "pending", "accepted", "registered")
_BOOTS: Final = frozenset({"booted", "preparing"})
_NO_TIME: Final = frozenset({"enrolment_profile", "known"})


@dataclass(slots=True)
class State:
    """A device at `as_of`: its last journey's facts by kind, in order of time, and what follows from them."""

    device: Device
    context: Context
    as_of: int
    facts: list[Fact]
    kinds: dict[str, list[Fact]] = field(default_factory=dict)
    journeys: int = 1
    rungs: dict[str, Fact] = field(default_factory=dict)
    start: int | None = None
    deadline: int | None = None
    registered_at: int | None = None
    sides: dict[str, str] = field(default_factory=dict)
    clock_offset: int | None = None

    def of(self, *kinds: str) -> list[Fact]:
        """The journey's facts of these kinds, in order of time."""
        if len(kinds) == 1:
            return self.kinds.get(kinds[0], [])
        return sorted((fact for kind in kinds for fact in self.kinds.get(kind, ())), key=_order)

    def standing(self, facts: Iterable[Fact]) -> list[Fact]:
        """Those of the facts that no later registration overcame; an undated one is overcome by any."""
        if "registered" not in self.rungs and self.registered_at is None:
            return list(facts)
        if self.registered_at is None:
            return []
        return [fact for fact in facts if fact.at is not None and fact.at > self.registered_at]


def build(device: Device, context: Context, as_of: int) -> State:
    """The state of a device. The order of its facts, and how often each stands there, does not matter."""
    facts, offset = _corrected(device.facts)
    facts = sorted({_key(fact): fact for fact in sorted(facts, key=_origin, reverse=True)}.values(), key=_order)
    begin, journeys = _journey(facts, context.thresholds.us("journey_gap_s"))
    state = State(device, context, as_of, facts, journeys=journeys, clock_offset=offset)
    for fact in facts:
        if fact.at is None or fact.at >= begin or fact.kind in STANDING:
            state.kinds.setdefault(fact.kind, []).append(fact)
    _ladder(state)
    _sides(state)
    return state


def _order(fact: Fact) -> tuple[int, str, str]:
    return (-(1 << 62) if fact.at is None else fact.at), fact.kind, fact.value


def _key(fact: Fact) -> tuple[object, ...]:
    attrs = fact.attrs
    return fact.kind, fact.at, fact.value, fact.source, attrs.get("request_id"), attrs.get("device_identifier")


def _origin(fact: Fact) -> tuple[str, int, int]:
    return fact.origin.path, fact.origin.offset or 0, fact.origin.record or 0


def _corrected(facts: Sequence[Fact]) -> tuple[list[Fact], int | None]:
    """The facts with the device's own times set right by the nearest clock sample, and the last sample in µs."""
    samples = sorted((-1 if fact.at is None else fact.at, offset) for fact in facts if (offset := offset_us(fact)) is not None)
    if not samples:
        return list(facts), None
    if all(abs(offset) < SECOND // 1000 for _, offset in samples):  # Below a millisecond no order changes.
        return list(facts), samples[-1][1]
    return [_set_right(fact, samples) if fact.source == "log" else fact for fact in facts], samples[-1][1]


def _set_right(fact: Fact, samples: Sequence[tuple[int, int]]) -> Fact:
    if fact.at is None:
        return fact
    place = bisect_left(samples, (fact.at, -(1 << 62)))
    near = samples[max(place - 1, 0) : place + 1]
    _, offset = min(near, key=lambda sample: (abs(sample[0] - fact.at), sample))
    return msgspec.structs.replace(fact, at=fact.at - offset)


def offset_us(fact: Fact) -> int | None:
    """The clock offset in µs that a fact says (device − reference), None for other facts."""
    if fact.kind != "clock_offset":
        return None
    try:
        return round(float(fact.attrs.get("offset") or fact.value) * SECOND)
    except (ValueError, OverflowError):
        return None


def _journey(facts: Sequence[Fact], gap: int) -> tuple[int, int]:
    """When the last journey begins (µs; everything before the first is before time), and how many there are."""
    begin, journeys, last = -(1 << 62), 1, None
    for fact in facts:
        if fact.at is None or fact.kind in _NO_TIME:
            continue
        if last is not None and fact.kind in _BOOTS and fact.at - last > gap:
            begin, journeys = fact.at, journeys + 1
        last = fact.at
    return begin, journeys


def _ladder(state: State) -> None:
    for kind, facts in state.kinds.items():
        rung = _PROVES.get(kind)
        if rung is None:
            continue
        if kind == "enrolled" and facts[0].source == "log" and len(facts) > 1:
            facts = sorted(facts, key=lambda fact: fact.source == "log")
        known = state.rungs.get(rung)
        if known is None or _order(facts[0]) < _order(known):
            state.rungs[rung] = facts[0]
    boots = [fact.at for fact in state.of("booted", "preparing") if fact.at is not None]
    starts = [fact.at for fact in state.of(*_STARTS) if fact.at is not None]
    state.start = min(boots or starts, default=None)


def last_rung(state: State) -> str | None:
    """The highest rung that the last journey proves."""
    return max(state.rungs, key=lambda rung: _LEVEL[rung], default=None)


def _sides(state: State) -> None:
    limit = state.context.thresholds.us("confirmation_s")
    apple = [
        *state.of("registered"),
        *(fact for fact in state.of("profile") if fact.source in {"audit", "log"}),
        *(fact for fact in state.of("enrolled") if fact.source == "audit"),
    ]
    mdm = [fact for fact in state.of("enrolled") if fact.source == "mdm"]
    if apple:
        times = [fact.at for fact in apple if fact.at is not None]
        state.registered_at = max(times, default=None)
        state.rungs.setdefault("registered", apple[0])
    first = state.start
    if first is None:
        first = min((fact.at for fact in (*apple, *mdm, *by_hand(state)) if fact.at is not None), default=None)
    state.deadline = None if first is None else first + limit
    for side, confirmed in (("apple", apple), ("mdm", mdm)):
        until = state.context.side(side).until
        if confirmed:
            state.sides[side] = "confirmed"
        elif until is None or (state.deadline is not None and until < state.deadline):
            state.sides[side] = "unread"
        else:
            state.sides[side] = "absent"


def by_hand(state: State) -> list[Fact]:
    """The MDM records of the journey that stand for no enrolment through ABM."""
    return state.of("enrolled_by_hand", "enrolled_without_token")


def side_of(fact: Fact) -> str:
    """The side that a fact's source belongs to, "" for the device's own."""
    return next((side for side, sources in SIDES.items() if fact.source in sources), "")


def attempts(state: State) -> int:
    """Distinct enrolment requests: by requestId, else deviceIdentifier, else more than a gap apart (CASE.md)."""
    asked = state.of("requested", "accepted", "response_empty", "pending")
    if requests := {fact.attrs["request_id"] for fact in asked if "request_id" in fact.attrs}:
        return len(requests)
    if identifiers := {fact.attrs["device_identifier"].upper() for fact in asked if "device_identifier" in fact.attrs}:
        return len(identifiers)
    gap = state.context.thresholds.us("attempt_gap_s")
    count, last = 0, None
    for fact in asked:
        if fact.at is None:
            count = max(count, 1)
            continue
        if last is None or fact.at - last > gap:
            count += 1
        last = fact.at
    return count


def identifiers(state: State) -> dict[str, Fact]:
    """The device identifiers of the journey, upper case → the first fact that names it."""
    found: dict[str, Fact] = {}
    for fact in state.of("identifier", "requested", "accepted", "registered", "profile", "rejected"):
        value = fact.attrs.get("device_identifier")
        if value:
            found.setdefault(value.upper(), fact)
    return found
