"""A change since an earlier judgement: in words, and as the object of the machine formats."""

from collections.abc import Iterable
from typing import Final

import msgspec

from abm_trace.core.changes import Change, Ground
from abm_trace.core.instants import render
from abm_trace.core.nouns import Origin, Verdict
from abm_trace.exports._interface._wire import EvidenceObject, evidence_object, stamp
from abm_trace.exports._interface._words import SIDES

CHANGE_TITLES: Final = {
    "failed": "Newly failed",
    "new": "New in the case",
    "recovered": "Recovered",
    "changed": "Changed otherwise",
    "gone": "Gone from the case",
}
"""What each kind of change is called, the most urgent first."""

CHANGE_REASONS: Final = {
    "evidence": "by new evidence",
    "time": "because only the time passed",
    "withdrawn": "because evidence went away",
    "judgement": "because the same is judged otherwise",
}
"""Why something is said otherwise, by the `why` of a change."""

_SAID_MAX = 2
"""How many grounds a sentence names; the machine form has all."""


class StandingObject(msgspec.Struct, frozen=True):
    """What was said of a device at a time."""

    verdict: str
    last_rung: str | None
    layer: str | None
    cause: str | None
    missing: tuple[str, ...]
    as_of: str


class GroundObject(msgspec.Struct, frozen=True):
    """Something that one of the two verdicts rests on and the other does not cite."""

    id: str
    kind: str
    text: str
    at: str | None
    evidence: EvidenceObject | None


class ChangeLine(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/change/1"):
    """A device of which something is said otherwise than by the earlier verdict."""

    serial: str
    site: str
    change: str
    fields: tuple[str, ...]
    why: str
    text: str
    earlier: StandingObject | None
    later: StandingObject | None
    cited: list[GroundObject]
    dropped: list[GroundObject]


def change_line(change: Change) -> ChangeLine:
    """The object of a change."""
    return ChangeLine(
        change.serial,
        change.site,
        change.kind,
        change.fields,
        change.why,
        because(change),
        _standing(change.earlier),
        _standing(change.later),
        [_ground(each) for each in change.cited],
        [_ground(each) for each in change.dropped],
    )


def because(change: Change) -> str:
    """Why it is said otherwise now, in one sentence without its places."""
    before, after = change.earlier, change.later
    if after is None:
        return "no source of the case names it any more"
    if before is None:
        named = f"; now cited: {_words(change.cited)}" if change.cited else ""
        return f"the earlier verdicts do not name it{named}"
    again = "a new journey began: " if after.journeys > before.journeys else ""
    if change.why == "evidence":
        return f"{again}now cited: {_words(change.cited)}"
    if change.why == "time":
        named = f"; only now asked: {_words(change.cited)}" if change.cited else ""
        return f"only the time passed: both confirmations were due at {stamp(after.deadline_at)}{named}"
    if change.why == "withdrawn":
        return f"evidence went away: {_words(change.dropped)}"
    return "nothing new is cited and nothing went away: other limits, signatures, or another version of abm-trace"


def _words(grounds: Iterable[Ground]) -> str:
    grounds = list(grounds)
    said = [_say(each) for each in grounds[:_SAID_MAX]]
    more = f", and {len(grounds) - len(said):,} more" if len(grounds) > len(said) else ""
    return "; ".join(said) + more


def _say(ground: Ground) -> str:
    if ground.kind == "rung":
        return ground.text + (f" ({render(ground.at)})" if ground.at is not None else "")
    return f"{SIDES.get(ground.id, ground.id)}: {ground.text}" if ground.text else ground.id


def place_of(origin: Origin | None) -> str:
    """`path:line`, `path record N` where a file has no lines, "" for nothing."""
    if origin is None or not origin.path:
        return ""
    if origin.line is not None:
        return f"{origin.path}:{origin.line}"
    return f"{origin.path} record {origin.record}" if origin.record is not None else origin.path


def _standing(verdict: Verdict | None) -> StandingObject | None:
    if verdict is None:
        return None
    as_of = stamp(verdict.as_of) or ""
    return StandingObject(
        verdict.verdict, verdict.last_rung, verdict.layer, verdict.cause, verdict.missing, as_of
    )  # fmt: skip


def _ground(ground: Ground) -> GroundObject:
    origin = ground.origin
    return GroundObject(
        ground.id, ground.kind, ground.text, stamp(ground.at), evidence_object(origin) if origin else None
    )
