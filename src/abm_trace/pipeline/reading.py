"""Read one file, or each member of an archive: recognise it, scan it or hand it to its format, account for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property, partial
from types import ModuleType
from typing import Final

import msgspec
from msgspec.structs import replace

from abm_trace import formats, signatures
from abm_trace.core.nouns import Blob, Fact, Origin, Reading, Record, Skipped
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill
from abm_trace.formats._interface import HEAD_BYTES, Content, FormatError, Head
from abm_trace.formats.exports._interface import CUT
from abm_trace.formats.logs._interface import Stamps
from abm_trace.pipeline import capture
from abm_trace.pipeline.accounting import Named, bounded, damage, growth, unread
from abm_trace.pipeline.gathering import Gathered
from abm_trace.pipeline.idle import Idle
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.members import opened as reopened
from abm_trace.pipeline.scanning import Scanning
from abm_trace.pipeline.seen import Seen
from abm_trace.pipeline.text import (
    BLOCK_BYTES,
    GLANCE_BYTES,
    PIECE_BYTES_MAX,
    Text,
    block_buffer,
    by_lines,
    text_of,
)
from abm_trace.pipeline.told import BLOCK_FACTS, REPEATS_FROM, Told, packed_facts
from abm_trace.signatures import Place, Sighting, Signature
from abm_trace.sources.stream import HEAD_BYTES as ARCHIVE_HEAD_BYTES
from abm_trace.sources.stream import Entry, File, Stream, StreamError, ends_as_zip, entries, kind_of

ARCHIVE: Final = "archive"
"""The format of an archive's own row: its members have rows of theirs."""

_LF = 0x0A
_LINE_ENDS = (b"", b"\n", b"\r")
FACTS_MAX: Final = 200_000
"""How many facts one document may give; what stands behind them is not used. Origin: ours; Apple's pages hold a
thousand devices, each of them four facts."""

TABLE_FACTS_MAX: Final = 4_000_000
"""The same for what is read line by line: a table may hold a rollout of a million devices."""

_LONG_LINE: Final = f"a line longer than {PIECE_BYTES_MAX // 2**20} MiB, which is too much for one; not read"


class Scanned(msgspec.Struct, array_like=True, gc=False):
    """One reading, with what the signatures saw beside it instead of in its facts; `complete` joins the two.

    Very many facts are `packed` instead, `count` of them in blocks.
    Of a member of the file `archive`, what later stages would have to read it again for is gathered too: the line and
    the digest of each sighting and of the first line, and the devices that a capture names.
    """

    reading: Reading
    sightings: list[Sighting]
    archive: str = ""
    cited: list[Place] = []  # msgspec copies the default for each.
    first_sha256: str = ""
    names: list[str] = []
    packed: list[bytes] = []
    count: int = 0


@dataclass
class Reader:
    """What reads blobs in one process: the signatures, the case's zone, and a buffer that is used again and again."""

    signatures: Sequence[signatures.Signature]
    zone: tzinfo
    forced: str = ""
    count_lines: bool = False
    buffer: bytearray = field(default_factory=block_buffer)
    guesses: list[str] = field(default_factory=list)
    minutes: dict[str, tuple[int, int]] = field(default_factory=dict)
    fired: capture.Fired = field(default_factory=dict)
    idle: Idle = field(default_factory=Idle)
    room: int = 0

    @cached_property
    def _scanning(self) -> Scanning:
        return Scanning(self.signatures)

    @cached_property
    def _rules(self) -> Mapping[str, Signature]:
        return {rule.id: rule for rule in self.signatures}

    def read(self, blob: Blob) -> Reading:
        """The reading of a blob that is no archive. Raises nothing: what goes wrong with it stands in `skipped`."""
        readings = self.readings(blob)
        if len(readings) == 1:
            return readings[0]
        reason = "an archive: put it into a folder and have that read (abm-trace triage FOLDER)"
        return unread(blob, Skipped(blob.path, reason))

    def readings(self, blob: Blob) -> list[Reading]:
        """The readings of a blob: one, or of an archive one a member, and its own where it has something to say."""
        return [complete(scanned, self._rules) for scanned in self.scan(blob)]

    def scan(self, blob: Blob) -> list[Scanned]:
        """The same, not yet complete."""
        scanned = isolated(blob.path, lambda: self._opened(blob))
        return [Scanned(unread(blob, scanned), [])] if isinstance(scanned, Skipped) else scanned

    def _opened(self, blob: Blob) -> list[Scanned]:
        try:
            file = File(blob)
        except StreamError as error:
            return [Scanned(unread(blob, Skipped(blob.path, error.reason())), [])]
        self.idle, self.room = Idle(), REPEATS_FROM
        try:
            stream, view = Stream(file), memoryview(self.buffer)
            size = stream.readinto(view)
            kind = kind_of(bytes(view[: min(size, ARCHIVE_HEAD_BYTES)]))  # Behind it the last blob's bytes stand.
            if not kind:
                scanned = self._recognised(blob, stream, size)
                if scanned.reading.format or not size or not ends_as_zip(file):
                    if grown := growth(blob, file):
                        scanned.reading = replace(scanned.reading, skipped=(*scanned.reading.skipped, *grown))
                    return [scanned]
            return self._archive(blob, file, kind or "zip")
        finally:
            file.close()

    def _archive(self, blob: Blob, file: File, kind: str) -> list[Scanned]:
        """What an archive holds; its own row comes last, where something of it is named."""
        scanned: list[Scanned] = []
        named = Named()
        self.idle = Idle(file)
        failed = isolated(blob.path, lambda: self._entries(entries(blob, file, kind=kind), blob, scanned, named))
        if isinstance(failed, Skipped):
            named.add(failed)
        for grown in growth(blob, file):
            named.add(grown)
        if skipped := named.all(blob.path):
            read = sum(bool(each.reading.format) for each in scanned)
            why = f"{len(scanned):,} members, {read:,} of them read"
            own = Reading(blob.path, ARCHIVE if read else "", why, skipped=skipped, size_bytes=blob.size_bytes)
            scanned.append(Scanned(own, []))
        return scanned

    def _entries(self, found: Iterator[Entry | Skipped], blob: Blob, scanned: list[Scanned], named: Named) -> None:
        for entry in found:
            if isinstance(entry, Skipped):
                named.add(entry)
                continue
            member = Blob(entry.path, blob.location, 0, blob.modified_at)
            one = isolated(entry.path, partial(self._entry, blob, member, entry))
            if isinstance(one, Skipped):
                one = Scanned(unread(member, one), [], blob.path)
            if entry.path != blob.path:
                one.reading = named.bound(one.reading)
            scanned.append(one)

    def _entry(self, blob: Blob, member: Blob, entry: Entry) -> Scanned:
        self.idle.start()
        try:
            self.idle.begin(1, 0)
        except StreamError as error:
            return Scanned(unread(member, Skipped(entry.path, error.reason())), [], blob.path)
        size = entry.stream.readinto(memoryview(self.buffer))
        if entry.path == blob.path:
            return self._recognised(blob, entry.stream, size)
        scanned = self._recognised(member, entry.stream, size, gather=True)
        scanned.archive = blob.path
        scanned.reading = replace(scanned.reading, size_bytes=entry.stream.consumed)
        return scanned

    def _recognised(self, blob: Blob, stream: Stream, size: int, *, gather: bool = False) -> Scanned:
        """The reading of a stream whose first `size` bytes are in the buffer; `gather` as for a member."""
        view = memoryview(self.buffer)
        if not size:
            said = damage(blob, stream) or [Skipped(blob.path, "empty: there is nothing in it")]
            return Scanned(unread(blob, *said), [])
        text = text_of(view, size)
        head, found = self._format(blob, text, view[:size], whole=size < len(view))
        if found is None and size > HEAD_BYTES and b"\n" not in head.data:
            found = self._behind_first_line(blob, view[:size], again=not gather)
            text.lines = found is not None
        if found is None:
            self.idle.end(size, min(size, HEAD_BYTES))  # More of it was not looked at.
            skipped = Skipped(blob.path, *formats.unrecognised(head))
            return Scanned(unread(blob, skipped, *damage(blob, stream)), [])
        opened = _Opened(blob, stream, size, text, found, gather)
        scanned = self._log(opened, head) if found.family == "log" else self._export(opened)
        scanned.reading = bounded(scanned.reading)
        return scanned

    def _behind_first_line(self, blob: Blob, view: memoryview, *, again: bool) -> formats.Recognised | None:
        """The format of the lines behind a first one that fills the whole head and says nothing.

        A line longer than a block is passed over only where the blob can be read `again`.
        """
        data = bytes(view)
        if place := _behind_long_lines(data):
            rest = data[place : place + HEAD_BYTES]
            if len(rest) == HEAD_BYTES or not again:
                return _format_of_lines(blob, rest)
        if not again:
            return None
        buffer = memoryview(block_buffer())
        with reopened(blob) as stream:
            while size := stream.readinto(buffer):
                data = bytes(buffer[:size])
                if place := _behind_long_lines(data):
                    rest = data[place : place + HEAD_BYTES]
                    if len(rest) < HEAD_BYTES:
                        rest += bytes(buffer[: stream.readinto(buffer[:HEAD_BYTES])])
                    return _format_of_lines(blob, rest)
        return None

    def _format(
        self, blob: Blob, text: Text, view: memoryview, *, whole: bool
    ) -> tuple[Head, formats.Recognised | None]:
        """The head of the text and its format: one of the last logs' if a glance suffices, else the best of all."""
        if self.guesses and not self.forced:
            head = Head(blob.path, text.once(bytes(view[:GLANCE_BYTES])), whole and len(view) <= GLANCE_BYTES)
            if found := formats.glance(head, self.guesses):
                return head, found
        head = Head(blob.path, text.once(bytes(view[:HEAD_BYTES])), whole and len(view) <= HEAD_BYTES)
        if self.forced:
            family, module = formats.formats()[self.forced]
            return head, formats.Recognised(family, self.forced, module, "asked for with --as")
        found = formats.recognise(head)
        if found and found.family == "log":
            self.guesses = list(dict.fromkeys((found.id, *self.guesses)))
        return head, found

    def _log(self, opened: "_Opened", head: Head) -> Scanned:
        path, found = opened.blob.path, opened.found
        scanner = self._scanning.of_log(partial(self._begins, opened), long=opened.size == len(self.buffer))
        gathered = Gathered() if opened.gather else None
        seen = Seen(path, self._rules, gathered, self.room)
        log = capture.Capture(path, found.module, Stamps(self.zone, self.minutes), scanner, self.fired, seen=seen)
        log.count_lines = self.count_lines
        stopped: list[Skipped] = []
        for buffer, filled, last in opened.text.blocks(opened.stream, self.buffer, opened.size, log.cut):
            idle, told = log.idle, len(log.facts)
            try:
                self.idle.begin(0, log.offset)
            except StreamError as error:
                stopped = [Skipped(path, error.reason(), offset=log.offset)]
                break
            if gathered is not None:
                gathered.take(buffer, filled)
            log.block(buffer, filled, last=last)
            self.idle.end(filled, log.idle - idle)
            if gathered is not None:
                seen.cite()
                log.facts[told:] = map(gathered.cite, log.facts[told:])
                gathered.leave(last=last)
        log.end()
        packed = seen.packed(log.facts)
        self.room -= len(seen.sightings)
        damaged = damage(opened.blob, opened.stream, read=True)
        reading = Reading(
            path,
            found.id,
            found.why,
            lines=log.lines,
            facts=() if packed else tuple(log.facts),
            skipped=(*log.skipped, *stopped, *opened.text.skipped(path), *damaged),
            first_at=log.first_at,
            last_at=log.last_at,
            size_bytes=opened.blob.size_bytes,
            captures=bool(log.facts or packed or seen.sightings) or not log.of_server,
            yearless=log.yearless,
            host=log.host,
            boot=log.boot,
        )
        scanned = Scanned(reading, seen.sightings, cited=seen.cited)
        if packed:
            scanned.packed, scanned.count = [*packed.blocks], len(packed)
        if gathered is not None:
            scanned.first_sha256, scanned.names = gathered.first_sha256, sorted(gathered.names.found)
        return scanned

    def _begins(self, opened: "_Opened", size: int) -> bytes:
        """So much of the text, or of its first block."""
        return opened.text.once(bytes(memoryview(self.buffer)[: min(opened.size, size)]))

    def _export(self, opened: "_Opened") -> Scanned:
        path, found = opened.blob.path, opened.found
        skipped: list[Skipped] = []
        told = Told(path)
        self.idle.place = (1, 0)
        gathered = Gathered()
        line, offset, record, header, ended = 1, 0, 0, b"", True
        mark = len(opened.text.mark)  # Formats do not see it; what they cite stands so far behind.
        full, cut, facts_max = False, False, FACTS_MAX
        origin = shown = Origin(path, found.id)
        try:
            pieces = opened.text.pieces(opened.stream, self.buffer, opened.size)
            for stored, long in pieces:
                self.idle.begin(line, offset)
                if long and ended:
                    skipped.append(Skipped(path, _LONG_LINE, line, offset + mark))
                told.large = told.large or len(stored) > PIECE_BYTES_MAX
                if self.idle.expands(len(stored)):
                    told.sharpen()
                data = opened.text.with_line_feeds(stored)
                if opened.gather and not offset:
                    gathered.first(opened.text.mark + data[:BLOCK_BYTES])
                if not offset and opened.text.by_lines(data):
                    facts_max = TABLE_FACTS_MAX
                content = Content(path, data, self.zone, line, offset, record, header, stored)
                for item in () if long else _items(found.module, content):
                    if isinstance(item, Skipped):
                        at = item.offset
                        cut = cut or item.reason.startswith(CUT)
                        skipped.append(item if at is None or not mark else replace(item, offset=at + mark))
                        continue
                    if item.origin is not origin:  # The facts of a record share it.
                        origin = shown = item.origin
                        if not _fills_its_line(origin, data, offset, mark):
                            shown = replace(origin, line=None)
                        if mark and origin.offset is not None:
                            shown = replace(shown, offset=origin.offset + mark)
                    if shown is not origin:
                        item = replace(item, origin=shown)  # noqa: PLW2901
                    new = False
                    for fact in self._meaning(item) if item.kind == "said" else (item,):
                        new = told.add(fact) or new
                    self.idle.saw(origin, new=new)
                    record = (item.origin.record or 0) + 1
                    if full := len(told) > facts_max:  # Nothing follows from what is not in the rest.
                        much = f"says more than {facts_max:,} things; what follows was not read: cut it into several"
                        skipped.append(Skipped(path, f"{much} files", item.origin.line, item.origin.offset))
                        break
                if full:
                    break
                self.idle.end(len(data))
                header = header if header or long else data[: data.find(b"\n")]
                line += data.count(b"\n")
                offset += len(data)
                ended = data.endswith(b"\n")
                del stored, data, content  # Beside the next piece there is no room for this one.
        except StreamError as error:
            skipped.append(Skipped(path, error.reason(), *self.idle.place))
            if told.last is None:
                return Scanned(unread(opened.blob, *skipped), [])
            full = True
        damaged = damage(opened.blob, opened.stream, read=told.last is not None)
        if full or cut or opened.stream.problem is not None:
            end = told.last.origin if told.last else origin
            for family, until in [(each, told.read_until(each)) for each in found.module.FORMAT.covers]:
                told.add(Fact("coverage", until, family, family, {}, end))
        reading = Reading(
            path,
            found.id,
            found.why,
            lines=line - ended,
            skipped=(*skipped, *told.notes, *opened.text.skipped(path), *damaged),
            first_at=told.first_at,
            last_at=told.last_at,
            size_bytes=opened.blob.size_bytes,
        )
        scanned = Scanned(reading, [], first_sha256=gathered.first_sha256)
        facts = told.facts()
        self.room -= len(facts)
        if self.room < 0:  # Of all members together they are very many.
            facts = packed_facts(facts)
        if isinstance(facts, Packed):
            scanned.packed, scanned.count = [*facts.blocks], len(facts)
        else:
            scanned.reading = replace(reading, facts=facts)
        return scanned

    def _meaning(self, fact: Fact) -> tuple[Fact, ...]:
        """What the signatures make of a message without a time that an export tells; an error where they know none."""
        said = Record(0, fact.value, process=fact.attrs.get("process", ""))
        found = signatures.match(said, tuple(self.signatures), fact.origin.offset or 0, fact.origin.length)
        told = signatures.facts(found, {rule.id: rule for rule in self.signatures}, fact.origin.path)
        origins = [replace(fact.origin, by=each.origin.by) for each in told]
        return tuple(
            Fact(each.kind, None, "log", each.value, {}, origin, each.layer, each.cause)
            for each, origin in zip(told, origins, strict=True)
        ) or (replace(fact, kind="error", attrs={}),)


@dataclass(slots=True)
class _Opened:
    """A blob whose first block is in the reader's buffer and whose format is known."""

    blob: Blob
    stream: Stream
    size: int
    text: Text
    found: formats.Recognised
    gather: bool = False


def _fills_its_line(origin: Origin, data: bytes, offset: int, mark: int) -> bool:
    """Whether a cited record is the whole of its line: else its digest is not that of a line, and it names none.

    A `mark` before the text is a part of its first line.
    """
    start = (origin.offset or 0) - offset
    end = start + origin.length
    begins = data[start - 1] == _LF if start else bool(offset) or not mark
    return origin.record is None or (begins and data.find(b"\n", start, end) < 0 and data[end : end + 1] in _LINE_ENDS)


def _items(module: ModuleType, content: Content) -> Iterator[Fact | Skipped]:
    """What a format reads from content; its own error becomes a skipped blob, what came before it stays."""
    try:
        yield from module.read(content)
    except FormatError as error:
        yield Skipped(content.path, error.reason())


def complete(
    scanned: Scanned,
    rules: Mapping[str, signatures.Signature],
    alike: signatures.Alike = signatures.ALIKE,
    spill: Spill | None = None,
) -> Reading:
    """The reading with the facts of what the signatures saw in it; they share what is `alike` in all of them.

    Those that are packed stand in `spill`.
    """
    reading, sightings = scanned.reading, scanned.sightings
    facts: Sequence[Fact] = reading.facts
    if scanned.packed:
        facts = Packed(Fact, BLOCK_FACTS, scanned.packed, scanned.count, spill)
    elif sightings:
        facts = (*facts, *signatures.facts(sightings, rules, reading.path, scanned.cited, alike))
    elif isinstance(facts, list):  # It comes from another process.
        facts = tuple(facts)
    return reading if facts is reading.facts else replace(reading, facts=facts)


def _behind_long_lines(data: bytes) -> int:
    """Where the first line behind another begins that does not fill a head alone; 0: nowhere."""
    place = data.find(b"\n") + 1
    while place and data.find(b"\n", place, place + HEAD_BYTES) < 0 and place + HEAD_BYTES < len(data):
        place = data.find(b"\n", place) + 1
    return place


def _format_of_lines(blob: Blob, data: bytes) -> formats.Recognised | None:
    """The format of these lines: a log's, or that of an export with a whole JSON object on each."""
    found = formats.recognise(Head(blob.path, data, whole=False))
    if found and (found.family == "log" or (found.family == "export" and data.startswith(b"{") and by_lines(data))):
        return found
    return None
