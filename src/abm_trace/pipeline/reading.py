"""Read one blob: recognise it, scan it or hand it to its format, and account for what was not used."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from types import ModuleType
from typing import Final

import msgspec

from abm_trace import formats, signatures
from abm_trace.core.nouns import Blob, Fact, Reading, Skipped
from abm_trace.formats._interface import HEAD_BYTES, Content, FormatError, Head
from abm_trace.formats.logs._interface import Stamps
from abm_trace.pipeline import capture
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.text import Text, encoding_of
from abm_trace.signatures import Sighting
from abm_trace.signatures.scan import Scanner
from abm_trace.sources.stream import Stream, StreamError

BLOCK_BYTES: Final = 8 * 1024 * 1024
_GLANCE_BYTES = 4096
_LF = 0x0A
_LINE_ENDS = (b"", b"\n", b"\r")
SKIPPED_MAX: Final = 1000
"""How many skipped things of one blob are named one by one; the rest are counted in one line. Origin: ours."""


@dataclass
class Reader:
    """What reads blobs in one process: the signatures, the case's zone, and a buffer that is used again and again."""

    signatures: Sequence[signatures.Signature]
    zone: tzinfo
    forced: str = ""
    count_lines: bool = False
    buffer: bytearray = field(default_factory=lambda: bytearray(BLOCK_BYTES))
    guess: str = ""
    minutes: dict[str, tuple[int, int]] = field(default_factory=dict)
    scanner: Scanner | None = None
    sightings: list[Sighting] = field(default_factory=list)

    def read(self, blob: Blob) -> Reading:
        """The reading of a blob. Raises nothing: what goes wrong with it stands in `skipped`."""
        return complete(*self.scan(blob), {rule.id: rule for rule in self.signatures})

    def scan(self, blob: Blob) -> tuple[Reading, list[Sighting]]:
        """The same, with what the signatures saw beside it instead of in its facts; `complete` joins the two."""
        self.sightings = []
        reading = isolated(blob.path, lambda: self._opened(blob))
        return (_unread(blob, reading) if isinstance(reading, Skipped) else reading), self.sightings

    def _opened(self, blob: Blob) -> Reading:
        try:
            stream = Stream(blob)
        except StreamError as error:
            return _unread(blob, Skipped(blob.path, error.diagnostics()))
        try:
            return _bounded(self._recognised(blob, stream))
        finally:
            stream.close()

    def _recognised(self, blob: Blob, stream: Stream) -> Reading:
        view = memoryview(self.buffer)
        size = stream.readinto(view)
        if not size:
            return _unread(blob, *(_damage(blob, stream) or [Skipped(blob.path, "empty: there is nothing in it")]))
        text = Text(encoding_of(bytes(view[: min(size, _GLANCE_BYTES)])))
        head, found = self._format(blob, text, view[:size], whole=size < len(view))
        if found is None and size > HEAD_BYTES and b"\n" not in head.data:
            found = self._behind_first_line(blob)
        if found is None:
            reason = "not recognised: no format reads it (say which with --as FORMAT)"
            return _unread(blob, Skipped(blob.path, reason), *_damage(blob, stream))
        opened = _Opened(blob, stream, size, text, found)
        return self._log(opened, head) if found.family == "log" else self._export(opened)

    def _behind_first_line(self, blob: Blob) -> formats.Recognised | None:
        """The log format of what stands behind a first line that fills the whole head and says nothing."""
        buffer = memoryview(bytearray(BLOCK_BYTES))
        stream = Stream(blob)
        try:
            while size := stream.readinto(buffer):
                line_end = bytes(buffer[:size]).find(b"\n")
                if line_end >= 0:
                    rest = bytes(buffer[line_end + 1 : min(size, line_end + 1 + HEAD_BYTES)])
                    if len(rest) < HEAD_BYTES:
                        rest += bytes(buffer[: stream.readinto(buffer[:HEAD_BYTES])])
                    found = formats.recognise(Head(blob.path, rest, whole=False))
                    return found if found and found.family == "log" else None
        finally:
            stream.close()
        return None

    def _format(
        self, blob: Blob, text: Text, view: memoryview, *, whole: bool
    ) -> tuple[Head, formats.Recognised | None]:
        """The head of the text and its format: the last log's format if a glance suffices, else the best of all."""
        if self.guess and not self.forced:
            head = Head(blob.path, text.once(bytes(view[:_GLANCE_BYTES])), whole and len(view) <= _GLANCE_BYTES)
            if found := formats.glance(head, self.guess):
                return head, found
        head = Head(blob.path, text.once(bytes(view[:HEAD_BYTES])), whole and len(view) <= HEAD_BYTES)
        if self.forced:
            family, module = formats.formats()[self.forced]
            return head, formats.Recognised(family, self.forced, module, "asked for with --as")
        found = formats.recognise(head)
        if found and found.family == "log":
            self.guess = found.id
        return head, found

    def _log(self, opened: "_Opened", head: Head) -> Reading:
        if self.scanner is None:
            self.scanner = Scanner(self.signatures, head.data)
        path, found = opened.blob.path, opened.found
        log = capture.Capture(path, found.module, Stamps(self.zone, self.minutes), self.scanner)
        log.count_lines = self.count_lines
        for buffer, filled, last in opened.text.blocks(opened.stream, self.buffer, opened.size):
            log.block(buffer, filled, last=last)
        log.end()
        self.sightings = log.sightings
        return Reading(
            path,
            found.id,
            found.why,
            lines=log.lines,
            skipped=(*log.skipped, *opened.text.skipped(path), *_damage(opened.blob, opened.stream)),
            first_at=log.first_at,
            last_at=log.last_at,
            size_bytes=opened.blob.size_bytes,
            captures=True,
            yearless=log.yearless,
            host=log.host or "",
        )

    def _export(self, opened: "_Opened") -> Reading:
        path, found = opened.blob.path, opened.found
        skipped: list[Skipped] = []
        facts: list[Fact] = []
        line, offset, record, header, ended = 1, 0, 0, b"", True
        try:
            pieces = opened.text.pieces(opened.stream, self.buffer, opened.size)
            for data in pieces:
                content = Content(path, data, self.zone, line=line, offset=offset, record=record, header=header)
                for item in _items(found.module, content):
                    if isinstance(item, Fact):
                        facts.append(item if _fills_its_line(item, data, offset) else _by_record(item))
                    else:
                        skipped.append(item)
                record = (facts[-1].origin.record or 0) + 1 if facts else 0
                header = header or data[: data.find(b"\n")]
                line += data.count(b"\n")
                offset += len(data)
                ended = data.endswith(b"\n")
        except StreamError as error:
            skipped.append(Skipped(path, error.diagnostics()))
            if not facts:
                return _unread(opened.blob, *skipped)
        times = [fact.at for fact in facts if fact.at is not None]
        return Reading(
            path,
            found.id,
            found.why,
            lines=line - ended,
            facts=tuple(facts),
            skipped=(*skipped, *opened.text.skipped(path), *_damage(opened.blob, opened.stream)),
            first_at=min(times, default=None),
            last_at=max(times, default=None),
            size_bytes=opened.blob.size_bytes,
        )


@dataclass(slots=True)
class _Opened:
    """A blob whose first block is in the reader's buffer and whose format is known."""

    blob: Blob
    stream: Stream
    size: int
    text: Text
    found: formats.Recognised


def _fills_its_line(fact: Fact, data: bytes, offset: int) -> bool:
    """Whether a cited record is the whole of its line, so that a reader may hash either."""
    start = (fact.origin.offset or 0) - offset
    end = start + fact.origin.length
    begins = start == 0 or data[start - 1] == _LF
    return fact.origin.record is None or (begins and b"\n" not in data[start:end] and data[end : end + 1] in _LINE_ENDS)


def _by_record(fact: Fact) -> Fact:
    """The fact, cited by its record alone: its digest is not that of a line."""
    return msgspec.structs.replace(fact, origin=msgspec.structs.replace(fact.origin, line=None))


def _items(module: ModuleType, content: Content) -> Iterator[Fact | Skipped]:
    """What a format reads from content; its own error becomes a skipped blob, what came before it stays."""
    try:
        yield from module.read(content)
    except FormatError as error:
        yield Skipped(content.path, error.diagnostics())


def complete(reading: Reading, sightings: list[Sighting], rules: Mapping[str, signatures.Signature]) -> Reading:
    """The reading with the facts of what the signatures saw in it."""
    if not sightings:
        return reading
    return msgspec.structs.replace(reading, facts=signatures.facts(sightings, rules, reading.path))


def _damage(blob: Blob, stream: Stream) -> list[Skipped]:
    """What ended the stream before its end; what came before it was used."""
    if stream.problem is None:
        return []
    return [Skipped(blob.path, stream.problem.diagnostics(), offset=stream.consumed)]


def _unread(blob: Blob, *skipped: Skipped) -> Reading:
    """The reading of a blob that gave nothing."""
    return Reading(blob.path, "", "", skipped=skipped, size_bytes=blob.size_bytes)


def _bounded(reading: Reading) -> Reading:
    """The reading with at most SKIPPED_MAX things named one by one."""
    if len(reading.skipped) <= SKIPPED_MAX:
        return reading
    rest = Counter(each.reason for each in reading.skipped[SKIPPED_MAX:])
    more = (Skipped(reading.path, f"{reason} ({count:,} more like this)") for reason, count in rest.most_common(20))
    return msgspec.structs.replace(reading, skipped=(*reading.skipped[:SKIPPED_MAX], *more))
