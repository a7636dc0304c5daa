"""Read one blob: recognise it, scan it or hand it to its format, and account for what was not used."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from types import ModuleType
from typing import Final

from abm_trace import formats, signatures
from abm_trace.core.nouns import Blob, Fact, Reading, Skipped
from abm_trace.formats._interface import CONTENT_BYTES_MAX, HEAD_BYTES, Content, FormatError, Head
from abm_trace.pipeline import capture
from abm_trace.pipeline.text import Text, encoding_of
from abm_trace.signatures.scan import Scanner
from abm_trace.sources.stream import Stream, StreamError

BLOCK_BYTES: Final = 8 * 1024 * 1024
_GLANCE_BYTES = 4096
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
    scanner: Scanner | None = None

    def read(self, blob: Blob) -> Reading:
        """The reading of a blob. Raises nothing: what goes wrong with its bytes stands in `skipped`."""
        try:
            stream = Stream(blob)
        except StreamError as error:
            return Reading(blob.path, "", "", skipped=(Skipped(blob.path, error.diagnostics()),), size_bytes=blob.size_bytes)
        try:
            return _bounded(self._recognised(blob, stream))
        finally:
            stream.close()

    def _recognised(self, blob: Blob, stream: Stream) -> Reading:
        view = memoryview(self.buffer)
        try:
            size = stream.readinto(view)
            problem = None
        except StreamError as error:
            size, problem = 0, error
            if stream.consumed:  # What came before the damage is in the buffer and counts.
                size = min(stream.consumed, len(view))
        if not size:
            reason = problem.diagnostics() if problem else "empty: there is nothing in it"
            return Reading(blob.path, "", "", skipped=(Skipped(blob.path, reason),), size_bytes=blob.size_bytes)
        text = Text(encoding_of(bytes(view[: min(size, _GLANCE_BYTES)])))
        head, found = self._format(blob, text, view[:size], whole=size < len(view))
        skipped = [] if problem is None else [Skipped(blob.path, problem.diagnostics(), offset=stream.consumed)]
        if found is None:
            reason = "not recognised: no format reads it (say which with --as FORMAT)"
            return Reading(blob.path, "", reason, skipped=(Skipped(blob.path, reason), *skipped), size_bytes=blob.size_bytes)
        if found.family == "log":
            return self._log(blob, stream, size, text, found, head, skipped)
        return self._export(blob, stream, size, text, found, skipped)

    def _format(
        self, blob: Blob, text: Text, view: memoryview, *, whole: bool
    ) -> tuple[Head, formats.Recognised | None]:
        """The head of the text and its format: the last log's format if a glance suffices, else the best of all."""
        found = None
        if self.guess and not self.forced:
            head = Head(blob.path, text.once(bytes(view[:_GLANCE_BYTES])), whole and len(view) <= _GLANCE_BYTES)
            found = formats.glance(head, self.guess)
        if found is None:
            head = Head(blob.path, text.once(bytes(view[:HEAD_BYTES])), whole and len(view) <= HEAD_BYTES)
            if self.forced:
                family, module = formats.formats()[self.forced]
                return head, formats.Recognised(family, self.forced, module, "asked for with --as")
            found = formats.recognise(head)
        if found and found.family == "log":
            self.guess = found.id
        return head, found

    def _log(
        self,
        blob: Blob,
        stream: Stream,
        size: int,
        text: Text,
        found: formats.Recognised,
        head: Head,
        skipped: list[Skipped],
    ) -> Reading:
        if self.scanner is None:
            self.scanner = Scanner(self.signatures, head.data)
        log = capture.Capture(blob.path, found.module, formats.log_formats(), self.zone, self.scanner)
        log.count_lines = self.count_lines
        try:
            for buffer, filled, last in text.blocks(stream, self.buffer, size, damaged=bool(skipped)):
                log.block(buffer, filled, last=last)
        except StreamError as error:
            skipped.append(Skipped(blob.path, error.diagnostics(), offset=stream.consumed))
        log.end()
        return Reading(
            blob.path,
            found.id,
            found.why,
            lines=log.lines,
            facts=tuple(log.facts),
            skipped=(*log.skipped, *text.skipped(blob.path), *skipped),
            first_at=log.first.at if log.first else None,
            last_at=log.last.at if log.last else None,
            size_bytes=blob.size_bytes,
            captures=True,
            yearless=log.yearless,
            host=log.first.host if log.first and log.last and log.first.host == log.last.host else "",
        )

    def _export(
        self, blob: Blob, stream: Stream, size: int, text: Text, found: formats.Recognised, skipped: list[Skipped]
    ) -> Reading:
        facts: list[Fact] = []
        lines = 0
        try:
            data = text.whole(stream, self.buffer, size, CONTENT_BYTES_MAX, damaged=bool(skipped))
        except StreamError as error:
            return Reading(
                blob.path, found.id, found.why, skipped=(Skipped(blob.path, error.diagnostics()),), size_bytes=blob.size_bytes
            )
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        for item in _items(found.module, Content(blob.path, data, self.zone)):
            (facts if isinstance(item, Fact) else skipped).append(item)  # type: ignore[attr-defined]
        times = [fact.at for fact in facts if fact.at is not None]
        return Reading(
            blob.path,
            found.id,
            found.why,
            lines=lines,
            facts=tuple(facts),
            skipped=(*skipped, *text.skipped(blob.path)),
            first_at=min(times, default=None),
            last_at=max(times, default=None),
            size_bytes=blob.size_bytes,
        )


def _items(module: ModuleType, content: Content) -> Iterator[Fact | Skipped]:
    """What a format reads from content; its own error becomes a skipped blob, what came before it stays."""
    try:
        yield from module.read(content)
    except FormatError as error:
        yield Skipped(content.path, error.diagnostics())


def _bounded(reading: Reading) -> Reading:
    """The reading with at most SKIPPED_MAX things named one by one."""
    if len(reading.skipped) <= SKIPPED_MAX:
        return reading
    rest = Counter(each.reason for each in reading.skipped[SKIPPED_MAX:])
    more = (Skipped(reading.path, f"{reason} ({count:,} more like this)") for reason, count in rest.most_common(20))
    values = {name: getattr(reading, name) for name in Reading.__struct_fields__}
    return Reading(**{**values, "skipped": (*reading.skipped[:SKIPPED_MAX], *more)})
