"""An auditor's sample: devices drawn so that anybody can draw them again, and a sheet for each (SPEC E8).

The draw hangs on the seed and on the digest of the verdicts alone: each serial number gets the rank
SHA256(`SEED:DIGEST:SERIAL`), and the smallest ranks are drawn.
"""

import heapq
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from abm_trace.evidence import blobs
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.lines import cut
from abm_trace.evidence.published import Published

_FILES_MAX: Final = 40
_LOOKED_BYTES_MAX: Final = 256 * 1024 * 1024
"""How much of a file is looked through for a cited line. Origin: ours."""


_VALUE_BYTES_MAX: Final = 1024 * 1024
"""How long a cited JSON record may be. Origin: ours."""


class _Origin(msgspec.Struct, frozen=True):
    path: str
    line: int | None = None
    record: int | None = None
    offset: int | None = None
    sha256: str | None = None


class _Finding(msgspec.Struct, frozen=True):
    id: str
    layer: str | None = None
    evidence: tuple[_Origin, ...] = ()


class Verdict(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/verdict/1"):
    """What a kept verdict says of a device, as far as a sheet shows it."""

    serial: str
    verdict: str
    site: str | None = None
    last_rung: str | None = None
    layer: str | None = None
    cause: str | None = None
    confidence: float | None = None
    findings: tuple[_Finding, ...] = ()


class Place(NamedTuple):
    """A kept file: its record, and where the store has it."""

    record: int
    stored: str

    @property
    def digest(self) -> str:
        """The SHA-256 of what the file holds, by which the store calls it."""
        return self.stored.rpartition("/")[2].removesuffix(".zst")


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: out of which verdicts, of how many devices; rank and verdict of each, in rank order."""

    place: Place
    seed: str
    devices: int
    drawn: Sequence[tuple[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a log keeps: the verdicts, each file by its path, and the paths that speak of a serial."""

    verdicts: Place
    files: dict[str, Place]
    bound: dict[str, tuple[str, ...]]


def kept(published: Published, record: int | None = None) -> Kept:
    """What the log keeps up to its newest verdicts, or to those of `record`. Raises EvidenceError."""
    head = published.checkpoint()
    found: Kept | None = None
    files, bound = dict[str, Place](), dict[str, dict[str, None]]()
    for index, entry, secret in published.keeping(head[0].size if head else 0):
        if entry.kind == "raw":
            binding = blobs.binding_of(secret.binding)
            files[binding.path] = Place(index, blobs.path_of(secret.sha256))
            for ids in binding.devices:
                bound.setdefault(ids.serial, {})[binding.path] = None
        elif entry.kind == "verdict" and record in {None, index}:
            found = Kept(
                Place(index, blobs.path_of(secret.sha256)),
                dict(files),
                {serial: tuple(paths) for serial, paths in bound.items()},
            )
    if found is None:
        what = "no verdicts" if record is None else f"no verdicts as record {record}"
        hint = "Keep them: abm-trace triage CASE --evidence STORE"
        raise EvidenceError(f"the log has {what}, or they were purged, or are not in the bundle", hint=hint)
    return found


def draw(published: Published, place: Place, count: int, seed: str) -> Draw:
    """Draw so many devices out of the verdicts at this place. Raises EvidenceError."""
    verdicts = _verdicts(chain.from_iterable(cut(published.content(place.record))))
    ranked = ((sha256(f"{seed}:{place.digest}:{serial}".encode()).hexdigest(), serial) for serial in verdicts)
    drawn = heapq.nsmallest(count, ranked)
    return Draw(place, seed, len(verdicts), [(rank, verdicts[serial]) for rank, serial in drawn])


def _verdicts(lines: Iterable[bytes]) -> dict[str, Verdict]:
    found = {}
    for line in lines:
        try:
            verdict = msgspec.json.decode(line, type=Verdict)
        except msgspec.ValidationError:
            continue  # It names what was not used.
        except (msgspec.DecodeError, UnicodeError) as error:
            raise FormatError(f"the verdicts hold a line that is no JSON: {error}") from error
        found[verdict.serial] = verdict
    return found


def method(found: Draw, store: str) -> Iterator[str]:
    """How the draw was made and how to make it again by hand."""
    yield f"{len(found.drawn):,} of {found.devices:,} devices, drawn from the verdicts of record {found.place.record}"
    yield f"seed     {found.seed}"
    yield f"digest   {found.place.digest}   (SHA-256 of the verdicts)"
    yield "rank     SHA-256 of SEED:DIGEST:SERIAL; the smallest ranks are drawn"
    yield ""
    yield "To draw again by hand:"
    yield f"  zstd -dcq {store}/{found.place.stored} > verdicts.ndjson"
    yield "  sha256sum verdicts.ndjson"
    yield """  sed -n 's/^{"schema":"abm-trace\\/verdict\\/1","serial":"\\([^"]*\\)".*/\\1/p' verdicts.ndjson |"""
    yield "    while read -r serial; do"
    hashed = f"printf '%s' \"{found.seed}:{found.place.digest}:$serial\" | sha256sum | cut -c 1-64"
    yield f"""      printf '%s %s\\n' "$({hashed})" "$serial\""""
    yield f"    done | sort | head -n {len(found.drawn)}"
    yield ""
    for number, (rank, verdict) in enumerate(found.drawn, start=1):
        yield f"{number:>4}  {rank}  {verdict.serial}  {verdict.verdict}"


def sheet(published: Published, kept: Kept, found: Draw, number: int, store: str) -> Iterator[str]:
    """The sheet of the device that was drawn as the n-th, from 1: what is said of it, and how to check it."""
    rank, verdict = found.drawn[number - 1]
    yield f"SHEET {number} of {len(found.drawn)}: {verdict.serial}"
    yield f"drawn     rank {rank}, seed {found.seed}, verdicts of record {found.place.record}"
    yield f"verdict   {verdict.verdict}" + (f" at {verdict.site}" if verdict.site else "")
    said = [f"{name} {value}" for name, value in _said(verdict) if value is not None]
    yield f"          {', '.join(said) or 'nothing more is said'}"
    yield ""
    shown: set[_Origin] = set()
    for finding in verdict.findings:
        yield f"FINDING {finding.id}" + (f" ({finding.layer})" if finding.layer else "")
        if not finding.evidence:
            yield "  cites nothing"
        for origin in finding.evidence:
            if origin in shown:
                yield f"  {_where(origin)}: as above"
                continue
            shown.add(origin)
            yield from _citation(published, kept.files, origin, store)
    yield ""
    paths = kept.bound.get(verdict.serial, ())
    yield f"KEPT FILES that speak of it: {len(paths):,}"
    for path in paths[:_FILES_MAX]:
        place = kept.files[path]
        yield f"  {path}: record {place.record}, {store}/{place.stored}"
    if len(paths) > _FILES_MAX:
        yield f"  and {len(paths) - _FILES_MAX:,} more: abm-trace evidence log {store} --serial {verdict.serial}"
    yield ""
    yield "auditor ____________________   date ____________   [ ] agrees   [ ] does not agree, because:"


def _said(verdict: Verdict) -> Iterator[tuple[str, object]]:
    yield "last rung", verdict.last_rung
    yield "layer", verdict.layer
    yield "cause", verdict.cause
    yield "confidence", verdict.confidence


def _where(origin: _Origin) -> str:
    place = f", line {origin.line}" if origin.line is not None else ""
    place += f", record {origin.record}" if origin.record is not None else ""
    return f"{origin.path}{place}"


def _citation(published: Published, files: dict[str, Place], origin: _Origin, store: str) -> Iterator[str]:
    """What a finding cites, and the commands that check it; only such as were seen to hold are given."""
    yield f"  {_where(origin)}"
    place = files.get(_file(origin.path, files))
    if place is None:
        yield "    the log keeps no file of this name"
        return
    yield f"    record {place.record} of the log; its proof: abm-trace evidence log {store} --proof {place.record}"
    yield f"    [ ] zstd -dcq {store}/{place.stored} | sha256sum"
    yield f"          prints {place.digest}"
    take = _taking(published, place, origin)
    if take is None:
        yield f"    [ ] by eye: byte {origin.offset or 0:,} of it" + (
            f", SHA-256 {origin.sha256}" if origin.sha256 else ""
        )
        return
    yield f"    [ ] zstd -dcq {store}/{place.stored} | {take} | sha256sum"
    yield f"          prints {origin.sha256}"


def _file(path: str, files: dict[str, Place]) -> str:
    """The kept file that holds this path: itself, or the archive whose member it is."""
    while path not in files and "/" in path:
        path = path.rpartition("/")[0]
    return path


def _taking(published: Published, place: Place, origin: _Origin) -> str | None:
    """The commands that take what is cited out of a file; None where none was seen to come to its digest."""
    for unpack, opened in (("", _as_it_is), ("gzip -dc | ", _inflated)):
        try:
            if origin.line is not None:
                if _line(opened(published.content(place.record)), origin.line) == origin.sha256:
                    return f"{unpack}sed -n '{origin.line}{{s/\\r$//;p;q}}' | tr -d '\\n'"
            elif origin.offset is not None:
                value = _value(opened(published.content(place.record)), origin.offset)
                if sha256(value).hexdigest() == origin.sha256:
                    return f"{unpack}tail -c +{origin.offset + 1} | head -c {len(value)}"
        except (EvidenceError, zlib.error):
            continue
    return None


def _as_it_is(chunks: Iterable[bytes]) -> Iterable[bytes]:
    return chunks


def _value(chunks: Iterable[bytes], offset: int) -> bytes:
    """The JSON value that begins at a byte, b"" if none does."""
    begun = bytearray()
    for chunk in chunks:
        begun += chunk[offset : offset + _VALUE_BYTES_MAX - len(begun)]
        offset = max(offset - len(chunk), 0)
        if len(begun) >= _VALUE_BYTES_MAX:
            break
    text = begun.decode("utf-8", "surrogateescape")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return b""
    return text[:end].encode("utf-8", "surrogateescape")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes in one gzip stream."""
    engine = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        data = engine.decompress(chunk, 1 << 20)
        while data:
            yield data
            data = engine.decompress(engine.unconsumed_tail, 1 << 20) if engine.unconsumed_tail else b""


def _line(chunks: Iterable[bytes], wanted: int) -> str | None:
    """The digest of a line without its end."""
    size = 0
    for number, line in enumerate(chain.from_iterable(cut(chunks)), start=1):
        size += len(line)
        if size > _LOOKED_BYTES_MAX:
            return None
        if number == wanted:
            return sha256(line.removesuffix(b"\n").removesuffix(b"\r")).hexdigest()
    return None
