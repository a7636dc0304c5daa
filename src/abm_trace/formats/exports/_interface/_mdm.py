"""What the exports of MDM products share: their lists and pages, what a field says, and how far a file covers a source.

An export of a product may be its inventory, its list of ADE devices, or the events it sent; `inventory` says for each
source of the format that a file which does not list it proves nothing of what it lacks.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format
from abm_trace.formats.exports._interface._csv import CsvReader
from abm_trace.formats.exports._interface._entry import REACHES, Entry, Notes, origin_of
from abm_trace.formats.exports._interface._json import LISTS, JsonReader, is_json
from abm_trace.formats.exports._interface._pages import MORE, PART, Lists
from abm_trace.formats.exports._interface._value import read_object

# SimpleMDM, Microsoft Graph, Kandji; what stands there is true, or a link, where another page follows.
_FOLLOWS: Final = ("has_more", "@odata.nextLink", "next")
_QUERY: Final = "@odata.context"
_QUERY_CHARS_MAX: Final = 2048
_REACHES: Final = frozenset(REACHES)
_LISTED: Final = {
    "dep": frozenset({"dep_record"}),
    "mdm": frozenset(
        {
            "enrolled",
            "enrolled_by_hand",
            "mdm_row",
            "authenticate",
            "token_update",
            "token_renewed",
            "checked_out",
            "configured",
        }
    ),
}
"""The kinds that a list of a source is made of. An identity that waits for its device (Intune) is none of a list."""

_YES: Final = frozenset({"true", "yes", "1", "on", "enabled", "managed"})
_NO: Final = frozenset({"false", "no", "0", "off", "disabled", "unmanaged"})
_APPLE: Final = frozenset({
    "darwin", "osx", "os x", "tvos", "visionos", "watchos",
})  # fmt: skip
_TOTALS: Final = frozenset({"totalCount", "count"})
"""Under which Jamf and Iru say beside their `results` how many there are in all."""

_EVENT: Final = "type"
"""What an event has (SimpleMDM's webhooks) and no page of a list."""

_ROWS: Final = "rows"
_PAGE: Final = ("page", "page_size")
"""Under which Mosyle says beside its `devices` how many there are in all, which page this is, and how long one is."""

_DIGITS_MAX: Final = 12
"""A longer number counts no devices."""

_UNTOLD: Final = "an empty list is not known to be one of devices: nothing follows from what it lacks"
_EMPTY: Final = "an empty list of devices is not known to be of all of them: nothing follows from what it lacks"
_OF_DEVICES: Final = frozenset({"devices", "mobile_devices", "mobileDevices", "computers", "hosts"})
"""The names of lists that are of devices, if of some kind alone."""

_SINGLE: Final = re.compile(
    rb'\s*\{\s*(?:"@odata\.context"\s*:\s*"[^"]{1,500}"\s*,\s*)?'
    rb'"(?:(?:host|data|value|device|general|mobile_device|computer)"\s*:\s*\{|@odata\.context"\s*:\s*"[^"]{1,500}/\$entity")'
)
"""How an answer about one device begins. A record by itself is none: it may be one of a list that was split."""

_NEVER: Final = frozenset({"0001-01-01", "1970-01-01", "2000-01-01"})
"""The dates that .NET, Unix and Fleet write where there is none. From: fleetdm.com/docs/rest-api (last_enrolled_at)."""

_FIRST: Final = 946_684_800 * instants.SECOND
"""The year 2000, before which nothing was enrolled."""

_MILLISECONDS_FROM: Final = 100_000_000_000
"""A count since 1970 from here on is of milliseconds: as seconds it would lie beyond the year 5000. Origin: ours."""


class ListReader(JsonReader):
    """As JsonReader, for the names that the products' pages have.

    A page comes with what it says of others (`around`). `broken` says that something could not be read.
    """

    lists = LISTS | {"response", "assignments", "activities"}
    wrappers = JsonReader.wrappers | {"response"}
    around = JsonReader.around | frozenset({*_FOLLOWS, _QUERY, _ROWS, _EVENT, *_PAGE}) | _TOTALS

    def __init__(self, content: Content, by: str, notes: Notes) -> None:
        super().__init__(content, by, notes)
        self.broken = False
        self._began = 0

    def _object(self, text: str, start: int, base: int, depth: int = 0) -> Generator[Entry, None, int]:
        self._began = self._record
        return (yield from super()._object(text, start, base, depth))

    def _damage(self, what: str, at: int, line: int, *, cut: bool = False) -> None:
        self.broken = True
        super()._damage(what, at, line, cut=cut)

    def _repeated(self, name: str, at: int, line: int) -> None:
        if name in self.around and name != _QUERY:  # Of two that differ none is to be believed.
            self.broken = True
        super()._repeated(name, at, line)

    def _is_page(self, fields: dict[str, object]) -> bool:
        return super()._is_page(fields) or any(
            isinstance(inner := fields[name], dict) and super(ListReader, self)._is_page(inner)
            for name in self.wrappers & fields.keys()
        )

    def _page(self, lists: dict[str, object], reaches: dict[str, tuple[int, int, int]], base: int) -> Entry:
        said: dict[str, object] = {}
        for name in reaches.keys() - JsonReader.around:
            start, end, _ = reaches[name]
            with suppress(ValueError):
                said |= read_object(b"{" + self._data[base + start : base + end] + b"}")[0]
        page = super()._page(lists, reaches, base)
        if _EVENT in reaches and self._record == self._began:
            page.skip("a record is not used, all that it holds is an empty list")
        return page._replace(fields={**said, **page.fields})


def inventory(
    content: Content,
    form: Format,
    say: Callable[[Entry], Iterable[Fact]],
    *,
    columns: tuple[str, ...] = (),
    of: str = "",
) -> Iterator[Fact | Skipped]:
    """What `say` makes of each record, how far the file covers the sources of its format, then what was not used.

    A coverage fact without a time says that nothing follows from what the file lacks: it does not list that source, it
    is the answer about one device, damaged, or more pages follow than it has. `columns`: a CSV needs one of these.
    `of`: what stands in the query of a page that, if it is empty, is a list of nobody.
    """
    notes = Notes(content.path)
    reader: ListReader | None = None
    if columns and not is_json(content.header or content.data):
        entries = CsvReader(content, form.id, notes).entries(*columns)
    else:
        reader = ListReader(content, form.id, notes)
        entries = reader.entries()
    listed: set[str] = set()
    names: set[str] = set()
    reach: tuple[int, Origin] | None = None
    last = origin_of(content, form.id, b"", 0, line=content.line, record=None)
    lists = Lists()
    name, query = "", ""
    of_page: dict[str, str] = {}
    records = pages = rows = 0
    for entry in entries:
        if not _REACHES.isdisjoint(entry.fields):
            at = entry.instant(*REACHES)
            if at is not None and (reach is None or at > reach[0]):
                reach = at, entry.origin
        if not entry.page:
            rows += 1
            last = entry.origin
            for fact in say(entry):
                if (
                    fact.source not in of_page
                    and fact.kind in _LISTED.get(fact.source, ())
                    and fact.attrs.get("event") != "identity"
                ):  # One MDM may count computers and mobile devices apart: `jamf/mobile`, Mosyle's `os`.
                    of = fact.attrs.get("mdm_id", "").rpartition("/")[0] or entry.word("os")
                    of_page[fact.source] = f"{fact.source} {of}".strip()
                yield fact
            continue
        pages += 1
        names |= entry.fields.keys()
        before, query = query, _query(entry)
        if rows:  # A record of an ADE list may say too how the device stands with the MDM.
            name = min(of_page.values(), default=query)
        elif query != before:
            name = query
        lists.add(name, entry, rows, _total(entry, rows), follows=_follows(entry))
        listed.update(of_page)
        records += rows
        rows, of_page = 0, {}
    listed.update(of_page)
    records += rows
    if records or pages or (reader is not None and reader.broken):
        is_open = lists.open() is not None
        single = records == 1 and _SINGLE.match(content.data) is not None
        whole = not (single or is_open or (reader is not None and reader.broken))
        if not records and len(form.covers) == 1 and of in (query or of):
            listed.update(form.covers)
        if whole and form.covers and not records and not listed:
            notes.add(_UNTOLD if _OF_DEVICES.isdisjoint(names) else _EMPTY, "", last.line, last.offset)
        if is_open:
            notes.add(MORE, "", last.line, last.offset)
        for part, _ in lists.parts():
            notes.add(PART, part, last.line, last.offset)
        for source in form.covers:
            if source not in listed or not whole:
                yield Fact("coverage", None, source, source, {}, last)
            elif reach:
                yield Fact("coverage", reach[0], source, source, {}, reach[1])
    yield from notes


def _query(page: Entry) -> str:
    """What a page of Microsoft Graph says that it answers, `…/$metadata#deviceManagement/managedDevices(id)`."""
    context = page.fields.get(_QUERY)
    return context[:_QUERY_CHARS_MAX] if isinstance(context, str) else ""


def _follows(page: Entry) -> bool | None:
    """Whether a page says that another one follows it; None where it says neither. Graph leaves a link out at the end.

    From: learn.microsoft.com/graph/paging.
    """
    said = [page.fields[name] for name in _FOLLOWS if name in page.fields]
    if any(value is True or (isinstance(value, str) and value.strip()) for value in said):
        return True
    return False if said or "value" in page.fields else None


def _total(page: Entry, rows: int) -> int:
    """How many records a page of Jamf, Iru or Mosyle says that there are in all; 0 where it does not say it.

    `rows` are its own: before a later page of Mosyle's there are as many full ones as its number says.
    """
    if "results" in page.fields:
        return max(_count(page.fields.get(name)) for name in _TOTALS)
    if "devices" in page.fields:
        number, size = (_count(page.fields.get(name)) for name in _PAGE)
        return max(_count(page.fields.get(_ROWS)), (number - 1) * size + rows if rows and number and size else 0)
    return 0


def _count(value: object) -> int:
    """A count, which Mosyle may give as text; 0 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MAX:
        return int(value)
    return value if isinstance(value, int) and 0 < value < 10**_DIGITS_MAX else 0


def flat(entry: Entry, *sections: str) -> Entry:
    """The entry with the fields of these objects in it as its own; its own go before theirs, earlier before later."""
    fields = dict(entry.fields)
    for name in sections:
        section = entry.fields.get(name)
        if isinstance(section, dict):
            for key, value in section.items():
                if fields.get(key) is None:
                    fields[key] = value
    return entry._replace(fields=fields)


def flag(entry: Entry, *names: str) -> bool | None:
    """What the first of these fields that holds something says: yes, no, or None for anything else."""
    word = entry.word(*names).lower()
    return True if word in _YES else False if word in _NO else None


def moment(entry: Entry, *names: str) -> int | None:
    """The time in the first of these fields that has one, µs UTC; the dates that stand for "never" are none."""
    for name in names:
        if entry.fields.get(name) is not None and entry.text(name)[:10] not in _NEVER:
            at = entry.instant(name)
            if at is not None:
                return at
    return None


def is_dated(entry: Entry, *names: str) -> bool:
    """Whether one of these fields has a date, if in a form that is not read (`5/17/2024, 8:40:00 AM` is of two)."""
    return any((text := entry.word(name)) and text[:10] not in _NEVER for name in names)


def epoch(entry: Entry, name: str) -> int | None:
    """µs UTC of a count of seconds or milliseconds since 1970; None for none, or (named) one that cannot be.

    No MDM is older than the year 2000, so that a count is of one of the two alone.
    """
    text = entry.word(name)
    if text in {"", "0"}:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 20:
        count = int(text)
        at = count * instants.SECOND // (1 if count < _MILLISECONDS_FROM else 1000)
        if _FIRST <= at <= instants.LAST:
            return at
    entry.skip("a time is not used", f"{name}, no count of seconds since 1970 that is later than 2000: {text[:40]}")
    return None


def untold(entry: Entry, attrs: dict[str, str], field: str) -> Iterator[Fact]:
    """What a record says that has not the field by which its product tells of an enrolment: it names the device.

    It proves neither that the device is in the MDM nor that it is not.
    """
    entry.skip(
        f"a record does not say whether the device is enrolled, it has no {field}: export the list with that field",
        attrs.get("serial", attrs.get("udid", "")),
    )
    yield Fact("enrolment_untold", None, "mdm", "", attrs, entry.origin)


def of_apple(entry: Entry, *names: str) -> bool:
    """Whether a record is of an Apple device; if its system says otherwise, that is named."""
    system = entry.word(*names).lower()
    if not system or system in _APPLE or system.startswith(("mac", "ios", "ipad", "ipod", "iphone", "apple")):
        return True
    entry.skip("a record is not used, it is of no Apple device", system)
    return False


def of_a_device(attrs: dict[str, str], entry: Entry) -> bool:
    """Whether the attributes say what device this is about, be it by the MDM's own id; if not, that is named.

    A serial number with bytes in it that were no text is taken out: half of it would be another device's.
    """
    if "\ufffd" in attrs.get("serial", ""):
        entry.skip("a serial number is not used, it is damaged", attrs.pop("serial"))
    if {"serial", "udid", "io_platform_uuid", "mdm_id"} & attrs.keys():
        return True
    entry.skip("a record is not used, it names no device")
    return False


def postures(entry: Entry, attrs: Mapping[str, str], items: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    """What the record says of how the device is protected: a fact for each of the items whose field says yes or no.

    They have no time: a product shows how things stand, not since when.
    """
    who = {name: value for name, value in attrs.items() if name in {"serial", "udid", "io_platform_uuid", "mdm_id"}}
    for item, names in items.items():
        if any(entry.fields.get(name) is not None for name in names) and (on := flag(entry, *names)) is not None:
            yield posture(item, who, entry.origin, on=on)


def posture(item: str, who: Mapping[str, str], origin: Origin, *, on: bool, at: int | None = None) -> Fact:
    """That an item of protection is on or off."""
    state = "on" if on else "off"
    return Fact("posture", at, "mdm", f"{item} {state}", {**who, "item": item, "state": state}, origin)
