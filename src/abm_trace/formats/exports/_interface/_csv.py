"""CSV as exports write it: comma, semicolon or tab, line ends inside quotes, and each row with its own bytes."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from abm_trace.formats._interface import Content, Head
from abm_trace.formats.exports._interface._entry import CUT, Entry, Notes, origin_of

_ABOVE = (b"#TYPE ", b"sep=")
"""What may stand above the header: of `Export-Csv` of Windows PowerShell, and what tells Excel the separator."""
_SEPARATORS = (",", ";", "\t")
_ROW_LINES_MAX = 100
_ROW_BYTES_MAX = 128 * 1024
# Each unclosed quote is looked for over at most one row's bounds, and only so often: work stays linear.
_UNCLOSED_MAX = 100
_LINE_BYTES_MAX = 1024 * 1024
"""A longer row is none (CASE.md, damaged input); it is not taken apart, for it may be all separators."""

_AS_TEXT = re.compile(r'="([^"]*)"?')
"""A field as spreadsheets are told to leave it alone: `="012345"`; read as CSV the last quote may be gone."""

_BLANKS = re.compile(rb"[ \t\r\v\f\n]*\n")
_OPEN = "a row is not used, a quote in it is not closed or a field too long"
_RAGGED = "a row is not used, it has not as many fields as the header"


class CsvReader:
    """Reads the rows of one content under the names of its header."""

    def __init__(self, content: Content, by: str, notes: Notes) -> None:
        self._content = content
        self._by = by
        self._notes = notes
        self._separator = ","
        self._count = 1
        self._unclosed = 0
        self._passed = 0

    def entries(self, *needed: str) -> Iterator[Entry]:
        """An entry a row; none (named) where the header has none of the names that are `needed`."""
        content = self._content
        start = 0
        if not content.header:
            start = len(content.data) - len(content.data.lstrip())
            if content.data.startswith(_ABOVE, start):
                start = _line_end(content.data, start) + 1
        end = _line_end(content.data, start)
        names, self._separator = columns((content.header or content.data[start:end]).rstrip(b"\r\n"))
        if end == len(content.data) and not content.header:
            self._notes.add(CUT, "its header has no end, and no row", 1, 0)
        if needed and not any(name in names for name in needed):
            self._notes.add("the header names no column that says whose rows these are", ", ".join(needed), 1, 0)
            return
        for name in sorted(name for name, count in Counter(names).items() if name and count > 1):
            self._notes.add("a column is named twice, the first one is used", name, 1, 0)
        # From the right, so that the first of two columns of one name wins.
        order = [(index, name) for index, name in enumerate(names) if name][::-1]
        self._count = len(names)
        rows = self._rows(0 if content.header else end + 1)
        for record, (raw, at, line) in enumerate(rows, content.record):
            fields = self._fields(raw, at, line)
            if fields is None:
                self._notes.silent(len(raw))
            else:
                origin = origin_of(content, self._by, raw, at, line=line, record=record + self._passed)
                yield Entry({name: fields[index] for index, name in order}, origin, self._notes, content.zone)

    def _fields(self, raw: bytes, at: int, line: int) -> list[str] | None:
        """The texts of a row, one a column; None (named) where it cannot be taken for one."""
        offset, last = self._content.offset + at, at + len(raw) == len(self._content.data)
        if len(raw) > _LINE_BYTES_MAX:
            self._notes.add("a row is not used, it is longer than 1 MiB", f"{len(raw):,} bytes", line, offset)
            return None
        if b"\0" in raw:
            self._notes.add("a row holds NUL bytes, they were left out", "", line, offset)
            raw = raw.replace(b"\0", b"")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "replace")
            self._notes.add("a row is no UTF-8, its wrong bytes were replaced", "", line, offset)
        fields = _parse(text, self._separator) if '"' in text else text.split(self._separator)
        if fields is None:
            self._notes.add(CUT if last else _OPEN, "", line, offset)
        elif len(fields) < self._count or any(fields[self._count :]):
            cut = last and len(fields) < self._count
            self._notes.add(CUT if cut else _RAGGED, f"{len(fields)} instead of {self._count} fields", line, offset)
            return None
        elif '="' in text:
            return [match[1] if (match := _AS_TEXT.fullmatch(field)) else field for field in fields]
        return fields

    def _rows(self, at: int) -> Iterator[tuple[bytes, int, int]]:
        """(bytes without the line end, place, line number) of each row that may be one, from `at` on."""
        data = self._content.data
        line = self._content.line + data.count(b"\n", 0, at)
        separator, least = self._separator.encode(), self._count - 1
        while at < len(data):
            end = _line_end(data, at)
            raw = data[at:end]
            quoted = b'"' in raw
            place = self._content.offset + at
            last = end == len(data)  # What it says depends also on where it stands: it may be cut.
            if not (quoted or last or self._notes.begins(raw.removesuffix(b"\r"), line, place)):
                self._passed += 1
                line += 1
                at = end + 1
                continue
            if not raw or raw.isspace():
                end = blank.end() - 1 if (blank := _BLANKS.match(data, at)) else end
            if quoted and len(raw) <= _LINE_BYTES_MAX and self._unclosed < _UNCLOSED_MAX and self._open(raw):
                end = self._grow(at, end, line)
                raw = data[at:end]
            if not quoted and raw.count(separator) < least and self._notes.is_full(_RAGGED):
                end = self._skip_ragged(at, line)
            elif raw and not raw.isspace():
                row = raw.removesuffix(b"\r")
                if not quoted or end == len(data) or self._notes.begins(row, line, place):
                    yield row, at, line
                else:
                    self._passed += 1
            line += 1 + (data.count(b"\n", at, end) if end - at > len(raw) or quoted else 0)
            at = end + 1

    def _skip_ragged(self, at: int, line: int) -> int:
        """The end of the last of the rows from `at` on that have too few fields; they are counted all at once."""
        data = self._content.data
        pattern = rb"(?m)^(?:[^%b\n]*%b){%d}|^[^\n]*\"" % (*2 * (self._separator.encode(),), self._count - 1)
        found = re.compile(pattern).search(data, at)
        end = found.start() - 1 if found else len(data)
        count = data.count(b"\n", at, end)
        self._passed += count + 1
        self._notes.add_more(_RAGGED, count + 1, line + count, self._content.offset + data.rfind(b"\n", 0, end) + 1)
        return end

    def _grow(self, at: int, first_end: int, line: int) -> int:
        """The end of the row at `at` whose first line leaves a quote open.

        Where none of the next lines closes it, the quote is taken to be a stray one, and the row to end with its line;
        but if none of these lines could be a row, what is in the quote goes on to the next quote, and is named here.
        """
        data = self._content.data
        end = first_end
        rows = 0
        for _ in range(_ROW_LINES_MAX):
            start = end + 1
            end = _line_end(data, start)
            if start >= len(data) or end - at > _ROW_BYTES_MAX:
                break
            rows += data.count(self._separator.encode(), start, end) >= self._count - 1
            if b'"' in data[start:end] and not self._open(data[at:end]):
                return end
        self._unclosed += 1
        closing = data.find(b'"', end)
        if rows or closing < 0:
            return first_end
        end = _line_end(data, closing)
        self._notes.add(_OPEN, f"{end - at:,} bytes", line, self._content.offset + at)
        return end

    def _open(self, raw: bytes) -> bool:
        """Whether these bytes are no whole row: a quote stays open in them."""
        return _parse(raw.decode("latin-1"), self._separator) is None


@lru_cache(maxsize=64)
def columns(header: bytes) -> tuple[list[str], str]:
    """The names of a header line in lower case, and the separator that gives the most of them."""
    text = header.decode("utf-8", "replace").strip("\r\n\ufeff")
    best: list[str] = []
    chosen = ","
    for separator in _SEPARATORS:
        names = (_parse(text, separator) if '"' in text else None) or text.split(separator)
        if len(names) > len(best):
            best, chosen = names, separator
    return [name.strip(" \t\"'\ufeff").lower() for name in best], chosen


@lru_cache(maxsize=8)
def header(head: Head) -> frozenset[str]:
    """The column names in the first line of a head that is not blank; empty where it is no line of text."""
    first, *more = head.data.lstrip()[:8192].split(b"\n", 2)
    if first.startswith(_ABOVE) and more:
        first = more[0]
    return frozenset(columns(first)[0]) if first and first[:1] not in b"{[<" and b"\0" not in first else frozenset()


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


def _parse(text: str, separator: str) -> list[str] | None:
    """The fields of one row, line ends inside quotes kept; None where a quote stays open or a field is over 128 KiB."""
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return None
