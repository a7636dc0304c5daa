"""What `chronyc tracking` prints, with -c too: how far the clock of its host is from NTP time."""

import re
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, lines, offset

FORMAT = Format(
    id="chronyc", title="chronyc tracking output", reference="https://chrony-project.org/doc/4.6/chronyc.html#tracking"
)

# System time     : 0.000012345 seconds slow of NTP time
_SYSTEM_TIME = re.compile(r"System time *: *(\S{1,64}) seconds (slow|fast) of NTP time")
# 7F000001,127.0.0.1,2,1795723168.737575570,3.500026703,-0.000001840,…,Normal: the same report as `chronyc -c` prints it
# (chrony 4.3, seen side by side with "3.500026703 seconds slow of NTP time"). Its fifth field is what the clock lacks.
_ROW = re.compile(
    r"[0-9A-F]{8},[^,\s]{0,255},[0-9]{1,2},[0-9.]{1,32},(?P<behind>[-+0-9.e]{1,64})(?:,[-+0-9.e]{1,64}){8}"
    r",(?P<leap>Normal|Insert second|Delete second|Not synchronised)"
)
_FIELD = re.compile(
    r"(Reference ID|Stratum|Ref time \(UTC\)|Last offset|RMS offset|Frequency|Residual freq|Skew|Root delay"
    r"|Root dispersion|Update interval|Leap status) *:"
)

# Reference ID    : 7F7F0101 (): chrony's local mode, in which it calls its own clock right (chrony.conf, local).
_LOCAL = re.compile(r"(?:Reference ID *: *)?(?:7F7F0101|127\.127\.1\.1)\b")
_UNSYNCHRONISED = "a report is not used, its clock follows no reference"


def score(head: Head) -> float:
    """Sure where the head has the line that says the offset."""
    text = head.data[:8192].decode("utf-8", "replace")
    if not _SYSTEM_TIME.search(text):
        row = next((line for line in text.split("\n", 8) if line.count(",") == 13), "")
        return 0.9 + hint(head, "chrony") if _ROW.fullmatch(row.strip()) else 0.0
    return (0.9 if "Reference ID" in text else 0.6) + hint(head, "chrony")


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `clock_offset` a report whose clock is synchronised; fast is ahead, so positive."""
    notes = Notes(content.path)
    waiting: tuple[str, Origin] | None = None
    local = False
    for text, origin in lines(content, FORMAT.id):
        if match := _SYSTEM_TIME.match(text):
            yield from _fact(waiting)
            value = offset(match[1], opposite=match[2] == "slow")
            waiting = (value, origin) if value is not None and not local else None
            if value is None:
                notes.add("an offset is no number of seconds", match[1], origin.line, origin.offset)
        elif match := _ROW.fullmatch(text):
            yield from _fact(waiting)
            waiting = None
            yield from _row(match, origin, notes)
        elif text.startswith("Reference ID"):
            yield from _fact(waiting)
            waiting = None
            if local := _LOCAL.match(text) is not None:
                notes.add(_UNSYNCHRONISED, text[:80], origin.line, origin.offset)
        elif text.startswith("Leap status") and "Not synchronised" in text:
            notes.add(_UNSYNCHRONISED, "", origin.line, origin.offset)
            waiting = None
        elif not _FIELD.match(text) and "chronyc" not in text:
            notes.add("a line is not used, it is none of chronyc tracking", text[:80], origin.line, origin.offset)
    yield from _fact(waiting)
    yield from notes


def _row(match: re.Match[str], origin: Origin, notes: Notes) -> Iterator[Fact]:
    """The fact of a report in one line."""
    value = offset(match["behind"], opposite=True)
    if match["leap"] == "Not synchronised" or _LOCAL.match(match[0]):
        notes.add(_UNSYNCHRONISED, "", origin.line, origin.offset)
    elif value is None:
        notes.add("an offset is no number of seconds", match["behind"], origin.line, origin.offset)
    else:
        yield Fact("clock_offset", None, "clock", value, {}, origin)


def _fact(waiting: tuple[str, Origin] | None) -> Iterator[Fact]:
    """The fact of an offset that its report did not take back."""
    if waiting:
        yield Fact("clock_offset", None, "clock", waiting[0], {}, waiting[1])
