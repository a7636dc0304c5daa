"""What the exports share: entries of JSON or CSV, their facts, and how far they reach.

A format maps each Entry to facts; this reads the entries, adds the coverage and names what was not used.
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface._clock import offset
from abm_trace.formats.exports._interface._csv import CsvReader, header
from abm_trace.formats.exports._interface._dep import (
    DEP_ERRORS,
    DEP_STATUSES,
    DepRecord,
    dep_facts,
    dep_record,
    dep_time,
    dep_word,
    sync_failure,
)
from abm_trace.formats.exports._interface._entry import CUT, REACHES, Entry, Notes, instant, origin_of
from abm_trace.formats.exports._interface._exchange import (
    Exchange,
    Strangers,
    asked_at,
    exchange_facts,
    is_untold,
    read_body,
    serial_in,
)
from abm_trace.formats.exports._interface._json import JsonReader, is_json, sample
from abm_trace.formats.exports._interface._mdm import (
    epoch,
    flag,
    flat,
    inventory,
    is_dated,
    moment,
    of_a_device,
    of_apple,
    posture,
    postures,
    untold,
)
from abm_trace.formats.exports._interface._pages import (
    MORE,
    PART,
    PageReader,
    dated,
    errors_of,
    follows,
    glimpse,
    named_error,
    paged,
    resource,
    self_path,
    types,
)
from abm_trace.formats.exports._interface._shipped import Shipped, bare, is_device_line, name_devices, shipped
from abm_trace.formats.exports._interface._sighting import sighting
from abm_trace.formats.exports._interface._tls import Certificate, expired, hostname, openssl_time, stale
from abm_trace.formats.exports._interface._value import NESTED_MAX, json_object, read_object, too_deep

__all__ = [
    "CUT",
    "DEP_ERRORS",
    "DEP_STATUSES",
    "MORE",
    "NESTED_MAX",
    "PART",
    "Certificate",
    "DepRecord",
    "Entry",
    "Exchange",
    "Notes",
    "PageReader",
    "Shipped",
    "Strangers",
    "asked_at",
    "bare",
    "dated",
    "dep_facts",
    "dep_record",
    "dep_time",
    "dep_word",
    "epoch",
    "errors_of",
    "exchange_facts",
    "expired",
    "facts",
    "flag",
    "flat",
    "follows",
    "glimpse",
    "header",
    "hint",
    "hostname",
    "instant",
    "inventory",
    "is_bare",
    "is_dated",
    "is_device_line",
    "is_json",
    "is_untold",
    "json_object",
    "keys",
    "lines",
    "moment",
    "name_devices",
    "named",
    "named_error",
    "of_a_device",
    "of_apple",
    "offset",
    "openssl_time",
    "origin_of",
    "paged",
    "posture",
    "postures",
    "read_body",
    "read_object",
    "resource",
    "sample",
    "self_path",
    "serial_in",
    "shipped",
    "sighting",
    "stale",
    "sync_failure",
    "too_deep",
    "types",
    "untold",
]

_REACHES = frozenset(REACHES)
_AROUND = frozenset(
    {"next", "next_cursor", "page", "per_page", "total", "count", "links", "meta", "has_more", "hasMore"}
)
_HINT = 0.05
_LINE_BYTES_MAX = 4096


def facts(
    content: Content,
    form: Format,
    say: Callable[[Entry], Iterable[Fact]],
    *,
    columns: tuple[str, ...] = (),
    covers: str = "",
) -> Iterator[Fact | Skipped]:
    """What `say` makes of each entry, then how far the export reaches, then what was not used.

    `columns`: a CSV needs one of these; without any the format has no CSV. `covers`: the source family of the
    coverage fact (value and source), "" where the family has none.
    """
    notes = Notes(content.path)
    reach: tuple[int, Origin] | None = None
    for entry in _entries(content, form.id, notes, columns):
        if covers and not _REACHES.isdisjoint(entry.fields):
            at = entry.instant(*REACHES)
            if at is not None and (reach is None or at > reach[0]):
                reach = at, entry.origin
        if not entry.page:
            said = False
            for fact in say(entry):
                said = True
                yield fact
            (notes.told if said else notes.silent)(entry.origin.length)
    if reach:
        yield Fact("coverage", reach[0], covers, covers, {}, reach[1])
    yield from notes


def _entries(content: Content, by: str, notes: Notes, columns: tuple[str, ...]) -> Iterator[Entry]:
    """The entries of the content, by the notation that its first line shows."""
    if columns and not is_json(content.header or content.data):
        return CsvReader(content, by, notes).entries(*columns)
    return JsonReader(content, by, notes).entries()


def keys(head: Head) -> frozenset[str]:
    """The names of the fields in the first records of a head: of JSON as they are, of CSV in lower case."""
    return frozenset(name for record in sample(head) for name in record) or header(head)


def is_bare(head: Head, name: str) -> bool:
    """Whether all that a head holds are empty pages of this list (`{"events":[]}`), with what pages have around it.

    Any other file may have an empty list of that name; what it lacks must not count as what a service does not know.
    """
    pages = glimpse(head)
    return bool(pages) and all(
        name in page and not page[name] and (not _REACHES.isdisjoint(page) or page.keys() <= _AROUND | {name})
        for page in pages
    )


def hint(head: Head, *words: str) -> float:
    """The little that a name may add to a score."""
    return _HINT if any(word in head.path.lower() for word in words) else 0.0


def lines(content: Content, by: str) -> Iterator[tuple[str, Origin]]:
    """The lines of a plain text that are not blank, without the blanks around them, each with the way back to it."""
    at = 0
    record = content.record
    for number, line in enumerate(BytesIO(content.data), content.line):
        if not line.isspace():
            raw = line.removesuffix(b"\n").removesuffix(b"\r")
            text = raw[:_LINE_BYTES_MAX].decode("utf-8", "replace").strip()
            yield text, origin_of(content, by, raw, at, line=number, record=record)
            record += 1
        at += len(line)


def named(attrs: dict[str, str], entry: Entry) -> bool:
    """Whether the attributes say what device this is about; if not, the entry is named as not used.

    A serial number with bytes in it that were no text is taken out: half of it would be another device's.
    """
    if "\ufffd" in attrs.get("serial", ""):
        entry.skip("a serial number is not used, it is damaged", attrs.pop("serial"))
    if "serial" in attrs or not _DEVICE_KEYS.isdisjoint(attrs):
        return True
    entry.skip("a record is not used, it names no device")
    return False


_DEVICE_KEYS = frozenset({"serial", "udid", "device_id", "device_identifier", "request_id"})
