"""What `--since` names: an earlier verdict file, or an earlier case, as verdicts to compare with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from abm_trace.cli import _tracing
from abm_trace.core import instants
from abm_trace.core.changes import Changes, Ground
from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import RUNGS, VERDICTS, Blob, Finding, Origin, Verdict
from abm_trace.core.values import TOO_MANY, VALUES_MAX, too_many

if TYPE_CHECKING:
    from abm_trace.pipeline.triage import Triage
    from abm_trace.sources.stream import Stream

_VERDICT: Final = "abm-trace/verdict/1"
_DOCUMENT: Final = "abm-trace/triage/1"
_LAYERS: Final = frozenset(f"L{number}" for number in range(8))
_BLOCK_BYTES: Final = 1 << 20
_LINE_BYTES_MAX: Final = 4 << 20
"""A verdict has some 2 KiB; a line longer than this is none of ours."""

_DOCUMENT_BYTES_MAX: Final = 128 << 20
"""A document is held as a whole: some 60,000 devices. NDJSON has no such bound."""

_HINT: Final = (
    "It is a case folder, or what this wrote: abm-trace triage CASE --format ndjson --out FILE (plain or packed), "
    "or --format json. Nothing was compared."
)
_LINES: Final = "Use lines instead: abm-trace triage CASE --format ndjson --out FILE"
_NEWER: Final = (
    "Update abm-trace, or write it anew with this one from the case of that time: "
    "abm-trace triage CASE --as-of TIME --format ndjson --out FILE"
)


class EarlierError(AbmTraceError):
    """What `--since` names cannot be compared with; the message says file and line."""


class _Evidence(msgspec.Struct, frozen=True):
    path: str
    line: int | None = None
    record: int | None = None
    offset: int | None = None
    sha256: str | None = None
    by: str = ""


class _Finding(msgspec.Struct, frozen=True):
    id: str
    kind: str
    layer: str | None
    evidence: list[_Evidence]
    cause: str | None = None
    severity: str = "medium"
    confidence: float = 0
    at: str | None = None
    text: str = ""


class _Line(msgspec.Struct, frozen=True):
    """A verdict as some version of abm-trace wrote it: only what is compared, so that new keys break nothing."""

    serial: str
    verdict: str
    last_rung: str | None
    layer: str | None
    cause: str | None
    missing: tuple[str, ...]
    findings: list[_Finding]
    as_of: str
    site: str = ""
    last_rung_at: str | None = None
    contributing: tuple[str, ...] = ()
    confidence: float = 0
    attempts: int = 0
    deadline_at: str | None = None
    journeys: int = 1
    simulated: bool = False


class _Tag(msgspec.Struct, frozen=True):
    schema: str


class _Object(msgspec.Struct, gc=False):
    """An object of which nothing is wanted but that it is one."""


class _Objects(msgspec.Struct):
    verdicts: list[_Object]


class _Document(msgspec.Struct, frozen=True):
    schema: str
    verdicts: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier verdicts, where they come from as the user named it, and when they were said (µs UTC)."""

    since: str
    verdicts: Sequence[Verdict]
    as_of: int


def compared(earlier: Earlier, traced: "Triage") -> Changes:
    """What has changed since the earlier verdicts; each citation of now has its line and digest."""
    from abm_trace.identity import Serials
    from abm_trace.views.changes import changes

    serials = Serials([verdict.serial for verdict in traced.verdicts])
    spelled: dict[str, Verdict] = {}
    for verdict in earlier.verdicts:
        serial = serials.spelled.get(serials.key(verdict.serial) or "", verdict.serial)
        spelled.setdefault(serial, msgspec.structs.replace(verdict, serial=serial))
    items = changes(spelled.values(), traced.verdicts)
    places = _places((ground.origin for each in items for ground in each.cited if ground.origin is not None), traced)
    cited = tuple(replace(each, cited=tuple(_placed(ground, places) for ground in each.cited)) for each in items)
    return Changes(earlier.since, earlier.as_of, len(spelled), cited)


def _places(origins: Iterable[Origin], traced: "Triage") -> dict[Origin, Origin]:
    """Each origin of a log line → the same with its line and digest."""
    from abm_trace.pipeline.cite import completed
    from abm_trace.pipeline.text import block_buffer

    wanted: dict[str, set[Origin]] = {}
    for origin in origins:
        if not origin.sha256 and origin.path in traced.blobs:
            wanted.setdefault(origin.path, set()).add(origin)
    return completed(wanted, traced.blobs, block_buffer()) if wanted else {}


def _placed(ground: Ground, places: dict[Origin, Origin]) -> Ground:
    return replace(ground, origin=places[ground.origin]) if ground.origin in places else ground


def read(path: Path, tracing: _tracing.Tracing) -> Earlier:
    """The verdicts of a file, or those of a case folder at its own newest event.

    Raises EarlierError with file and line for what is damaged, and for a form that is newer than this program.
    """
    if path.is_dir():
        traced = _tracing.trace(path, msgspec.structs.replace(tracing, as_of=None))
        return Earlier(str(path), traced.verdicts, traced.as_of)
    found: dict[str, int] = {}
    verdicts = []
    for line, verdict in _verdicts(path):
        if verdict.serial in found:
            message = f"{path}:{line}: {verdict.serial} stands in it twice, first in line {found[verdict.serial]}"
            raise EarlierError(message, hint=_HINT)
        found[verdict.serial] = line
        verdicts.append(verdict)
    if not verdicts:
        message = f"{path}: it holds no verdict"
        raise EarlierError(message, hint=_HINT)
    return Earlier(str(path), tuple(verdicts), max(verdict.as_of for verdict in verdicts))


def _verdicts(path: Path) -> Iterator[tuple[int, Verdict]]:
    """(line, verdict) of the file."""
    from abm_trace.pipeline.members import opened
    from abm_trace.sources.stream import StreamError

    try:
        with opened(Blob(path.name, str(path), path.stat().st_size)) as stream:
            head = _take(stream, _BLOCK_BYTES)
            if _is_lines(head):
                yield from _of_lines(path, _lines(path, head, stream))
            else:
                yield from _of_document(path, head + _take(stream, _DOCUMENT_BYTES_MAX + 1 - len(head)))
            if stream.problem is not None:
                raise stream.problem
    except StreamError as error:
        message = f"{path}: it is cut or damaged: {error}"
        raise EarlierError(message, hint=_HINT) from error
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise EarlierError(message, hint=_HINT) from error


def _take(stream: "Stream", size: int) -> bytes:
    """Up to `size` bytes; fewer only at the end."""
    buffer = bytearray(max(size, 0) if size <= _BLOCK_BYTES else _BLOCK_BYTES)
    taken = bytearray()
    while len(taken) < size and (got := stream.readinto(memoryview(buffer)[: size - len(taken)])):
        taken += buffer[:got]
    return bytes(taken)


def _is_lines(head: bytes) -> bool:
    """Whether the first line is an object by itself, and no whole document."""
    first, ended, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    try:
        return msgspec.json.decode(first, type=_Tag).schema != _DOCUMENT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return not first or (bool(ended) and first.strip() not in {b"{", b"["})


def _lines(path: Path, head: bytes, stream: "Stream") -> Iterator[bytes]:
    """The lines of the file, each within its bound."""
    rest = head.removeprefix(b"\xef\xbb\xbf")
    number = 0
    while True:
        *whole, rest = rest.split(b"\n")
        number += len(whole)
        yield from whole
        if len(rest) > _LINE_BYTES_MAX:
            message = f"{path}:{number + 1}: the line is longer than {_LINE_BYTES_MAX >> 20} MiB"
            raise EarlierError(message, hint=_HINT)
        more = _take(stream, _BLOCK_BYTES)
        if not more:
            yield rest
            return
        rest += more


def _of_lines(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, Verdict]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and _tag(path, number, line) == _VERDICT:
            yield number, _verdict(path, number, line)


def _tag(path: Path, number: int, data: bytes) -> str:
    """What an object is. Raises EarlierError for one that is no object of ours, or a newer verdict than this knows."""
    try:
        schema = msgspec.json.decode(data, type=_Tag).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path}:{number}: no object of a verdict file: {error}"
        raise EarlierError(message, hint=_HINT) from error
    family, _, version = schema.rpartition("/")
    if family == "abm-trace/verdict" and schema != _VERDICT:
        message = f"{path}:{number}: its form is {schema[:80]}, this abm-trace reads {_VERDICT}"
        raise EarlierError(message, hint=_NEWER)
    if not (family.startswith("abm-trace/") and version.isdecimal()):
        message = f"{path}:{number}: {schema[:80]!r} is no form of abm-trace"
        raise EarlierError(message, hint=_HINT)
    return schema


def _of_document(path: Path, data: bytes) -> Iterator[tuple[int, Verdict]]:
    if len(data) > _DOCUMENT_BYTES_MAX:
        message = f"{path}: the document is larger than {_DOCUMENT_BYTES_MAX >> 20} MiB"
        raise EarlierError(message, hint=_LINES)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        schema = msgspec.json.decode(data, type=_Tag).schema
        if schema.startswith("abm-trace/triage/") and schema != _DOCUMENT:
            message = f"{path}: its form is {schema[:80]}, this abm-trace reads {_DOCUMENT}"
            raise EarlierError(message, hint=_NEWER)
        if schema != _DOCUMENT:
            message = f"{path}: {schema[:80]!r} holds no verdicts"
            raise EarlierError(message, hint=_HINT)
        if data.count(b"{") > VALUES_MAX:  # One of ours of that size has one in 290 bytes.
            message = f"{path}: the document holds more than {VALUES_MAX:,} objects"
            raise EarlierError(message, hint=_LINES)
        msgspec.json.decode(data, type=_Objects)  # So that no more of them than that are made.
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path}:{_line_of(data, str(error))}: no verdict file: {error}"
        raise EarlierError(message, hint=_HINT) from error
    place, line = 0, 1
    for each in map(bytes, document.verdicts):
        start = data.index(each, place)
        line += data.count(b"\n", place, start)
        if _tag(path, line, each) == _VERDICT:
            yield line, _verdict(path, line, each)
        place = start + len(each)
        line += each.count(b"\n")


def _line_of(data: bytes, said: str) -> int:
    """The line of the byte that the decoder names, 1 where it names none."""
    _, found, rest = said.partition("(byte ")
    digits = rest.partition(")")[0]
    return data.count(b"\n", 0, int(digits)) + 1 if found and digits.isdecimal() else 1


def _verdict(path: Path, number: int, data: bytes) -> Verdict:
    try:
        if too_many(data):
            raise ValueError(TOO_MANY)
        line = msgspec.json.decode(data, type=_Line)
        return _said(line)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors.
        message = f"{path}:{number}: no verdict: {error}"
        raise EarlierError(message, hint=_HINT) from error


def _said(line: _Line) -> Verdict:
    """The verdict that a line says. Raises ValueError for a word that is none of ours, and a time that is none."""
    for name, value, known in (
        ("verdict", line.verdict, VERDICTS), ("last_rung", line.last_rung, RUNGS), ("layer", line.layer, _LAYERS),
    ):  # fmt: skip
        if value not in known and (value is not None or name == "verdict"):
            message = f"{name} {value!r} is not known"
            raise ValueError(message)
    if not line.serial.strip():
        message = "it names no device"
        raise ValueError(message)
    return Verdict(
        serial=line.serial,
        site=line.site,
        verdict=line.verdict,
        last_rung=line.last_rung,
        last_rung_at=_at(line.last_rung_at),
        layer=line.layer,
        cause=line.cause,
        contributing=line.contributing,
        confidence=_percent(line.confidence),
        attempts=line.attempts,
        identifiers=(),
        first_seen=None,
        last_seen=None,
        missing=line.missing,
        findings=tuple(_finding(each) for each in line.findings),
        next_action="",
        as_of=instants.parse(line.as_of),
        deadline_at=_at(line.deadline_at),
        journeys=line.journeys,
        simulated=line.simulated,
    )


def _finding(said: _Finding) -> Finding:
    evidence = tuple(
        Origin(each.path, each.by, each.offset, 0, each.line, each.record, each.sha256 or "") for each in said.evidence
    )
    confidence = _percent(said.confidence)
    return Finding(
        said.id, said.kind, said.layer or "", said.severity, confidence, evidence, said.cause or "", said.text,
        _at(said.at),
    )  # fmt: skip


def _at(text: str | None) -> int | None:
    return None if text is None else instants.parse(text)


def _percent(share: float) -> int:
    if not 0 <= share <= 1:
        message = f"a confidence of {share} is none"
        raise ValueError(message)
    return round(share * 100)
