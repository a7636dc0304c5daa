"""The verdicts as the page embeds them: the same statements as the NDJSON, each repeated text once.

`words` holds texts, `places` the evidence, `seats` where rungs stand, `findings` the findings; rows name them by
number. A device's own serial inside a text is U+0000 and `s` (a U+0000 of the text itself is U+0000 and `0`), so that
12,400 paths and actions become a few hundred. The device's first time is µs, its others are ms after that, else after
`as_of`; those that a script's numbers cannot hold are RFC 3339 text.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from abm_trace.core.instants import SECOND, render
from abm_trace.core.nouns import RUNGS, Fact, Finding, Origin, Skipped, Verdict
from abm_trace.exports._interface import LAYERS, MARKS, UNPROVED, VERDICTS, Report
from abm_trace.exports.html import _zone

SCHEMA: Final = "abm-trace/html/1"
_EXACT: Final = 1 << 52
_SPAN_MAX: Final = 1 << 50
"""A longer time would lose its last µs as a number of ms."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SELF: Final = "\x00s"
_DIALECTS: Final = {"guide": 1, "apple": 2}
_QUOTE_HEAD, _QUOTE_TAIL = 120, 160
"""So much of a quoted line or record stands in the page: how it begins, and its end, for there the message is;
`explain` shows more. Origin: ours; 12,400 devices fit."""

SKIPPED_MAX: Final = 50_000
"""So many things that were not used stand in the page; all do in the NDJSON. Origin: ours, some 1.5 MB."""

_SELF_MIN: Final = 4
"""A shorter serial could be part of any word; it saves nothing to look for it."""

# What JavaScript, or a reader of the source, takes for a line's end or obeys.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

Row = list[object]


class _Packed(msgspec.Struct, frozen=True):
    """The document of the data element."""

    schema: str
    case: str
    as_of: int | str
    simulated: bool
    zone: str
    shifts: list[tuple[int, int, str]]
    clock: float | None
    verdicts: tuple[str, ...]
    marks: dict[str, str]
    rungs: tuple[str, ...]
    layers: dict[str, tuple[str, str]]
    unproved: dict[str, str]
    words: list[str]
    places: list[Row]
    seats: list[Row]
    findings: list[Row]
    skipped: list[Row]
    devices: list[Row]


class _Packer:
    """Numbers texts, places and findings as they come."""

    def __init__(self, report: Report, facts: "_Facts") -> None:
        self._as_of = report.as_of
        self._facts = facts
        self._quotes = report.quotes
        self._words: dict[str, int] = {}
        self._places: dict[tuple[object, ...], int] = {}
        self._seats: dict[tuple[object, ...], int] = {}
        self._findings: dict[tuple[object, ...], int] = {}
        self.asked: list[tuple[int, bool]] = []

    @property
    def words(self) -> list[str]:
        return [_text(each) for each in self._words]

    @property
    def places(self) -> list[Row]:
        return [list(each) for each in self._places]

    @property
    def seats(self) -> list[Row]:
        return [list(each) for each in self._seats]

    @property
    def findings(self) -> list[Row]:
        return [list(each) for each in self._findings]

    def device(self, verdict: Verdict) -> Row:
        """The row of a device, in the order of fields of report.js."""
        base = verdict.first_seen if verdict.first_seen is not None else self._as_of
        return [
            _text(verdict.serial),
            self._word(verdict.site),
            self._word(verdict.verdict),
            None if verdict.last_rung is None else self._word(verdict.last_rung),
            _since(verdict.last_rung_at, base),
            None if verdict.layer is None else self._word(verdict.layer),
            None if verdict.cause is None else self._word(verdict.cause),
            self._each(verdict.contributing),
            verdict.confidence,
            verdict.attempts,
            [_text(each) for each in verdict.identifiers],
            _instant(verdict.first_seen),
            _since(verdict.last_seen, base),
            _since(verdict.deadline_at, base),
            verdict.clock_offset_us,
            verdict.journeys,
            self._each(verdict.missing),
            [self._finding(each, verdict.serial) for each in verdict.findings],
            self._own(verdict.next_action, verdict.serial),
            self._each(verdict.exposure),
            self._rungs(verdict, base),
            sum(_DIALECTS[each] for each in verdict.dialects),
            *([] if verdict.sighting is None else [self._sighting(verdict.sighting, base)]),
        ]

    def skipped(self, each: Skipped) -> Row:
        """Path, reason, line, offset."""
        return [self._word(each.path), self._word(each.reason), each.line, each.offset]

    def _sighting(self, seen: Fact, base: int) -> Row:
        """When, where, IP address, host name, until when, and the place that says so."""
        get = seen.attrs.get
        said = (seen.value or None, get("ip"), get("hostname"), get("until"))
        return [
            _since(seen.at, base),
            *(None if each is None else _text(each) for each in said),
            self._place(seen.origin),
        ]

    def _rungs(self, verdict: Verdict, base: int) -> list[object]:
        """Each rung's [seat, number, time], 0 where it is not proved.

        A seat is [path, what the number counts (0 lines, 1 records, 2 bytes), source].
        """
        rungs: list[object] = []
        for rung in RUNGS:
            origin = verdict.rungs.get(rung)
            if origin is None:
                rungs.append(0)
                continue
            at, source = self._facts.when(rung, origin, verdict)
            if rung == "requested" and at is not None:
                self.asked.append((at, _came(verdict)))
            how, number = 0, origin.line
            if number is None:
                how, number = (2, origin.offset) if origin.record is None else (1, origin.record)
            seat = (self._own(origin.path, verdict.serial), how, self._word(source))
            rungs.append([self._seats.setdefault(seat, len(self._seats)), number, _since(at, base)])
        while rungs and rungs[-1] == 0:
            rungs.pop()
        return rungs

    def _finding(self, finding: Finding, serial: str) -> int:
        row = (
            self._word(finding.id), self._word(finding.kind), self._word(finding.layer), self._word(finding.cause),
            self._word(finding.severity), finding.confidence, _since(finding.at, self._as_of),
            self._own(finding.text, serial), tuple(self._place(each) for each in finding.evidence),
        )  # fmt: skip
        return self._findings.setdefault(row, len(self._findings))

    def _place(self, origin: Origin) -> int:
        row = (
            self._word(origin.path), origin.line, origin.record, origin.offset, _text(origin.sha256),
            self._word(origin.by), self._quote(origin),
        )  # fmt: skip
        return self._places.setdefault(row, len(self._places))

    def _quote(self, origin: Origin) -> str | None:
        """What stands there: "" where silence cites how far was read, None where nothing can be shown."""
        text = self._quotes.get(origin)
        if text is not None and len(text) > _QUOTE_HEAD + _QUOTE_TAIL:
            text = f"{text[:_QUOTE_HEAD]} … {text[-_QUOTE_TAIL:]}"
        return None if text is None else _text(text)

    def _own(self, text: str, serial: str) -> int:
        """The number of a text in which the device's own serial may stand."""
        if len(serial) < _SELF_MIN:
            return self._word(text.replace("\x00", "\x000"))
        if "\x00" not in text:
            return self._word(text.replace(serial, _SELF))
        return self._word(_SELF.join(part.replace("\x00", "\x000") for part in text.split(serial)))

    def _word(self, text: str) -> int:
        return self._words.setdefault(text, len(self._words))

    def _each(self, texts: Iterable[str]) -> list[int]:
        return [self._word(each) for each in texts]


class _Facts:
    """When a rung was reached, of the facts that the report holds."""

    def __init__(self, report: Report) -> None:
        # By (rung, offset, record): an origin that is cited has gained a line since.
        self._facts = {
            reading.path: {(fact.kind, fact.origin.offset, fact.origin.record): fact for fact in reading.facts}
            for reading in report.readings
            if reading.facts
        }
        self._began = {reading.path: reading.first_at for reading in report.readings if reading.captures}

    def when(self, rung: str, origin: Origin, verdict: Verdict) -> tuple[int | None, str]:
        """The time of a rung's fact and its source; a device's own clock is corrected by its offset."""
        facts = self._facts.get(origin.path)
        fact = facts.get((rung, origin.offset, origin.record)) if facts else None
        source = fact.source if fact is not None else "log" if origin.path in self._began else ""
        if rung == verdict.last_rung and verdict.last_rung_at is not None:
            return verdict.last_rung_at, source
        # A boot is no fact of its own where it is the first line of the device's capture.
        at = fact.at if fact is not None else self._began.get(origin.path) if not origin.offset else None
        return (None if at is None else at - (verdict.clock_offset_us or 0) * (source == "log")), source


def pack(report: Report) -> tuple[bytes, list[tuple[int, bool]]]:
    """The data element's text, safe inside HTML; and when each device asked, with whether it came to be registered."""
    packer = _Packer(report, _Facts(report))
    devices = [packer.device(verdict) for verdict in report.verdicts]
    skipped = [packer.skipped(each) for each in report.skipped[:SKIPPED_MAX]]
    packed = _Packed(
        schema=SCHEMA,
        case=_text(report.case),
        as_of=_instant(report.as_of) or 0,
        simulated=report.simulated,
        zone=_text(report.zone_name),
        shifts=_zone.shifts(report.zone, report.as_of),
        clock=next((value * SECOND for name, value, _, _ in report.limits if name == "clock_s"), None),
        verdicts=VERDICTS,
        marks=MARKS,
        rungs=RUNGS,
        layers=LAYERS,
        unproved=UNPROVED,
        words=packer.words,
        places=packer.places,
        seats=packer.seats,
        findings=packer.findings,
        skipped=skipped,
        devices=devices,
    )
    return harmless(msgspec.json.encode(packed)), packer.asked


def harmless(data: bytes) -> bytes:
    """JSON with each character that HTML or JavaScript may take for its own as its escape."""
    data = data.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    if data.isascii() and b"\x7f" not in data:
        return data
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", data.decode()).encode()


def _instant(at: int | None) -> int | str | None:
    """µs, or RFC 3339 text where a script's number cannot hold them."""
    return at if at is None or -_EXACT < at < _EXACT else render(at)


def _since(at: int | None, base: int) -> float | str | None:
    """Milliseconds after `base`, which few sources divide; RFC 3339 text where a number cannot hold them."""
    if at is None:
        return None
    span = at - base
    if abs(span) >= _SPAN_MAX or isinstance(_instant(base), str):
        return render(at)
    return span / 1000 if span % 1000 else span // 1000


def _came(verdict: Verdict) -> bool:
    return verdict.last_rung in _REGISTERED


_REGISTERED: Final = frozenset(RUNGS[RUNGS.index("registered") :])


def _text(text: str) -> str:
    """The text, each lone surrogate, which UTF-8 cannot hold, as U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
