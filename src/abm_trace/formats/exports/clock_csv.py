"""Clock samples as CSV: how far the clock of a device or a staging host was from a reference."""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, header, hint, offset

FORMAT = Format(id="clock-csv", title="Clock samples (CSV)", reference="docs/facts.md#clock-csv")

_ATTRS = {"serial": ("serial",), "staging_host": ("staging_host",)}


def score(head: Head) -> float:
    """Sure of a CSV with `offset_seconds`."""
    return 0.95 + hint(head, "clock") if "offset_seconds" in header(head) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `clock_offset` a row; its value is device − reference in seconds."""
    return facts(content, FORMAT, _say, columns=("offset_seconds",))


def _say(entry: Entry) -> Iterable[Fact]:
    attrs = entry.attrs(_ATTRS)
    if not attrs:
        entry.skip("a row is not used, it names neither a device nor a staging host")
        return
    text = entry.text("offset_seconds")
    value = offset(text)
    if value is None:
        entry.skip("a row is not used, its offset is no number of seconds", text[:40])
        return
    if not entry.fields.get("measured_at"):
        entry.skip("an offset does not say when it was measured, it has no measured_at")
    yield Fact("clock_offset", entry.instant("measured_at"), "clock", value, attrs, entry.origin)
