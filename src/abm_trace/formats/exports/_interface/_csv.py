"""CSV as exports write it: comma, semicolon or tab, line ends inside quotes, and each row with its own bytes."""

import csv
from collections.abc import Iterator
from functools import lru_cache

from abm_trace.formats._interface import Content, Head
from abm_trace.formats.exports._interface._entry import Entry, Notes, origin_of

_SEPARATORS = (",", ";", "\t")
_ROW_LINES_MAX = 100
_ROW_BYTES_MAX = 128 * 1024
# Each unclosed quote is looked for over at most one row's bounds, and only so often: work stays linear.
_UNCLOSED_MAX = 100


class CsvReader:
    """Reads the rows of one content under the names of its header."""

    def __init__(self, content: Content, by: str, notes: Notes) -> None:
        self._content = content
        self._by = by
        self._notes = notes
        self._separator = ","
        self._unclosed = 0

    def entries(self, *needed: str) -> Iterator[Entry]:
        """An entry a row; none (named) where the header has none of the names that are `needed`."""
        content = self._content
        start = 0
        if not content.header:
            start = len(content.data) - len(content.data.lstrip())
        end = _line_end(content.data, start)
        names, self._separator = columns((content.header or content.data[start:end]).rstrip(b"\r\n"))
        if needed and not any(name in names for name in needed):
            self._notes.add("the header names no column that says whose rows these are", ", ".join(needed), 1, 0)
            return
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            self._notes.add("a column is named twice, the first one is used", name, 1, 0)
        # From the right, so that the first of two columns of one name wins.
        order = [(index, name) for index, name in enumerate(names) if name][::-1]
        rows = self._rows(0 if content.header else end + 1)
        for record, (raw, at, line) in enumerate(rows, content.record):
            fields = self._fields(raw, at, line, len(names))
            if fields is not None:
                origin = origin_of(content, self._by, raw, at, line=line, record=record)
                yield Entry({name: fields[index] for index, name in order}, origin, self._notes, content.zone)

    def _fields(self, raw: bytes, at: int, line: int, count: int) -> list[str] | None:
        """The `count` texts of a row; None (named) where it cannot be taken for one."""
        offset = self._content.offset + at
        if b"\0" in raw:
            self._notes.add("a row is not used, it holds NUL bytes", "", line, offset)
            return None
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "replace")
            self._notes.add("a row is no UTF-8, its wrong bytes were replaced", "", line, offset)
        fields = _parse(text, self._separator) if '"' in text else text.split(self._separator)
        if fields is None:
            self._notes.add("a row is not used, a quote in it is not closed or a field too long", "", line, offset)
        elif len(fields) < count or any(fields[count:]):
            what = "a row is not used, it has not as many fields as the header"
            self._notes.add(what, f"{len(fields)} instead of {count}", line, offset)
            return None
        return fields

    def _rows(self, at: int) -> Iterator[tuple[bytes, int, int]]:
        """(bytes without the line end, place, line number) of each row that is not blank, from `at` on."""
        data = self._content.data
        line = self._content.line + data.count(b"\n", 0, at)
        while at < len(data):
            end = _line_end(data, at)
            lines = 1
            raw = data[at:end]
            if b'"' in raw and self._unclosed < _UNCLOSED_MAX and self._open(raw):
                end, lines = self._grow(at, end)
                raw = data[at:end]
            if raw and not raw.isspace():
                yield raw.removesuffix(b"\r"), at, line
            at = end + 1
            line += lines

    def _grow(self, at: int, first_end: int) -> tuple[int, int]:
        """(end, lines) of the row at `at` whose first line leaves a quote open; of that line if no other closes it."""
        data = self._content.data
        end = first_end
        for lines in range(2, _ROW_LINES_MAX + 1):
            start = end + 1
            end = _line_end(data, start)
            if start >= len(data) or end - at > _ROW_BYTES_MAX:
                break
            if b'"' in data[start:end] and not self._open(data[at:end]):
                return end, lines
        self._unclosed += 1
        return first_end, 1

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
        names = (_parse(text, separator) or []) if '"' in text else text.split(separator)
        if len(names) > len(best):
            best, chosen = names, separator
    return [name.strip(" \t\"'\ufeff").lower() for name in best], chosen


@lru_cache(maxsize=8)
def header(head: Head) -> frozenset[str]:
    """The column names in the first line of a head that is not blank; empty where it is no line of text."""
    first = head.data.lstrip()[:8192].split(b"\n", 1)[0]
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
