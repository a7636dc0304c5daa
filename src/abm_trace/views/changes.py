"""What is said otherwise than before, device by device, and why: the hand-over of a shift (SPEC T19)."""

from collections.abc import Iterable, Iterator
from typing import Final

from abm_trace.core.changes import KINDS, Change, Ground
from abm_trace.core.nouns import FAILED, RUNGS, VERDICTS, Finding, Verdict

FIELDS: Final = ("verdict", "layer", "cause", "last_rung", "missing")
"""The parts of a verdict whose change is one: confidence and wording are not."""

_SIDE_RUNGS: Final = {"apple": ("accepted", "registered"), "mdm": ("enrolled",)}
"""Where the proof of a side's confirmation stands."""

_SILENT: Final = "-silent"
_TROUBLE_MAX: Final = 20
"""A verdict names no more errors than this: where it is full, what it does not name may still be there."""

_JUDGES_SIDES: Final = frozenset({"confirmed", "half_confirmed", "vanished", "unknown"})
"""Verdicts that say of each side whether it was read."""


def changes(earlier: Iterable[Verdict], later: Iterable[Verdict]) -> tuple[Change, ...]:
    """The devices of which something is said otherwise, each once: in the order of KINDS, the worst first.

    Each of the two has one verdict a serial, spelled alike in both. Their order does not matter.
    """
    before = {verdict.serial: verdict for verdict in earlier}
    after = {verdict.serial: verdict for verdict in later}
    found = (_change(before.get(serial), after.get(serial)) for serial in before.keys() | after.keys())
    return tuple(sorted((change for change in found if change), key=_worst_first))


def _worst_first(change: Change) -> tuple[int, int, str, str]:
    verdict = change.later or change.earlier
    badness = VERDICTS.index(verdict.verdict) if verdict else 0
    return KINDS.index(change.kind), badness, change.site, change.serial


def _change(before: Verdict | None, after: Verdict | None) -> Change | None:
    if before is None or after is None:
        if after is not None:
            return Change("new", after.serial, after.site, None, after, cited=tuple(_first_rungs(after)))
        return Change("gone", before.serial, before.site, before, None, why="withdrawn") if before else None
    fields = tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))
    if not fields:
        return None
    cited = (*_findings(before, after), *_rungs(before, after))
    dropped = tuple(_dropped(before, after))
    kind, why = _kind(before, after), _why(before, after, cited, dropped)
    return Change(kind, after.serial, after.site or before.site, before, after, fields, why, cited, dropped)


def _kind(before: Verdict, after: Verdict) -> str:
    if after.verdict in FAILED:
        return "changed" if before.verdict in FAILED else "failed"
    return "recovered" if before.verdict in FAILED and after.verdict == "confirmed" else "changed"


def _why(before: Verdict, after: Verdict, cited: Iterable[Ground], dropped: Iterable[Ground]) -> str:
    """One of WHY.

    A device in progress is told no layer, so that a rule which speaks only after the deadline is no new evidence,
    unless what it saw happened since.
    """
    cited = list(cited)
    passed = before.verdict == "in_progress" and after.deadline_at is not None and after.as_of > after.deadline_at
    if any(not passed or ground.kind in {"signature", "rung"} or (ground.at or 0) > before.as_of for ground in cited):
        return "evidence"
    return "time" if passed else "withdrawn" if list(dropped) else "judgement"


def _findings(before: Verdict, after: Verdict) -> Iterator[Ground]:
    """The findings that the later verdict rests on, of which the earlier cited no line.

    A line more of the same message is none: it says what the first one said.
    """
    known = {key for finding in before.findings for key in _keys(finding)}
    unread = _unread(before)
    for finding in after.findings:
        if finding.kind == "check":
            if finding.id.removesuffix(_SILENT) in unread:  # It was not read, and now is: its silence is new.
                yield _ground(finding)
        elif _proves(finding) and known.isdisjoint(_keys(finding)):
            yield _ground(finding)


def _dropped(before: Verdict, after: Verdict) -> Iterator[Ground]:
    """What the earlier verdict rested on and is nowhere in the later one, a new journey apart.

    Only what signatures saw: rules speak where they decide, so that their silence may have other reasons.
    """
    if after.journeys > before.journeys:
        return
    kept = {key for finding in after.findings for key in _keys(finding)}
    if len(after.findings) < _TROUBLE_MAX:
        seen = (finding for finding in before.findings if finding.kind == "signature" and _proves(finding))
        yield from (_ground(finding) for finding in seen if kept.isdisjoint(_keys(finding)))
    if before.last_rung and _level(after) < _level(before):
        yield Ground(before.last_rung, "rung", f"{before.last_rung} is not proved any more", before.last_rung_at)
    if before.verdict in _JUDGES_SIDES:
        fewer = sorted(_unread(after) - _unread(before))
        yield from (Ground(side, "side", "it is not read far enough any more") for side in fewer)


def _unread(verdict: Verdict) -> frozenset[str]:
    """The sides that were not read: what `half_confirmed` lacks was read, and lacks it."""
    return frozenset(verdict.missing if verdict.verdict in {"vanished", "unknown"} else ())


def _rungs(before: Verdict, after: Verdict) -> Iterator[Ground]:
    """The rungs, highest first, above the earlier last one, of a new journey, or of a side that lacked."""
    proved = {rung for rung, origin in after.rungs.items() if origin is not None}
    again = after.journeys > before.journeys
    bottom = RUNGS.index("booted") - 1 if again else _level(before)
    won = {rung for side in _lacked(before) - _lacked(after) for rung in _SIDE_RUNGS[side]}
    wanted = [rung for rung in RUNGS if rung in proved and (RUNGS.index(rung) > bottom or rung in won)]
    yield from (_rung(rung, after) for rung in reversed(wanted))


def _lacked(verdict: Verdict) -> set[str]:
    """The sides that do not confirm, as far as the verdict says."""
    if verdict.verdict == "confirmed":
        return set()
    if verdict.verdict == "half_confirmed":
        return {side for side in verdict.missing if side in _SIDE_RUNGS}
    return set(_SIDE_RUNGS)


def _first_rungs(after: Verdict) -> list[Ground]:
    """What names a new device: the rungs that are proved, the highest first."""
    return [_rung(rung, after) for rung in reversed(RUNGS) if after.rungs.get(rung) is not None]


def _rung(rung: str, verdict: Verdict) -> Ground:
    at = verdict.last_rung_at if rung == verdict.last_rung else None
    return Ground(rung, "rung", f"{rung} is proved", at, verdict.rungs[rung])


def _level(verdict: Verdict) -> int:
    return RUNGS.index(verdict.last_rung) if verdict.last_rung else -1


def _proves(finding: Finding) -> bool:
    """Whether a verdict may rest on it: it names a layer, and nothing overcame it."""
    return bool(finding.layer) and finding.severity != "info"


def _keys(finding: Finding) -> set[tuple[str, str]]:
    """What makes a finding the same one: what says it, and the digests of its lines, wherever the file lies now."""
    if not finding.evidence:
        return {(finding.id, finding.text)}
    return {(finding.id, each.sha256 or f"{each.path}\n{each.line}\n{each.record}") for each in finding.evidence}


def _ground(finding: Finding) -> Ground:
    layer = f"{finding.layer} " if finding.layer else ""
    origin = next(iter(finding.evidence), None)
    return Ground(finding.id, finding.kind, f"{layer}{finding.text}".strip(), finding.at, origin)
