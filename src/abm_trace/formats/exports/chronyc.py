"""What `chronyc tracking` prints: how far the clock of its host is from NTP time."""

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
_FIELD = re.compile(
    r"(Reference ID|Stratum|Ref time \(UTC\)|Last offset|RMS offset|Frequency|Residual freq|Skew|Root delay"
    r"|Root dispersion|Update interval|Leap status) *:"
)


def score(head: Head) -> float:
    """Sure where the head has the line that says the offset."""
    text = head.data[:8192].decode("utf-8", "replace")
    if not _SYSTEM_TIME.search(text):
        return 0.0
    return (0.9 if "Reference ID" in text else 0.6) + hint(head, "chrony")


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `clock_offset` a report whose clock is synchronised; fast is ahead, so positive."""
    notes = Notes(content.path)
    waiting: tuple[str, Origin] | None = None
    for text, origin in lines(content, FORMAT.id):
        if match := _SYSTEM_TIME.match(text):
            yield from _fact(waiting)
            value = offset(match[1], opposite=match[2] == "slow")
            waiting = (value, origin) if value is not None else None
            if value is None:
                notes.add("an offset is no number of seconds", match[1], origin.line, origin.offset)
        elif text.startswith("Leap status") and "Not synchronised" in text:
            notes.add("a report is not used, its clock follows no reference", "", origin.line, origin.offset)
            waiting = None
        elif not _FIELD.match(text) and "chronyc" not in text:
            notes.add("a line is not used, it is none of chronyc tracking", text[:80], origin.line, origin.offset)
    yield from _fact(waiting)
    yield from notes


def _fact(waiting: tuple[str, Origin] | None) -> Iterator[Fact]:
    """The fact of an offset that its report did not take back."""
    if waiting:
        yield Fact("clock_offset", None, "clock", waiting[0], {}, waiting[1])
