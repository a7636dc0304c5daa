"""Verdicts and devices as summaries read them, without their proofs: what is packed is decoded once, and fits into
memory.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from abm_trace.core.beginnings import Beginning
from abm_trace.core.nouns import NO_ATTRS, Device, Fact, Finding, Origin, Verdict
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill
from abm_trace.views import contrast, licences
from abm_trace.views.sightings import IN_USE

_Same = TypeVar("_Same", bound=Hashable)
_SOMEWHERE: Final = Origin("", "")
_SELF_MIN: Final = 4
"""A shorter serial could be part of any word."""


def brief(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """The verdicts, all at hand. Of packed ones the proofs are cut away, and what is equal is held once.

    Of those, `rungs` says which are proved and not where, `identifiers` how many there are, and the next action names
    no device.
    """
    return list(_cut(verdicts)) if isinstance(verdicts, Packed) else verdicts


def _cut(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    known: dict[Hashable, Hashable] = {}
    ladders: dict[tuple[str, ...], dict[str, Origin | None]] = {}

    def same(value: _Same) -> _Same:
        return known.setdefault(value, value)  # type: ignore[return-value]  # It is equal.

    for each in verdicts:
        proved = tuple(rung for rung, origin in each.rungs.items() if origin is not None)
        yield replace(
            each,
            site=same(each.site),
            verdict=same(each.verdict),
            last_rung=same(each.last_rung),
            layer=same(each.layer),
            cause=same(each.cause),
            contributing=(),
            identifiers=("",) * len(each.identifiers),
            first_seen=None,
            last_seen=None,
            missing=same(each.missing),
            findings=tuple(same(_bare(found)) for found in each.findings if found.id == IN_USE),
            next_action=same(_nameless(each)),
            as_of=same(each.as_of),
            rungs=ladders.setdefault(proved, dict.fromkeys(proved, _SOMEWHERE)),
            exposure=same(each.exposure),
            dialects=same(each.dialects),
            advice=same(each.advice),
        )


def _bare(found: Finding) -> Finding:
    return Finding(found.id, found.kind, found.layer, found.severity, found.confidence, ())


def _nameless(verdict: Verdict) -> str:
    if len(verdict.serial) < _SELF_MIN or not verdict.advice:
        return verdict.next_action
    return verdict.next_action.replace(verdict.serial, "the device")


_BLOCK_DEVICES: Final = 500
_ATTRS: Final = contrast.FROM_FACTS | licences.FROM_FACTS


class _Unit(msgspec.Struct, frozen=True, gc=False):
    """A device without its conflicts."""

    serial: str
    attrs: Mapping[str, str]
    facts: tuple[Beginning, ...]
    sightings: tuple[Fact, ...]


def brief_devices(devices: Sequence[Device]) -> Sequence[Device]:
    """The devices. Of the facts of packed ones those that say the same to summaries are one, the latest."""
    if not isinstance(devices, Packed):
        return devices
    units = devices.seen_as(_Unit)
    few = (Device(unit.serial, unit.attrs, _few(unit.facts), (), unit.sightings) for unit in units)
    return Packed.of(Device, _BLOCK_DEVICES, few, Spill())


def _few(facts: Sequence[Beginning]) -> tuple[Fact, ...]:
    latest: dict[tuple[str, str, tuple[tuple[str, str], ...]], int | None] = {}
    for fact in facts:
        own = fact.attrs and tuple((key, fact.attrs[key]) for key in sorted(_ATTRS & fact.attrs.keys()))
        key = fact.kind, fact.source, own or ()
        before = latest.setdefault(key, fact.at)
        if fact.at is not None and (before is None or fact.at > before):
            latest[key] = fact.at
    return tuple(
        Fact(kind, at, source, "", dict(own) if own else NO_ATTRS, _SOMEWHERE)
        for (kind, source, own), at in latest.items()
    )
