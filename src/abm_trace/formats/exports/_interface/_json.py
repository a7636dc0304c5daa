"""JSON in every shape an export comes in: NDJSON, an array, an object, pages of a list, several of them one after the
other; each record with the bytes it is made of, and all of them up to the place where a file is cut or damaged.

Structure is found on the bytes as Latin-1 (one character a byte, for JSON's own signs are ASCII) by the standard
library's scanner, a record at a time; `_value` then reads each record.
"""

import json
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from functools import lru_cache
from io import BytesIO

import msgspec

from abm_trace.core.values import TOO_MANY, VALUES_MAX, may_be_too_many, signs, too_many
from abm_trace.formats._interface import Content, Head
from abm_trace.formats.exports._interface._entry import CUT, REACHES, TOLD_BYTES_MAX, Entry, Notes, origin_of
from abm_trace.formats.exports._interface._value import OTHERWISE, is_object, key_repeated, read_object, value_end

LISTS = frozenset({
    "events", "devices", "tokens", "probes", "records", "results", "items", "data", "value", "entries", "inventory",
    "mobile_devices", "mobileDevices", "computers", "hosts", "rows", "list", "samples", "lifecycles", "clients",
})  # fmt: skip
"""The names under which a page holds its records."""

NOT_IN_FULL = "a page is not used in full"
_WRAPPERS = frozenset({"log"})  # HAR's pages stand inside an object: {"log":{"entries":[…]}}
_DEPTH_MAX = 4  # Pages in pages; deeper ones are no records.
_SAMPLES = 8
_NAMES_BYTES = 8192
_NAME = re.compile(rb'"([A-Za-z_]{1,40})"[ \t\r\n]{0,8}:')
_RECORD_BYTES_MAX = 1024 * 1024
# Numbers stay text: only the extent of a value is wanted, and int() refuses more than 4,300 digits.
_SCAN = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
_BEGINS = re.compile(rb"\s*[{\[]|[^\n]*\n\{")
_BLANKS = re.compile(r"[ \t\r\n]*")
_OPENS = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
_LARGE_BYTES = 8 * 1024 * 1024
_GLANCE = 8192
"""In this many characters most values end, so that their signs need not be counted. Origin: ours; a device has 400."""

_SIGNS_OF_A_STEP = 16
"""How many signs take as long to be counted as one thing to be read. Origin: ours; a list of devices of 64 MiB
has 6,000,000."""


class _Row(msgspec.Struct, gc=False):
    """An object of which nothing is wanted but that it is one."""


class _Rows(msgspec.Struct):
    """A page that holds nothing but objects."""

    entries: list[_Row]


class _WrappedRows(msgspec.Struct):
    """What holds such a page."""

    log: _Rows


class _Page(msgspec.Struct):
    """A page whose records are left as they are."""

    entries: list[msgspec.Raw]


class _Wrapper(msgspec.Struct):
    """What holds a page."""

    log: _Page


_WRAPPED = msgspec.json.Decoder(_Wrapper).decode
_WRAPPED_ROWS = msgspec.json.Decoder(_WrappedRows).decode
_NAMES = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _DamageError(Exception):
    """JSON ends or breaks in the value that begins at `at`."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at = at


class _TrailingError(_DamageError):
    """What stands from `at` on is no part of the JSON before it, which is whole."""


class _TooManyError(_DamageError):
    """So many values that from `at` on nothing is read."""


class JsonReader:
    """Reads the records of one content, in the order of its bytes.

    `lists` are the names under which a page holds its records, `wrappers` those of an object that holds a page,
    `around` what is kept of what stands around the records. `repeats` counts the records of pages that were not given
    out, for `notes` knew them.
    """

    lists = LISTS
    wrappers = _WRAPPERS
    around = frozenset(REACHES)

    def __init__(self, content: Content, by: str, notes: Notes) -> None:
        self._content = content
        self._data = content.data
        self._by = by
        self._notes = notes
        self._record = content.record
        self._row_end = 0
        self._line_at = 0
        self._line = content.line
        self._steps = 0
        self._dense = False
        self.repeats = 0

    def entries(self) -> Iterator[Entry]:
        """Every record, and each page (what stands around records) after its own."""
        start = len(self._data) - len(self._data.lstrip())
        first, _, rest = self._data[start : start + 65536].partition(b"\n")
        piece = self._content.offset > 0
        if piece or first[:1] not in {b"{", b"["} or (rest and is_object(first)):
            return self._lines(0)
        return self._wrapped() or self._documents()

    def _lines(self, start: int, *, mended: bool = False) -> Iterator[Entry]:
        """A record a line, from `start` on; `mended`: after damage, where what is no record was named as a whole."""
        at = start
        file = BytesIO(self._data)
        file.seek(start)
        for number, line in enumerate(file, self._line_of(start)):
            raw = line.strip()
            if mended:
                raw = raw.rstrip(b", ")
            if raw and (not mended or raw.startswith(b'{"')):
                lead = 0 if line.startswith(b"{") else len(line) - len(line.lstrip())
                last = at + len(line) >= len(self._data)  # Of the last one it counts too where it stands.
                if last or self._notes.begins(raw, number, self._content.offset + at + lead):
                    yield from self._line_value(raw, at + lead, number)
                else:
                    self._record += 1
            at += len(line)

    def _line_value(self, raw: bytes, at: int, line: int) -> Iterable[Entry]:
        """The record of one line, or the records of the page that it is."""
        try:
            fields, flaws = read_object(raw)
        except ValueError as error:
            last = self._data.find(b"\n", at + len(raw)) < 0  # Blanks may stand behind it.
            cut = last and raw.startswith(b"{") and not raw.endswith(b"}")
            self._damage(str(error), at, line, cut=cut)
            if not cut:
                self._notes.silent(len(raw))
            self._record += 1
            return ()
        repeats = bool(flaws) and any(key_repeated(name) + OTHERWISE in flaws for name in self.lists & fields.keys())
        if repeats or self._is_page(fields):
            empty = None if repeats else self._empty_page(raw, at, line, fields, flaws)
            return (empty,) if empty else self._line_page(raw.decode("latin-1"), at)
        return (self._entry(raw, at, line, fields, flaws),)

    def _empty_page(self, raw: bytes, at: int, line: int, fields: dict[str, object], flaws: list[str]) -> Entry | None:
        """The page of one line that has no record, where that is all to be known of it; None: read it as any other."""
        return None

    def _line_page(self, text: str, base: int) -> Iterator[Entry]:
        """The records of a page that is one line, at `base` of the content."""
        self._steps, self._dense = 0, may_be_too_many(self._data, base, base + len(text))
        try:
            yield from self._object(text, 0, base)
        except _DamageError as error:
            self._damage(str(error), base + error.at, self._line_of(base + error.at))

    def _documents(self) -> Iterator[Entry]:
        """Whole values one after the other, each over as many lines as it likes."""
        text = self._data.decode("latin-1")
        self._dense = may_be_too_many(self._data, 0, len(text))
        at = _blanks(text, 0)
        try:
            while at < len(text):
                if text[at] == "[":
                    at = yield from self._array(text, at, 0)
                elif text[at] == "{":
                    at = yield from self._object(text, at, 0)
                else:
                    raise _TrailingError(at, "something else follows the JSON")
                at = _blanks(text, at)
        except _TooManyError as error:
            self._damage(str(error), error.at, self._line_of(error.at))
        except _DamageError as error:
            line, records = self._line_of(error.at), self._record
            after = text.find("\n", error.at)
            if after >= 0:
                yield from self._lines(after + 1, mended=True)
            cut = self._record == records and not isinstance(error, _TrailingError)
            behind = "" if cut else "; after it only records that stand whole on a line of their own were read"
            self._damage(f"{error}{behind}", error.at, line, cut=cut)

    def _wrapped(self) -> Iterator[Entry] | None:
        """The records of a large page in its wrapper, `{"log":{"entries":[…]}}`; None: read it as any other.

        Of an archive of 60 MB, which may be one record, no second copy is made as text, nor a third to find its end.
        """
        data, key = self._data, b'"entries"'
        if len(data) < _LARGE_BYTES or type(self) is not JsonReader or data.count(key) != 1:
            return None
        begin = _OPENS.match(data, data.find(key) + len(key))
        if begin is None or any(b'"%b"' % name.encode() in data for name in REACHES):
            return None
        try:
            if data.count(b"{") > VALUES_MAX:
                return None
            _WRAPPED_ROWS(data)  # So that no more rows than that are made.
            rows = _WRAPPED(data).log.entries
            spans = self._spans(begin.end(), rows)
            for row, span in zip(rows, spans, strict=True):
                if not too_many(data, *span) and not self.lists.isdisjoint(_NAMES(row)):
                    return None  # It may be a page itself.
        except (msgspec.DecodeError, RecursionError):
            return None
        return self._rows(spans)

    def _spans(self, at: int, rows: list[msgspec.Raw]) -> list[tuple[int, int]]:
        """Where these rows begin and end, from `at` on; only commas and blanks stand between them."""
        spans: list[tuple[int, int]] = []
        for row in rows:
            while at < len(self._data) and self._data[at] in b" \t\r\n,":
                at += 1
            spans.append((at, at + len(memoryview(row))))
            at = spans[-1][1]
        return spans

    def _rows(self, spans: list[tuple[int, int]]) -> Iterator[Entry]:
        """The records that stand there."""
        for start, end in spans:
            yield from self._record_at(start, end)

    def _array(self, text: str, at: int, base: int, depth: int = 0) -> Generator[Entry, None, int]:
        """The records of the array at `at`; returns where it ends. `base` is the place of `text` in the content."""
        at = _blanks(text, at + 1)
        if text[at : at + 1] == "]":
            return at + 1
        while True:
            try:
                value, end = self._scan(text, at, base, at)
                is_page = isinstance(value, dict) and self._is_page(value)
                del value  # It may be as large as the document.
            except _DamageError as error:
                if isinstance(error, _TooManyError) or text[at : at + 1] != "{":
                    raise
                is_page, end = True, at  # The records of a page that breaks off go before what is damaged of it.
            if text[at] == "{":
                if is_page:
                    end = yield from self._object(text, at, base, depth)
                else:
                    yield from self._record_at(base + at, base + end)
            else:
                place = base + at
                self._notes.begins(b"")  # It is of no row.
                self._notes.add(
                    "a list holds something that is no object", "", self._line_of(place), self._content.offset + place
                )
                self._record += 1
            at = _blanks(text, end)
            if text[at : at + 1] == "]":
                return at + 1
            if text[at : at + 1] != ",":
                raise _DamageError(at, "the list breaks off")
            at = _blanks(text, at + 1)

    def _object(self, text: str, start: int, base: int, depth: int = 0) -> Generator[Entry, None, int]:
        """The object at `start`: a page's records as they come and then the page, or the one record that it is."""
        lists: dict[str, object] = {}
        reaches: dict[str, tuple[int, int, int]] = {}
        names: set[str] = set()
        repeated: list[tuple[str, int]] = []
        began = self._line_of(base + start)
        self._step(start)
        at = _blanks(text, start + 1)
        blame = start
        while text[at : at + 1] != "}":
            if text[at : at + 1] != '"':
                raise _DamageError(blame, "the object breaks off")
            name_end = self._scan(text, at, base, blame)[1]
            value = _blanks(text, name_end)
            if text[value : value + 1] != ":":
                raise _DamageError(blame, "a name has no value")
            value = _blanks(text, value + 1)
            name = text[at + 1 : name_end - 1]
            if name in names:
                repeated.append((name, at))
            names.add(name)
            opens = text[value : value + 1] if depth < _DEPTH_MAX else ""
            if name in self.lists and opens == "[":
                lists[name] = []
                end = yield from self._array(text, value, base, depth + 1)
            elif name in self.wrappers and opens == "{" and not depth:
                lists[name] = {}
                end = yield from self._object(text, value, base, depth + 1)
            else:
                end = self._scan(text, value, base, blame)[1]
                if name in self.around:
                    reaches[name] = (at, end, 0)
            at = _blanks(text, end)
            if lists:
                blame = at
            if text[at : at + 1] == ",":
                at = _blanks(text, at + 1)
            elif text[at : at + 1] != "}":
                raise _DamageError(blame, "the object breaks off")
        if lists:
            for name, (place, end, _) in reaches.items():
                reaches[name] = (place, end, began + self._data.count(b"\n", base + start, base + place))
            line, counted = began, base + start
            for name, place in repeated:
                line += self._data.count(b"\n", counted, counted := base + place)
                self._repeated(name, counted, line)
            yield self._page(lists, reaches, base)
        else:
            yield from self._record_at(base + start, base + at + 1)
        return at + 1

    def _scan(self, text: str, at: int, base: int, blame: int) -> tuple[object, int]:
        """As `_scan`, but what would become too many objects is not read: raises _TooManyError."""
        self._step(at)
        if self._dense:
            with suppress(ValueError, RecursionError):
                value, end = _SCAN(text[at : at + _GLANCE], 0)
                if end < _GLANCE:
                    return value, at + end
            if too_many(self._data, base + at):
                raise _TooManyError(at, TOO_MANY)
            value, end = _scan(text, at, blame)
            if text[at] in "{[":
                self._steps += signs(self._data, base + at, base + end) // _SIGNS_OF_A_STEP
            return value, end
        return _scan(text, at, blame)

    def _step(self, at: int) -> None:
        """Counts what is read one by one, which takes its time."""
        self._steps += 1
        if self._steps > VALUES_MAX:
            raise _TooManyError(at, TOO_MANY)

    def _record_at(self, start: int, end: int) -> Iterable[Entry]:
        """The record in these bytes of the content; none where they are no strict JSON (named), or known (counted)."""
        line, self._row_end = self._line_of(start), end
        if not self._notes.begins(
            self._data[start : min(end, start + TOLD_BYTES_MAX)], line, self._content.offset + start
        ):
            self._record += 1
            self.repeats += 1
            return ()
        try:
            fields, flaws = read_object(self._data, start, end)
        except ValueError as error:
            self._damage(str(error), start, line)
            self._record += 1
            return ()
        return (self._entry(memoryview(self._data)[start:end], start, line, fields, flaws),)

    def _page(self, lists: dict[str, object], reaches: dict[str, tuple[int, int, int]], base: int) -> Entry:
        """What a page says beside its records: how far it reaches, with the bytes that say so."""
        fields = dict(lists)
        start = end = base
        line = self._line
        for name in REACHES:
            if name in reaches:
                start, end, line = reaches[name]
                start, end = base + start, base + end
                try:
                    fields |= read_object(b"{" + self._data[start:end] + b"}")[0]
                except ValueError as error:
                    self._damage(str(error), start, line)
                break
        origin = origin_of(self._content, self._by, self._data[start:end], start, line=line, record=None)
        return Entry(fields, origin, self._notes, self._content.zone, page=True)

    def _repeated(self, name: str, at: int, line: int) -> None:
        """Names a key that a page has more than once; it stands at `at`."""
        reason = "a page has a list more than once, the rows of each are read" if name in self.lists else NOT_IN_FULL
        key = name.encode("latin-1").decode("utf-8", "replace")
        self._notes.add(reason, key_repeated(key), line, self._content.offset + at)

    def _entry(self, raw: bytes | memoryview, at: int, line: int, fields: dict[str, object], flaws: list[str]) -> Entry:
        """The entry of these bytes, its flaws named."""
        origin = origin_of(self._content, self._by, raw, at, line=line, record=self._record)
        self._record += 1
        entry = Entry(fields, origin, self._notes, self._content.zone)
        for flaw in flaws:
            entry.skip("a record is not used in full", flaw)
        if len(raw) > _RECORD_BYTES_MAX:
            entry.skip("a record is longer than 1 MiB, only its short fields are used", f"{len(raw):,} bytes")
        return entry

    def _damage(self, what: str, at: int, line: int, *, cut: bool = False) -> None:
        """Names damage; `cut`: nothing was read from there to the end, where more may have stood."""
        reason = CUT if cut else "not read" if what == TOO_MANY else "damaged JSON"
        self._notes.add(reason, what, line, self._content.offset + at)

    def _is_page(self, fields: dict[str, object]) -> bool:
        """Whether an object is a page of records."""
        lists = self.lists
        return not lists.isdisjoint(fields) and any(isinstance(fields[name], list) for name in lists & fields.keys())

    def _line_of(self, at: int) -> int:
        """The line number of this place; places come in order, so that each byte is counted once."""
        if at > self._line_at:
            self._line += self._data.count(b"\n", self._line_at, at)
            self._line_at = at
        return self._line


def is_json(data: bytes) -> bool:
    """Whether the first line begins as JSON, or the second does, where the beginning of a file is gone."""
    return _BEGINS.match(data) is not None


@lru_cache(maxsize=8)
def sample(head: Head) -> tuple[dict[str, object], ...]:
    """The first records of a head and its page, to score it by; () where it is no JSON.

    Where the first record is longer than the head, the names at its beginning stand for it.
    """
    if not is_json(head.data):
        return ()
    found: list[dict[str, object]] = []
    for entry in JsonReader(Content(head.path, head.data, UTC), "", Notes(head.path)).entries():
        found.append(dict(entry.fields))
        if len(found) == _SAMPLES:
            break
    if not found and not head.whole:
        found.append(dict.fromkeys(name.decode() for name in _NAME.findall(head.data[:_NAMES_BYTES])))
    return tuple(found)


def _blanks(text: str, at: int) -> int:
    """Where the blanks at `at` end."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _scan(text: str, at: int, blame: int) -> tuple[object, int]:
    """The value at `at` (None if nested too deeply) and its end; raises _DamageError at `blame`."""
    try:
        return _SCAN(text, at)
    except RecursionError as error:
        end = value_end(text, at)
        if end is None:
            raise _DamageError(blame, "nested too deeply") from error
        return None, end
    except ValueError as error:
        raise _DamageError(blame, "it breaks off") from error
