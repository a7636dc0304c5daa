"""The verdicts as the page embeds them: the same statements as the NDJSON, each repeated text once.

They are two documents. `data` is what the list of devices shows, and stands before the script; `proofs`, most of the
bytes, stands behind it, so that the list can be used before the rest is read. In both, `devices` has a column for each
field, in the order of the NDJSON.

`words` holds texts (`proofs` goes on where `data` ends), `places` the evidence, `seats` where rungs stand, `findings`
the findings; columns name them by number. A device's own serial inside a text is U+0000 and `s` (a U+0000 of the text
itself is U+0000 and `0`), so that 12,400 paths and actions become a few hundred. When a device was last seen and the
times of findings are ms after `as_of`, a device's other times ms after it was last seen (if that is not known, after
`as_of`); those that a script's numbers cannot hold are RFC 3339 text.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import msgspec

from abm_trace.core.instants import SECOND
from abm_trace.core.nouns import RUNGS, Fact, Finding, Origin, Verdict
from abm_trace.exports._interface import LAYERS, MARKS, VERDICTS, Report, stopped_by
from abm_trace.exports.html import _zone
from abm_trace.exports.html._encoding import Numbered, document, instant, since, text
from abm_trace.exports.html._rungs import Rungs, Seat

SCHEMA: Final = "abm-trace/html/2"
_SELF: Final = "\x00s"
_DIALECTS: Final = {"guide": 1, "apple": 2}
_QUOTE_HEAD, _QUOTE_TAIL = 120, 160
"""So much of a quoted line or record stands in the page: how it begins, and its end, for there the message is;
`explain` shows more. Origin: ours; 12,400 devices fit."""

SKIPPED_MAX: Final = 50_000
"""So many things that were not used stand in the page; all do in the NDJSON. Origin: ours, some 1.5 MB."""

_SELF_MIN: Final = 4
"""A shorter serial could be part of any word; it saves nothing to look for it."""

Row = tuple[object, ...]
Columns = dict[str, list[object]]


class _Data(msgspec.Struct, frozen=True):
    """What the list shows."""

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
    words: list[str]
    devices: Columns


class _Proofs(msgspec.Struct, frozen=True):
    """What stands behind it."""

    words: list[str]
    places: list[Row]
    seats: list[Seat]
    findings: list[Row]
    skipped: list[Row]
    devices: Columns


class _Packer:
    """Numbers texts, places and findings as they come."""

    def __init__(self, report: Report, rows: Sequence[Verdict]) -> None:
        self.report = report
        self.rows = rows
        self.words: Numbered[str] = Numbered()
        self.places: Numbered[Row] = Numbered()
        self.findings: Numbered[Row] = Numbered()

    def listed(self) -> Columns:
        """What the list shows of each device."""
        each, words = self.rows, self.words
        return {
            "serial": [text(one.serial) for one in each],
            "site": [words[one.site] for one in each],
            "verdict": [words[one.verdict] for one in each],
            "last_rung": [None if one.last_rung is None else words[one.last_rung] for one in each],
            "stopped_by": [words[stopped_by(one)] for one in each],
            "confidence": [one.confidence for one in each],
            "attempts": [one.attempts for one in each],
            "last_seen": [since(one.last_seen, self.report.as_of) for one in each],
        }

    def proofs(self) -> tuple[Columns, Rungs]:
        """What else is said of each device, and how it came up the ladder."""
        each, words, as_of = self.rows, self.words, self.report.as_of
        pairs = [(one, as_of if one.last_seen is None else one.last_seen) for one in each]
        # What is said again and again comes first, for the sooner a text comes, the shorter is its number.
        columns: Columns = {
            "layer": [None if one.layer is None else words[one.layer] for one in each],
            "cause": [None if one.cause is None else words[one.cause] for one in each],
            "contributing": [self._each(one.contributing) for one in each],
            "missing": [self._each(one.missing) for one in each],
            "next_action": [self.own(one.next_action, one.serial) for one in each],
            "exposure": [self._each(one.exposure) for one in each],
            "findings": [[self._finding(found, one.serial) for found in one.findings] for one in each],
            "identifiers": [[text(name) for name in one.identifiers] for one in each],
            "first_seen": [since(one.first_seen, base) for one, base in pairs],
            "last_rung_at": [since(one.last_rung_at, base) for one, base in pairs],
            "deadline_at": [since(one.deadline_at, base) for one, base in pairs],
            "clock_offset_us": [one.clock_offset_us for one in each],
            "journeys": [one.journeys for one in each],
            "dialects": [sum(_DIALECTS[name] for name in one.dialects) for one in each],
            "sighting": [one.sighting and self._sighting(one.sighting, base) for one, base in pairs],
        }
        rungs = Rungs(self.report, each, (base for _, base in pairs), words.__getitem__, self.own)
        columns |= {"rung_seats": rungs.seats, "rung_numbers": rungs.numbers, "rung_times": rungs.times}
        return columns, rungs

    def own(self, said: str, serial: str) -> int:
        """The number of a text in which the device's own serial may stand."""
        if len(serial) < _SELF_MIN:
            return self.words[said.replace("\x00", "\x000")]
        if "\x00" not in said:
            return self.words[said.replace(serial, _SELF)]
        return self.words[_SELF.join(part.replace("\x00", "\x000") for part in said.split(serial))]

    def _sighting(self, seen: Fact, base: int) -> Row:
        """When, where, IP address, host name, until when, and the place that says so."""
        get = seen.attrs.get
        said = (seen.value or None, get("ip"), get("hostname"), get("until"))
        return (since(seen.at, base), *(each and text(each) for each in said), self._place(seen.origin))

    def _finding(self, finding: Finding, serial: str) -> int:
        words = self.words
        return self.findings[
            words[finding.id], words[finding.kind], words[finding.layer], words[finding.cause],
            words[finding.severity], finding.confidence, since(finding.at, self.report.as_of),
            self.own(finding.text, serial), tuple([self._place(each) for each in finding.evidence]),
        ]  # fmt: skip

    def _place(self, origin: Origin) -> int:
        """Path, line, record, offset, digest, the signature or format that read it, and what stands there."""
        return self.places[
            self.words[origin.path], origin.line, origin.record, origin.offset, text(origin.sha256),
            self.words[origin.by], self._quote(origin),
        ]  # fmt: skip

    def _quote(self, origin: Origin) -> str | None:
        """What stands there: "" where silence cites how far was read, None where nothing can be shown."""
        said = self.report.quotes.get(origin)
        if said is not None and len(said) > _QUOTE_HEAD + _QUOTE_TAIL:
            said = f"{said[:_QUOTE_HEAD]} … {said[-_QUOTE_TAIL:]}"
        return said and text(said)

    def _each(self, texts: Iterable[str]) -> list[int]:
        return [self.words[each] for each in texts]


def pack(report: Report, rows: Sequence[Verdict]) -> tuple[bytes, bytes, list[tuple[int, bool]]]:
    """The texts of the elements `data` and `proofs`, safe inside HTML, about the devices of these verdicts; and when
    each device of the report asked, with whether it came to be registered.
    """
    packer = _Packer(report, rows)
    words = packer.words
    listed = packer.listed()
    data = _Data(
        schema=SCHEMA,
        case=text(report.case),
        as_of=instant(report.as_of) or 0,
        simulated=report.simulated,
        zone=text(report.zone_name),
        shifts=_zone.shifts(report.zone, report.as_of),
        clock=next((value * SECOND for name, value, _, _ in report.limits if name == "clock_s"), None),
        verdicts=VERDICTS,
        marks=MARKS,
        rungs=RUNGS,
        layers=LAYERS,
        words=[text(each) for each in words],
        devices=listed,
    )
    devices, rungs = packer.proofs()
    skipped: list[Row] = [
        (words[each.path], words[each.reason], each.line, each.offset) for each in report.skipped[:SKIPPED_MAX]
    ]
    proofs = _Proofs(
        words=[text(each) for each in islice(words, len(data.words), None)],
        places=list(packer.places),
        seats=list(rungs.numbered),
        findings=list(packer.findings),
        skipped=skipped,
        devices=devices,
    )
    return document(data), document(proofs), rungs.asked
