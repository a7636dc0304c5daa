"""The health score as programs get it, and as the history keeps it."""

import msgspec

from abm_trace.checks.health import By, Decision, Health, Measurement, Part
from abm_trace.core import instants
from abm_trace.core.nouns import Origin

EVIDENCE_MAX = 3


class ComponentObject(msgspec.Struct, frozen=True):
    """A part of the score: what its worst subject showed, and what it is worth."""

    name: str
    weight: int
    score: float | None
    at_most: float
    points: float | None
    subject: str
    said: str
    measured_at: str | None
    measured: int
    open: str
    meaning: str
    origin: str
    do: str
    evidence: str


class HealthDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/health/1"):
    """The health score of a rollout: its parts, their sum, and what decided."""

    at: str
    rollout: str
    simulated: bool
    decision: Decision
    decided_by: By
    score: float | None
    at_most: float
    bar: float
    bar_origin: str
    vetoes: list[str]
    missing: list[str]
    components: list[ComponentObject]


class HistoryDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/healthhistory/1"):
    """The scores that were kept, the oldest first."""

    scores: list[HealthDocument]


class HistoryRow(msgspec.Struct, frozen=True):
    """A score that was kept, for a table; a part that was not known is empty."""

    at: str
    rollout: str
    simulated: bool
    decision: Decision
    decided_by: By
    score: float | None
    at_most: float
    bar: float
    vetoes: str
    missing: str
    token: float | None
    latency: float | None
    staple: float | None
    clock: float | None
    syntax: float | None


def document(found: Health, at: int, rollout: str, *, simulated: bool) -> HealthDocument:
    """The score for programs. `at` is µs UTC."""
    return HealthDocument(
        instants.render(at),
        rollout,
        simulated,
        found.decision,
        found.by,
        found.score,
        found.at_most,
        found.bar.value,
        found.bar.origin,
        list(found.vetoes),
        list(found.missing),
        [_component(each) for each in found.parts],
    )


def _component(part: Part) -> ComponentObject:
    component, worst = part.component, part.worst or Measurement("", None, "not measured")
    return ComponentObject(
        component.name,
        component.weight,
        None if part.score is None else round(part.score, 6),
        round(part.at_most, 6),
        None if part.score is None else round(component.weight * part.score / 100, 6),
        worst.subject,
        worst.said,
        None if worst.at is None else instants.render(worst.at),
        part.measured,
        "; ".join(f"{each.subject}: {each.said}" for each in part.open),
        component.meaning,
        component.origin,
        component.do if part.score is not None else component.get,
        "; ".join(_place(each) for each in worst.evidence[:EVIDENCE_MAX]),
    )


def _place(origin: Origin) -> str:
    if origin.line is not None:
        return f"{origin.path}:{origin.line}"
    return origin.path if origin.record is None else f"{origin.path} record {origin.record}"


def row(score: HealthDocument) -> HistoryRow:
    """A kept score as a row."""
    of = {each.name: each.score for each in score.components}
    parts = (of.get(name) for name in ("token", "latency", "staple", "clock", "syntax"))
    return HistoryRow(
        score.at, score.rollout, score.simulated, score.decision, score.decided_by, score.score, score.at_most,
        score.bar, "; ".join(score.vetoes), "; ".join(score.missing), *parts,
    )  # fmt: skip


def flaw(score: HealthDocument) -> str:
    """What makes it a score that nobody can have kept, "" for nothing."""
    try:
        instants.parse(score.at)
    except ValueError as error:
        return str(error)
    numbers = [score.score, score.at_most, score.bar]
    numbers += [value for each in score.components for value in (each.score, each.at_most, each.points)]
    if any(value is not None and not 0 <= value <= 100 for value in numbers):
        return "a score is 0 to 100"
    if score.score is None and score.decision == "go":
        return "go without a score"
    return ""
