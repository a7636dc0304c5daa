"""The findings for programs: one JSON document."""

from typing import Literal

import msgspec

from abm_trace.checks.payload import SEVERITIES, Hit, catalogue
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.core.instants import render
from abm_trace.exports._interface import SkippedLine, encode, skipped_line


class ValidatePlace(msgspec.Struct, frozen=True):
    """Where a finding stands; `sha256` is of the cited line without its end, or of the whole payload."""

    path: str
    line: int | None
    record: int | None
    offset: int | None
    sha256: str
    by: str


class ValidateFinding(msgspec.Struct, frozen=True):
    """One finding; `confidence` is 0 to 1. `allowed` is the reason of the exception that allows it."""

    id: str
    kind: str
    layer: str | None
    cause: str | None
    severity: str
    confidence: float
    text: str
    key: str
    evidence: list[ValidatePlace]
    next_action: str
    allowed: str | None


class ValidatePayload(msgspec.Struct, frozen=True):
    """A payload; `kind` is `profile`, `dep-profile`, `unreadable`, or `allow` for the file of exceptions."""

    path: str
    kind: str
    form: str
    findings: list[ValidateFinding]


class ValidateEndpoint(msgspec.Struct, frozen=True):
    """A server that hands were shaken with; `seen` is what showed, `problem` why nothing did."""

    name: str
    state: Literal["good", "bad", "open"]
    seen: str
    problem: str


class ValidateDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/validate/1"):
    """What was validated, and what was found."""

    as_of: str
    counts: dict[str, int]
    passed_over: int
    payloads: list[ValidatePayload]
    endpoints: list[ValidateEndpoint]
    skipped: list[SkippedLine]


class RuleObject(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/rule/1"):
    """A rule."""

    id: str
    title: str
    severity: str
    layer: str | None
    cause: str | None
    source: str
    means: str
    next_action: str


def document(outcome: Outcome, as_of: int) -> bytes:
    """The document, indented, with a newline at its end."""
    allowed: dict[str, list[ValidateFinding]] = {}
    for hit, allowance in outcome.allowed:
        allowed.setdefault(hit.finding.evidence[0].path, []).append(_finding(hit, allowance.reason))
    counts = {severity: outcome.count(severity) for severity in SEVERITIES} | {"allowed": len(outcome.allowed)}
    payloads = [
        ValidatePayload(
            each.path, each.kind, each.form, [_finding(hit, None) for hit in each.hits] + allowed.get(each.path, [])
        )
        for each in outcome.checked
    ]
    skipped = [skipped_line(each) for each in outcome.skipped]
    endpoints = [ValidateEndpoint(each.name, each.state, each.seen, each.problem) for each in outcome.endpoints]
    return encode(ValidateDocument(render(as_of), counts, outcome.passed_over, payloads, endpoints, skipped))


def _finding(hit: Hit, allowed: str | None) -> ValidateFinding:
    finding = hit.finding
    return ValidateFinding(
        finding.id,
        finding.kind,
        finding.layer or None,
        finding.cause or None,
        finding.severity,
        finding.confidence / 100,
        finding.text,
        hit.key,
        [
            ValidatePlace(each.path, each.line, each.record, each.offset, each.sha256, each.by)
            for each in finding.evidence
        ],
        catalogue()[finding.id].do,
        allowed,
    )


def rules() -> bytes:
    """The rules, an object a line."""
    lines = [
        RuleObject(
            each.id, each.title, each.severity, each.layer or None, each.cause or None, each.source, each.means, each.do
        )
        for each in catalogue().values()
    ]
    return msgspec.json.Encoder().encode_lines(lines)
