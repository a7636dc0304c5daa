"""One entry of an export, whatever its notation: its fields, where it stands, and what could not be read of it."""

import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from abm_trace.core import instants
from abm_trace.core.nouns import Origin, Skipped
from abm_trace.core.placeholders import is_no_serial
from abm_trace.formats._interface import Content

FIELD_CHARS_MAX = 64 * 1024
"""The longest field that is kept. Origin: ours; no field of the guide is longer than some hundred characters."""

NOTES_MAX = 100
"""How often the same complaint is made in detail before it is only counted. Origin: ours."""

CUT: Final = "cut off, or damaged from here to its end: nothing follows from what it lacks"
"""What is named where a file ends inside a record, or nothing could be read from some place to its end."""

REACHES = ("fetched_until", "exported_at", "captured_at")
"""The fields by which an export says how far it reaches (CASE.md), the surest first."""

_SHORT = 256
_SILENT_MAX = 1000
_TOLD_FROM = 5_000
_TOLD_MAX = 10_000
TOLD_BYTES_MAX = 1024
"""From how many rows of a text on so many rows that say something are known again, for a flood of them is one row, or
some. Origin: ours; of smaller texts each row is read."""
_BLANK = " \t\r\n\v\f\"'\u00a0\ufeff\u200b"
_NOTHING = frozenset({"null", "none", "nil", "n/a", "-"})
# 12.883Z, the end of 2026-05-17T08:47:12.883Z
_SECONDS = re.compile(r"([0-5][0-9])(?:\.([0-9]{1,6}))?(?:Z|\+00:00)")


class Notes:
    """What a reader did not use of one blob, by reason; each reason in detail at most NOTES_MAX times."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._named: dict[str, list[Skipped]] = {}
        self._more: dict[str, tuple[int, int | None, int | None]] = {}
        self._row = b""
        self._why: list[str] = []
        self._silent: dict[bytes, tuple[str, ...]] = {}
        self._told = 0

    def begins(self, row: bytes, line: int | None = None, offset: int | None = None) -> bool:
        """Whether the row that stands there is to be read: not if `silent` or `told` knows its bytes.

        It is counted here then, for why it says nothing; who said something says nothing new by it.
        """
        if self._silent and (why := self._silent.get(row)) is not None:
            for reason in why:
                self.add_more(reason, 1, line, offset)
            return False
        self._row = row
        self._why.clear()
        return True

    def forget(self) -> None:
        """Know no row again: what they say depends on the page on which they stand, and another one begins."""
        self._silent.clear()

    def silent(self, length: int) -> None:
        """The record of so many bytes, which is read last, says nothing.

        Of a flood of one row that is read but NOTES_MAX times, for why it says nothing are its bytes alone.
        """
        if self._why and len(self._silent) < _SILENT_MAX:
            self._know(length, _SHORT)

    def told(self, length: int) -> None:
        """The record of so many bytes, which is read last, says something, as it will wherever it stands."""
        self._told += 1
        if self._told > _TOLD_FROM and len(self._silent) < _TOLD_MAX:
            self._know(length, TOLD_BYTES_MAX)

    def _know(self, length: int, most: int) -> None:
        """Know the row that is read last again, where what was named of it is only counted by now."""
        if length == len(self._row) < most and all(map(self.is_full, self._why)):
            self._silent[self._row] = tuple(self._why)

    def add(self, reason: str, detail: str = "", line: int | None = None, offset: int | None = None) -> None:
        """Name one thing; `reason` is what it has in common with others, `detail` what it alone has."""
        if self._row:
            self._why.append(reason)
        named = self._named.setdefault(reason, [])
        if len(named) < NOTES_MAX:
            named.append(Skipped(self._path, f"{reason}: {detail[:200]}" if detail else reason, line, offset))
        else:
            self.add_more(reason, 1, line, offset)

    def add_more(self, reason: str, count: int, line: int | None, offset: int | None) -> None:
        """Count what nobody wants to read one by one; `line` and `offset` are those of the last of them."""
        self._more[reason] = self._more.get(reason, (0,))[0] + count, line, offset

    def is_full(self, reason: str) -> bool:
        """Whether this was named often enough to be only counted from now on."""
        return len(self._named.get(reason, ())) >= NOTES_MAX

    def __iter__(self) -> Iterator[Skipped]:
        for reason, named in self._named.items():
            yield from named
            if reason in self._more:
                count, line, offset = self._more[reason]
                yield Skipped(self._path, f"{reason}: … and {count:,} more like this, the last one here", line, offset)


class Entry(NamedTuple):
    """One record of an export.

    `fields` are JSON values or the texts of a CSV row; a `page` is what stands around the records (its `exported_at`,
    its `next`) and no record itself.
    """

    fields: Mapping[str, object]
    origin: Origin
    notes: Notes
    zone: tzinfo
    page: bool = False

    def text(self, *names: str) -> str:
        """The first of these fields that holds something, without blanks and quotes around it; "" if none does.

        A whole number or a boolean counts as text; anything else, and what is too long to be kept, is named.
        """
        for name in names:
            value = self.fields.get(name)
            if value is None:
                continue
            if not isinstance(value, str):
                if not isinstance(value, int):
                    self.skip("a field is no text", name)
                    continue
                value = str(value).lower()
            if len(value) > FIELD_CHARS_MAX:
                self.skip("a field is too long to be kept", f"{name}, {len(value):,} characters")
                continue
            if value := value.strip(_BLANK):
                return value
        return ""

    def word(self, *names: str) -> str:
        """As `text`, where `null`, `none` and the like mean that the field is empty."""
        value = self.text(*names)
        return "" if value.lower() in _NOTHING else value

    def attrs(self, names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """The attributes that are there: each under its own name, from the first of its fields that holds something."""
        found = {}
        get = self.fields.get
        # The usual field is text in a short record and is taken without a call; `text` does the rest.
        short = self.origin.length <= FIELD_CHARS_MAX
        for name, fields in names.items():
            value = get(fields[0])
            if short and isinstance(value, str) and (text := value.strip(_BLANK)):
                if name != "serial" or self._is_serial(text):
                    found[name] = text
            elif value is not None or len(fields) > 1:
                if name == "serial" and isinstance(value, int):  # It would make a device that nobody has.
                    self.skip("a serial number is a number and no text, it is not used", str(value)[:40])
                elif (text := self.text(*fields)) and (name != "serial" or self._is_serial(text)):
                    found[name] = text
        return found

    def _is_serial(self, text: str) -> bool:
        """Whether a text is a serial number, and not (named) what stands where one was left out."""
        if is_no_serial(text):
            self.skip("a serial number is not used, it stands for one that was left out", text[:40])
            return False
        return True

    def instant(self, *names: str) -> int | None:
        """The time in the first of these fields, µs UTC; None if there is none, or (named) an impossible one."""
        value = self.fields.get(names[0])
        if not (isinstance(value, str) and value[10:11] == "T" and len(value) < _SHORT):
            value = self.word(*names)
        if not value:
            return None
        try:
            return instant(value, self.zone)
        except ValueError as error:
            held = next((name for name in names if self.fields.get(name) not in (None, "")), names[0])
            self.skip("a time is not used", f"{held}, {error}")
            return None

    def items(self, *names: str) -> list[object]:
        """The list in the first of these fields; empty where there is none."""
        for name in names:
            value = self.fields.get(name)
            if isinstance(value, list):
                return value
            if value is not None:
                self.skip("a field is no list", name)
        return []

    def inside(self, name: str) -> "Entry":
        """The object in this field as an entry of the same origin; an empty one where there is none."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            if value is not None:
                self.skip("a field is no object", name)
            value = {}
        return self._replace(fields=value)

    def skip(self, reason: str, detail: str = "") -> None:
        """Name something of this entry that is not used."""
        self.notes.add(reason, detail, self.origin.line, self.origin.offset)


def origin_of(content: Content, by: str, raw: bytes | memoryview, at: int, *, line: int, record: int | None) -> Origin:
    """The way back to `raw`, which stands at index `at` of the content's bytes."""
    return Origin(content.path, by, content.offset + at, len(raw), line, record, content.digest(at, len(raw)))


def instant(text: str, zone: tzinfo) -> int:
    """µs UTC of a stamp, as `instants.parse`, but fast for the usual form in UTC."""
    if text[10:11] == "T" and (micros := _micros(text[17:])) is not None:
        return _minute(text[:17]) + micros
    return instants.parse(text, zone)


@lru_cache(maxsize=8192)
def _minute(prefix: str) -> int:
    """µs UTC of `2026-05-17T08:47:`; raises ValueError where there is no such minute."""
    return instants.parse(prefix + "00Z")


@lru_cache(maxsize=131_072)
def _micros(tail: str) -> int | None:
    """The µs of `12.883Z` within its minute; None where it is of another form."""
    match = _SECONDS.fullmatch(tail)
    return int(match[1]) * instants.SECOND + int((match[2] or "").ljust(6, "0")) if match else None
