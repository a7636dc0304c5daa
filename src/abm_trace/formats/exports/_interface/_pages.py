"""Pages of Apple's own APIs as they came: their rows, what stands around the rows, and whether more pages follow.

What a page says of itself may stand behind its rows (`fetched_until`, `links`), so facts that need it wait for its end.
"""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import UTC
from functools import lru_cache
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface._entry import REACHES, Entry, Notes, origin_of
from abm_trace.formats.exports._interface._json import NOT_IN_FULL, JsonReader, is_json, sample
from abm_trace.formats.exports._interface._value import OTHERWISE, key_repeated, read_object

_AROUND_BYTES_MAX: Final = 256 * 1024
"""How much may stand around the rows of a page. Origin: ours; Apple's own pages have some hundred bytes there."""

_LISTS_MAX: Final = 100
"""How many lists of one content are told apart. Origin: ours; a product has fewer than ten."""

_NAME_CHARS_MAX: Final = 60
_GLIMPSES = 8
_NAMES_BYTES = 8192
_TYPES: Final = (b"auditEvents", b"orgDeviceActivities", b"orgDevices", b"mdmServers")
"""The types of rows, the ones that may mention the others first."""

_REACHES: Final = frozenset(REACHES)
_TELLING: Final = frozenset({*REACHES, "more_to_follow", "links", "meta"})
"""What says how far a page reaches and whether others follow: of a page that says it twice nothing follows."""
_DATED: Final = frozenset({"dep_record", "synced"})
# ["AppleID", "Android"]
_BLANKS = r"[ \t\r\n]*+"
_TEXT = _BLANKS + r'"(?:[^"\\]++|\\.)*+"' + _BLANKS
_TEXTS: Final = re.compile(rf"\[{_TEXT}(?:,{_TEXT})*+\]", re.DOTALL)
_ERROR_WORDS: Final = ("title", "message", "reason", "description")
MORE: Final = "more pages follow this one, the list is not whole"
PART: Final = "the list has more rows than the files of it hold, it is not whole"
"""How a page says that there are more rows than it has, and whether or not another page follows: `PART: 2 of 500`."""


class PageReader(JsonReader):
    """As JsonReader, but each page comes with all of its own fields; they are cited by the bytes behind its rows.

    `page_at` is where the page that came last begins, `broken` whether something of the content could not be read.
    `texts`: lists that hold texts alone are no rows, and nothing of them is named.
    """

    def __init__(self, content: Content, by: str, notes: Notes, *, texts: bool = False) -> None:
        super().__init__(content, by, notes)
        self.page_at = 0
        self.broken = False
        self._texts = texts
        self._told: set[str] = set()

    def _array(self, text: str, at: int, base: int, depth: int = 0) -> Generator[Entry, None, int]:
        if self._texts and (match := _TEXTS.match(text, at)):
            return match.end()
        return (yield from super()._array(text, at, base, depth))

    def _page(self, lists: dict[str, object], reaches: dict[str, tuple[int, int, int]], base: int) -> Entry:
        """A page with the names of its lists alone; `_object` knows its bytes and gives it the rest."""
        return Entry(lists, Origin(self._content.path, self._by), self._notes, self._content.zone, page=True)

    def _empty_page(self, raw: bytes, at: int, line: int, fields: dict[str, object], flaws: list[str]) -> Entry | None:
        if len(raw) > _AROUND_BYTES_MAX or any(
            isinstance(fields[name], list) and fields[name] for name in self.lists & fields.keys()
        ):
            return None
        self.page_at = self._content.offset + at
        origin = origin_of(self._content, self._by, raw, at, line=line, record=None)
        page = Entry(fields, origin, self._notes, self._content.zone, page=True)
        for flaw in flaws:
            page.skip(NOT_IN_FULL, flaw)
        return page

    def _damage(self, what: str, at: int, line: int, *, cut: bool = False) -> None:
        self.broken = True
        super()._damage(what, at, line, cut=cut)

    def _repeated(self, name: str, at: int, line: int) -> None:
        self.broken = self.broken or name in _TELLING
        self._told.add(key_repeated(name))
        super()._repeated(name, at, line)

    def _object(self, text: str, start: int, base: int, depth: int = 0) -> Generator[Entry, None, int]:
        inner = super()._object(text, start, base, depth)
        place = base + self._content.offset
        first = -1
        held: Entry | None = None  # The page itself is the last that comes; what comes before it are its rows.
        end = -1
        while end < 0:
            try:
                entry = next(inner)
            except StopIteration as stop:
                end = stop.value
                continue
            if held is not None:
                yield held
                held = None
            if entry.page:
                held = entry
                continue
            first = (entry.origin.offset or 0) - place if first < 0 else first
            yield entry
        if held is not None:
            self.page_at = place + start
            if first < 0:
                yield self._around(held, text[start:end], b"", base + start, base + end)
            else:
                last = self._row_end - base
                yield self._around(held, text[start:first], text[last:end].encode("latin-1"), base + last, base + end)
        return end

    def _around(self, page: Entry, before: str, after: bytes, start: int, end: int) -> Entry:
        """The page with its own fields, which stand before and after its rows."""
        raw = before.encode("latin-1") + (b"null" + after if after else b"")
        behind = self._line_at - start  # Lines are counted as places come; the page's own start may lie behind them.
        line = self._line - self._data.count(b"\n", start, start + behind) if behind > 0 else self._line_of(start)
        origin = origin_of(self._content, self._by, self._data[start:end], start, line=line, record=None)
        whole = page._replace(origin=origin)
        if len(raw) > _AROUND_BYTES_MAX:
            whole.skip(f"{NOT_IN_FULL}, too much stands around its rows", f"{len(raw):,} bytes")
            return whole
        try:
            fields, flaws = read_object(raw)
        except ValueError as error:
            whole.skip(NOT_IN_FULL, str(error))
            return whole
        for flaw in flaws:
            if flaw.removesuffix(OTHERWISE) not in self._told:
                whole.skip(NOT_IN_FULL, flaw)
        self._told.clear()
        return whole._replace(fields=fields)


class Lists:
    """What the pages of one content say of the lists that they are of, each by a name that tells it from the others."""

    def __init__(self) -> None:
        self._open: dict[str, Entry] = {}
        self._ended: set[str] = set()
        self._rows: Counter[str] = Counter()
        self._totals: dict[str, tuple[int, Entry]] = {}

    def add(self, name: str, page: Entry, rows: int, total: int, *, follows: bool | None) -> None:
        """One more page: `rows` are what it has, `total` (0: it does not say) what there is, `follows` (None: it does
        not say) whether another page follows it.
        """
        if name not in self._rows and len(self._rows) >= _LISTS_MAX:
            name, follows = "", follows or None  # One too many to be told apart ends none.
        if follows:
            self._open[name] = page
        elif follows is False:
            self._ended.add(name)
        self._rows[name] += rows
        if total:
            self._totals[name] = max(total, self._totals.get(name, (0,))[0]), page

    def open(self) -> Entry | None:
        """The last page of those that another one should follow and none does; pages may be in any order."""
        return next((page for name, page in reversed(self._open.items()) if name not in self._ended), None)

    def parts(self) -> Iterator[tuple[str, Entry]]:
        """`orgDevices: 2 of 500` and the last page of each list that has more rows than its pages here hold."""
        for name, (total, page) in self._totals.items():
            if total > self._rows[name]:
                yield f"{name[:_NAME_CHARS_MAX]}: {self._rows[name]} of {total}".removeprefix(": "), page


def paged(
    content: Content,
    form: Format,
    say: Callable[[Entry], Iterable[Fact]],
    *,
    covers: str = "",
    mend: Callable[[Fact, Entry, int | None], Fact] | None = None,
) -> Iterator[Fact | Skipped]:
    """What `say` makes of each row, how far each page reaches, then what was not used.

    `covers`: the source family of the coverage facts, "" for none. `mend` completes a fact of a row by its page and by
    how far that reaches; a row outside of pages is not mended. A page that others follow proves no reach; where the
    last of them is not in the content, or something of it is damaged, a coverage without a time says that nothing
    follows from what is not there; so it does of the answer about one row.
    """
    notes = Notes(content.path)
    reader = PageReader(content, form.id, notes)
    waiting: list[Fact] = []
    lists = Lists()
    origin: Origin | None = None
    single = False
    rows = 0
    for entry in reader.entries():
        origin = entry.origin
        if entry.fields.get("included"):  # Rows of other types that were asked for beside these (`include=devices`).
            entry.skip('what stands under "included" is not used: export those rows by themselves')
        if not entry.page:
            rows += 1
            if not named_error(entry):
                single = single or isinstance(entry.fields.get("data"), dict)  # The answer about one of them.
                before = len(waiting)
                waiting.extend(say(entry))
                (notes.told if len(waiting) > before else notes.silent)(entry.origin.length)
                if mend is None:
                    yield from waiting
                    waiting.clear()
            continue
        at = None if _REACHES.isdisjoint(entry.fields) else entry.instant(*REACHES)
        for fact in waiting:
            yield mend(fact, entry, at) if mend and (fact.origin.offset or 0) >= reader.page_at else fact
        waiting.clear()
        more = follows(entry)
        lists.add("/".join(self_path(entry.fields)), entry, rows + reader.repeats, _total(entry), follows=more)
        rows = reader.repeats = 0
        notes.forget()
        if covers and not more and at is not None:
            yield Fact("coverage", at, covers, covers, {}, entry.origin)
    yield from waiting
    for part, page in lists.parts():
        page.skip(PART, part)
    if open_page := lists.open():
        open_page.skip(MORE)
        origin = open_page.origin
    elif not (reader.broken or single):
        origin = None
    if covers and origin is not None:
        yield Fact("coverage", None, covers, covers, {}, origin)
    yield from notes


def follows(page: Entry) -> bool:
    """Whether a page says that another one follows it: DEP's `more_to_follow`, the Business API's cursors.

    From: developer.apple.com/documentation/applebusinessapi/pageddocumentlinks and fetch-devices.
    """
    if "more_to_follow" in page.fields:
        return page.text("more_to_follow").lower() not in {"", "false", "0"}
    if page.fields.get("links") is not None and page.inside("links").word("next"):
        return True
    return page.fields.get("meta") is not None and bool(page.inside("meta").inside("paging").word("nextCursor"))


def _total(page: Entry) -> int:
    """How many rows a page of the Business API says that there are in all; 0 where it does not say it."""
    meta = page.fields.get("meta")
    paging = meta.get("paging") if isinstance(meta, dict) else None
    total = paging.get("total") if isinstance(paging, dict) else None
    return total if isinstance(total, int) else 0


def resource(entry: Entry) -> tuple[Entry, Entry]:
    """(row, what stands around it) of an entry that is a row itself or an answer with one: `{"data":{…},"links":…}`."""
    if isinstance(entry.fields.get("data"), dict):
        return entry.inside("data"), entry
    return entry, entry if "data" in entry.fields else entry._replace(fields={})


@lru_cache(maxsize=8)
def glimpse(head: Head) -> tuple[dict[str, object], ...]:
    """The fields of the first rows and pages of a head, to score it by; () where it is no JSON.

    An empty page's own fields stand for it; where the first row is longer than the head, so do its names.
    """
    if not is_json(head.data):
        return ()
    found: list[dict[str, object]] = []
    for entry in PageReader(Content(head.path, head.data, UTC), "", Notes(head.path), texts=True).entries():
        found.append(dict(entry.fields))
        if len(found) == _GLIMPSES:
            break
    if found or head.whole:
        return tuple(found)
    text = head.data[:_NAMES_BYTES]
    kinds = [kind for kind in _TYPES if re.search(rb'"type"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}"%b"' % kind, text)]
    names: dict[str, object] = dict.fromkeys(name for fields in sample(head) for name in fields)
    if "attributes" in names:
        names["attributes"] = {}
    if kinds:
        names["type"] = kinds[0].decode()
    return (names,)


def types(head: Head) -> frozenset[str]:
    """The resource types of the first rows of a head (`orgDevices`, with `+` where a row has attributes).

    An empty page has that of the last part of its own link, `…/v1/orgDevices?limit=100`.
    """
    found: set[str] = set()
    for fields in glimpse(head):
        data = fields.get("data")
        row = data if isinstance(data, dict) else fields
        if isinstance(kind := row.get("type"), str):
            found.add(kind + ("+" if isinstance(row.get("attributes"), dict) else ""))
        if "data" in fields and (path := self_path(fields)):
            found.add("/" + "/".join(path))
    return frozenset(found)


def self_path(fields: object) -> list[str]:
    """The parts of the path behind `/v1/` of the link that an answer has to itself; empty where it has none."""
    links = fields.get("links") if isinstance(fields, dict) else None
    link = links.get("self") if isinstance(links, dict) else None
    if not isinstance(link, str):
        return []
    return link[:2048].partition("/v1/")[2].partition("?")[0].strip("/").split("/")


def dated(fact: Fact, page: Entry, reached_at: int | None) -> Fact:
    """A DEP fact without a time of its own, at the time up to which its page reaches."""
    if fact.at is None and reached_at is not None and fact.kind in _DATED:
        return msgspec.structs.replace(fact, at=reached_at)
    return fact


def errors_of(fields: Mapping[str, object]) -> list[object] | None:
    """The errors of an answer that holds them instead of rows, None of any other; Graph's `error` is one by itself."""
    error, errors = fields.get("error"), fields.get("errors")
    if fields.keys() == {"error"} and isinstance(error, dict) and {"code", "message"} <= error.keys():
        return [error]
    return errors if isinstance(errors, list) and "data" not in fields else None


def named_error(entry: Entry) -> bool:
    """Whether an entry is an answer that holds errors instead of rows; each of them is named in its own words.

    Jamf's have their HTTP status beside them.
    """
    errors = errors_of(entry.fields)
    if errors is None:
        return False
    status = entry.text("httpStatus")
    for error in errors or [{}]:
        said = entry._replace(fields=error if isinstance(error, dict) else {})
        words = status or said.text("status"), said.text("code"), said.text(*_ERROR_WORDS)
        entry.skip("an answer holds an error instead of rows", " ".join(word for word in words if word))
    return True
