"""The objects of the machine formats, field by field as the contract names them (docs/cli.md, "Output")."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec

from abm_trace.core.instants import FIRST, LAST, render
from abm_trace.core.nouns import Fact, Finding, Origin, Reading, Skipped, Verdict

_MINUTE: Final = 60_000_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# DEL and C1, U+061C, U+200B–200F, U+2028–202E, U+2060–206F, U+FEFF in UTF-8; JSON itself escapes C0.
_OBEYED: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
)
_ENCODER: Final = msgspec.json.Encoder()


class EvidenceObject(msgspec.Struct, frozen=True, gc=False):
    """Where a finding's proof stands: `sha256` is of the cited line or record, `by` is what read it."""

    path: str
    line: int | None
    record: int | None
    offset: int | None
    sha256: str | None
    by: str


class FindingObject(msgspec.Struct, frozen=True):
    """One finding; `confidence` is 0 to 1."""

    id: str
    kind: str
    layer: str | None
    cause: str | None
    severity: str
    confidence: float
    at: str | None
    text: str
    evidence: list[EvidenceObject]


class SightingObject(msgspec.Struct, frozen=True):
    """Where and when the device was seen on a network; `until` is when its lease ends."""

    at: str | None
    place: str | None
    ip: str | None
    hostname: str | None
    until: str | None
    evidence: EvidenceObject


class VerdictLine(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/verdict/1"):
    """The verdict of a device; times are RFC 3339 in UTC, `clock_offset` is seconds (device − reference)."""

    serial: str
    site: str
    verdict: str
    last_rung: str | None
    last_rung_at: str | None
    layer: str | None
    cause: str | None
    contributing: tuple[str, ...]
    confidence: float
    attempts: int
    identifiers: tuple[str, ...]
    first_seen: str | None
    last_seen: str | None
    deadline_at: str | None
    as_of: str
    clock_offset: float | None
    journeys: int
    simulated: bool
    missing: tuple[str, ...]
    findings: list[FindingObject]
    next_action: str
    exposure: tuple[str, ...]
    sighting: SightingObject | None


class SkippedLine(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/skipped/1"):
    """Something of the input that was not used in full."""

    path: str
    line: int | None
    offset: int | None
    reason: str


class FileLine(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/file/1"):
    """How one file was read; `format` is null where none reads it, `skipped` counts what was not used of it."""

    path: str
    format: str | None
    why: str
    size_bytes: int
    lines: int
    facts: int
    skipped: int
    first_at: str | None
    last_at: str | None


@lru_cache(maxsize=16384)
def _minute(minute: int) -> str:
    return render(minute * _MINUTE)[:-3]


def stamp(at: int | None) -> str | None:
    """`core.instants.render`, several times as fast where many times fall into the same minutes."""
    if at is None:
        return None
    if not FIRST <= at <= LAST:
        return render(at)
    minute, micros = divmod(at, _MINUTE)
    if micros % 1000:
        return f"{_minute(minute)}{micros // 1_000_000:02d}.{micros % 1_000_000:06d}Z"
    if micros % 1_000_000:
        return f"{_minute(minute)}{micros // 1_000_000:02d}.{micros % 1_000_000 // 1000:03d}Z"
    return f"{_minute(minute)}{micros // 1_000_000:02d}Z"


def verdict_line(verdict: Verdict) -> VerdictLine:
    """The object of a verdict."""
    offset_us = verdict.clock_offset_us
    return VerdictLine(
        verdict.serial,
        verdict.site,
        verdict.verdict,
        verdict.last_rung,
        stamp(verdict.last_rung_at),
        verdict.layer,
        verdict.cause,
        verdict.contributing,
        verdict.confidence / 100,
        verdict.attempts,
        verdict.identifiers,
        stamp(verdict.first_seen),
        stamp(verdict.last_seen),
        stamp(verdict.deadline_at),
        stamp(verdict.as_of) or "",
        None if offset_us is None else offset_us / 1_000_000,
        verdict.journeys,
        verdict.simulated,
        verdict.missing,
        [_finding(finding) for finding in verdict.findings],
        verdict.next_action,
        verdict.exposure,
        None if verdict.sighting is None else _sighting(verdict.sighting),
    )


def _finding(finding: Finding) -> FindingObject:
    return FindingObject(
        finding.id,
        finding.kind,
        finding.layer or None,
        finding.cause or None,
        finding.severity,
        finding.confidence / 100,
        stamp(finding.at),
        finding.text,
        [evidence_object(origin) for origin in finding.evidence],
    )


def _sighting(seen: Fact) -> SightingObject:
    get = seen.attrs.get
    evidence = evidence_object(seen.origin)
    return SightingObject(stamp(seen.at), seen.value or None, get("ip"), get("hostname"), get("until"), evidence)


def evidence_object(origin: Origin) -> EvidenceObject:
    """The object of a place."""
    return EvidenceObject(origin.path, origin.line, origin.record, origin.offset, origin.sha256 or None, origin.by)


def skipped_line(skipped: Skipped) -> SkippedLine:
    """The object of a skipped thing."""
    return SkippedLine(skipped.path, skipped.line, skipped.offset, skipped.reason)


def file_line(reading: Reading) -> FileLine:
    """The object of a file."""
    return FileLine(
        reading.path,
        reading.format or None,
        reading.why,
        reading.size_bytes,
        reading.lines,
        len(reading.facts),
        len(reading.skipped),
        stamp(reading.first_at),
        stamp(reading.last_at),
    )


def encode_lines(items: Iterable[msgspec.Struct]) -> bytes:
    """One strict JSON object a line."""
    items = list(items)
    try:
        data = _ENCODER.encode_lines(items)
    except UnicodeEncodeError:
        data = _ENCODER.encode_lines([_valid(msgspec.to_builtins(item)) for item in items])
    return _harmless(data)


def encode(document: msgspec.Struct) -> bytes:
    """The document as strict JSON, indented for readers."""
    try:
        data = _ENCODER.encode(document)
    except UnicodeEncodeError:
        data = _ENCODER.encode(_valid(msgspec.to_builtins(document)))
    return _harmless(msgspec.json.format(data, indent=1) + b"\n")


def _harmless(data: bytes) -> bytes:
    """The JSON with each character that a terminal obeys or a reader takes for a line's end as its escape."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return b"\n".join(
        line if line.isascii() and b"\x7f" not in line else _OBEYED.sub(_escape, line) for line in data.split(b"\n")
    )


def _escape(found: re.Match[bytes]) -> bytes:
    return "".join(f"\\u{ord(each):04x}" for each in found[0].decode()).encode()


def _valid(value: Any) -> Any:  # noqa: ANN401  # Whatever JSON can hold.
    """The value with each lone surrogate, which UTF-8 cannot hold, as U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_valid(key): _valid(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_valid(each) for each in value]
    return value
