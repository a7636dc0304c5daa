"""Verdicts as summaries read them, without their proofs: what is packed is decoded once, and fits into memory."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from abm_trace.core.nouns import Finding, Origin, Verdict
from abm_trace.core.packed import Packed
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
