"""The rollout manifest: a CSV with a row for each device that was to be staged."""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, header, hint, named

FORMAT = Format(id="manifest", title="Rollout manifest (CSV)", reference="docs/facts.md#manifest")

_COLUMNS = frozenset({
    "udid", "io_platform_uuid", "secure_rom_uuid", "model", "model_number", "os_version", "build", "site", "region",
    "token_id", "staged_at", "staging_host",
})  # fmt: skip
_OTHERS = frozenset({"offset_seconds", "event_type", "enrolled_at", "serial_number"})


def score(head: Head) -> float:
    """Sure of a CSV that has `serial` and two more of the manifest's columns; others may have `serial` too."""
    names = header(head)
    if "serial" not in names or names & _OTHERS:
        return 0.0
    return min(0.5 + 0.2 * len(names & _COLUMNS), 0.9) + hint(head, "manifest")


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `known` a row, with all of its columns."""
    said = False
    for each in facts(content, FORMAT, _say, columns=("serial",)):
        said = True
        yield each
    if not said and not content.header:
        yield Skipped(content.path, "a manifest names no device: no row stands below its header", 1, content.offset)


_COLUMNS_MAX = 200
"""How many columns are kept beside those that mean something. Origin: ours; each is held for each device."""


def _say(entry: Entry) -> Iterator[Fact]:
    names: Iterable[str] = entry.fields
    if len(entry.fields) > _COLUMNS_MAX:
        first = list(entry.fields)[-_COLUMNS_MAX:]  # They come from the right.
        names = dict.fromkeys((*(name for name in entry.fields if name in _COLUMNS or name == "serial"), *first))
        entry.skip("a manifest has very many columns, not all are kept", f"{len(entry.fields):,} columns")
    attrs = {name: value for name in names if (value := entry.text(name))}
    if named(attrs, entry):
        if "staged_at" in attrs:
            entry.instant("staged_at")  # An impossible one is named here; it stays as it stands.
        yield Fact("known", None, "manifest", "", attrs, entry.origin)
