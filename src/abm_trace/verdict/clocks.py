"""Clocks of devices: how far they are off, and the times of their own logs set right by that."""

from bisect import bisect_left
from collections.abc import Sequence

from abm_trace.core.beginnings import Beginning
from abm_trace.core.instants import NEVER, SECOND
from abm_trace.core.nouns import Fact


def corrected(facts: Sequence[Fact]) -> tuple[Sequence[Fact], int | None]:
    """The facts with the device's own times set right by the nearest clock sample, and the last sample in µs."""
    samples = sorted(
        (-1 if fact.at is None else fact.at, offset)
        for fact in facts
        if fact.kind == "clock_offset" and (offset := offset_us(fact)) is not None
    )
    if not samples:
        return facts, None
    offsets = {offset for _, offset in samples}
    if len(offsets) == 1:
        return _shifted(facts, samples[0][1]), samples[0][1]
    return [_shifted((fact,), _nearest(fact.at, samples))[0] for fact in facts], samples[-1][1]


def _nearest(at: int | None, samples: Sequence[tuple[int, int]]) -> int:
    if at is None:
        return 0
    place = bisect_left(samples, (at, NEVER))
    return min(samples[max(place - 1, 0) : place + 1], key=lambda sample: (abs(sample[0] - at), sample))[1]


def _shifted(facts: Sequence[Fact], offset: int) -> Sequence[Fact]:
    """The facts, those of the device's own log moved back by its clock's offset."""
    if not offset:
        return facts
    return [
        Fact(fact.kind, fact.at - offset, "log", fact.value, fact.attrs, fact.origin, fact.layer, fact.cause)
        if fact.source == "log" and fact.at is not None
        else fact
        for fact in facts
    ]


def offset_us(fact: Fact | Beginning) -> int | None:
    """The clock offset in µs that a fact says (device − reference), None for other facts."""
    if fact.kind != "clock_offset":
        return None
    try:
        return round(float(fact.attrs.get("offset") or fact.value) * SECOND)
    except (ValueError, OverflowError):
        return None
