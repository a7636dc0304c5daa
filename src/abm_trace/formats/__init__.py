"""Formats: what a blob is, told from its content. Each is one file of `logs/`, `exports/` or `payloads/`."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from types import ModuleType

import msgspec

from abm_trace.core.nouns import Record
from abm_trace.core.registry import discover
from abm_trace.formats import exports, logs, payloads
from abm_trace.formats._interface import Head
from abm_trace.formats.exports._interface import NESTED_MAX, header, is_device_line, is_json, shipped, too_deep
from abm_trace.formats.logs._array import Array
from abm_trace.formats.logs._interface import Stamps
from abm_trace.formats.logs._noise import noise_of

FAMILIES = {"log": logs, "export": exports, "payload": payloads}
_LOG_LINES = 24
_GLANCE_LINES = 4
_HEAD_LINES = 2000
"""How many lines are looked at where the first say nothing."""

_SERVER_BYTES = 4096
"""How much is looked at for the lines of a server: what a glance sees, for one must not say otherwise."""

_SERVER_WORDS = ("level=", 'level":', 'level\\":', "transport=http ", "component=", "method=PKI")
"""One of these stands in each line of a server."""

_WORDS_OF_SERVERS = tuple(word.encode() for word in _SERVER_WORDS)

_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
"""The colours of a terminal: idevicesyslog writes them unless told not to."""


_SERIALS = frozenset({"serial number", "serial_number", "serialnumber", "serial no", "serial no.", "serial"})
"""What people call the column of serial numbers."""


class Recognised(msgspec.Struct, frozen=True):
    """Which format a blob has: its family (`log`, `export`, `payload`), its module, and why it was chosen."""

    family: str
    id: str
    module: ModuleType
    why: str


@cache
def formats() -> dict[str, tuple[str, ModuleType]]:
    """Every format: id → (family, module)."""
    return {
        item_id: (family, module)
        for family, package in FAMILIES.items()
        for item_id, module in discover(package, "FORMAT").items()
    }


def head_line(module: ModuleType) -> re.Pattern[str]:
    """The expression that a line of a log format matches."""
    pattern: re.Pattern[str] = module.LAYOUT.pattern if hasattr(module, "LAYOUT") else module.HEAD_LINE
    return pattern


def frame(module: ModuleType) -> Callable[[str, Stamps], Record | None]:
    """What reads one line of a log format; None for a line of another format or with an impossible time."""
    read: Callable[[str, Stamps], Record | None] = module.LAYOUT.frame if hasattr(module, "LAYOUT") else module.frame
    return read


@cache
def log_formats() -> dict[str, ModuleType]:
    """The log formats alone, in name order."""
    return {item_id: module for item_id, (family, module) in formats().items() if family == "log"}


@cache
def _matchers() -> tuple[tuple[str, Callable[[str], object]], ...]:
    """(id, whether a line is of it) of each log format, in name order."""
    return tuple((item_id, head_line(module).match) for item_id, module in log_formats().items())


def glance(head: Head, guesses: Sequence[str]) -> Recognised | None:
    """The first of the log formats `guesses` that the first two lines fit, which one log format at most can say.

    A folder of 12,400 captures of some kinds need not be asked about forty others each. Headers of tools are passed
    over; what only another format's tool prints speaks against a guess.
    """
    said = {line: noise_of(line) for line in head_lines(head, _GLANCE_LINES)}
    headed = {format_id for format_id in said.values() if format_id}
    lines = [line for line, noise in said.items() if noise is None][:2]
    if len(lines) > 1:
        for guess in guesses:
            if headed - {guess}:
                continue
            module = log_formats()[guess]
            begins = head_line(module)
            if all(map(begins.match, lines)):
                serves = "host" in begins.groupindex and _of_server(head)  # The lines of a server have one.
                return None if serves else Recognised("log", guess, module, "its first lines fit it")
    return None


def recognise(head: Head) -> Recognised | None:
    """The format whose score over the head is highest, None if nothing claims it."""
    flat = _flat(head)
    best, why = _best([] if _of_server(head) else head_lines(flat))
    is_log = best[0] >= 0.5  # In a log of devices a few lines of a server may stand.
    for item_id, (family, module) in formats().items() if best[0] < 1 else ():
        if family == "log" or (is_log and hasattr(module, "LINE")):
            continue
        if (score := module.score(head)) > best[0]:
            best, why = (score, item_id), f"its content fits it ({score:.2f})"
    if not best[1]:  # A long message, or what a tool prints first, may fill the first lines.
        rows = head_lines(flat, _HEAD_LINES)
        best, why = _best(rows)
        named = "" if best[1] else _named(rows)
        if named:
            best, why = (1.0, named), "it has the header of one, and no line"
    if not best[1]:
        return None
    family, module = formats()[best[1]]
    return Recognised(family, best[1], module, why)


def is_server_line(line: str) -> bool:
    """Whether a line is of an MDM server's own log, behind the prefix of a syslog or of what else shipped it."""
    if not any(word in line for word in _SERVER_WORDS):
        return False
    text = shipped(line).text
    return text != line and any(begins(text) for begins in _server_lines())


@cache
def _server_lines() -> tuple[Callable[[str], object], ...]:
    """Whether a line begins as those of a server, of each export that is a server's log."""
    return tuple(module.LINE.match for _, module in formats().values() if hasattr(module, "LINE"))


def _of_server(head: Head) -> bool:
    """Whether a log is an MDM server's own, although syslog's formats fit its lines, too.

    At least half of what a glance sees are the server's lines, all of them of one host, and none of a device's process.
    """
    data = head.data[:_SERVER_BYTES]
    if not any(map(data.__contains__, _WORDS_OF_SERVERS)):
        return False
    rows = head_lines(Head(head.path, data, head.whole and len(head.data) <= _SERVER_BYTES))
    return (
        2 * sum(map(is_server_line, rows)) >= len(rows) > 0
        and len({shipped(row).host for row in rows}) == 1
        and not any(map(is_device_line, rows))
    )


def unrecognised(head: Head) -> tuple[str, int | None, int | None]:
    """Why nothing claims a blob and what to do, and on which line and at which byte, where one is to blame.

    A list of serial numbers lacks most likely the manifest's column.
    """
    if names := header(head) & _SERIALS:
        reason = (
            "not recognised: a table with serial numbers, of columns that no format has; if it is the manifest, call"
            f" its column {min(names)!r} serial; if an MDM's inventory, its columns serial_number, enrolled_at"
            " and enrollmentMethod (else say which format it is with --as FORMAT)"
        )
        return reason, 1, None
    if is_json(head.data) and (at := too_deep(head.data)) is not None:
        reason = (
            f"not recognised: JSON that is nested too deeply, from here on more than {NESTED_MAX} levels, which no"
            " format has; export the list by itself"
        )
        return reason, head.data.count(b"\n", 0, at) + 1, at
    if head.whole and (broken := _broken(head.data)):
        return broken
    return "not recognised: no format reads it (say which with --as FORMAT)", None, None


_BRACKETED = re.compile(r"\[(?:[0-9]{2,4}[-/][0-9]{2}[-/][0-9]{2,4}[ T]|[A-Z])")
"""How lines of a log may begin, and no JSON does: with a stamp or a level."""


def _broken(data: bytes) -> tuple[str, int, int] | None:
    """That a text which begins as JSON is none, and where it ceases to be; None for any other."""
    text = data.decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n")
    if text[:1] not in {"{", "["} or _BRACKETED.match(text):
        return None
    with suppress(msgspec.DecodeError):
        msgspec.json.decode(data, type=msgspec.Raw)
        return None  # Most are whole, which this tells without building them.
    before = len(data) - len(text)
    try:
        json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        line = data.count(b"\n", 0, before) + error.lineno
        reason = f"not recognised: damaged JSON, on line {line} it is none any more: {error.msg}"
        return reason, line, before + error.pos
    except (RecursionError, ValueError):
        pass
    return None


def _best(rows: list[str]) -> tuple[tuple[float, str], str]:
    """((score, id), why) of the log format that most lines fit; headers and trailers of tools count for no format."""
    lines = [row for row in rows if noise_of(row) is None]
    best: tuple[float, str] = (0.0, "")
    why = ""
    for item_id, match in _matchers() if lines else ():
        hits = sum([match(line) is not None for line in lines])
        if hits / len(lines) > best[0]:
            best, why = (hits / len(lines), item_id), f"{hits} of its first {len(rows)} lines fit it"
            if hits == len(lines):
                break
    return best, why


def _named(rows: list[str]) -> str:
    """The log format whose header or trailer is all that there is, "" if there is anything else."""
    known = [noise_of(row) for row in rows]
    return "" if None in known else next((each for each in known if each), "")


def _flat(head: Head) -> Head:
    """The head with the objects of an array as its lines."""
    array = Array.of(head.data)
    return Head(head.path, array.lines(head.data), head.whole) if array else head


def head_lines(head: Head, count: int = _LOG_LINES) -> list[str]:
    """The first lines of a head that could be log lines; a last line that the head cuts is left out."""
    rows = head.data.split(b"\n", count)
    if len(rows) > count or (not head.whole and len(rows) > 1):
        rows = rows[:-1]
    if b"\x1b[" in head.data:
        rows = [_COLOUR.sub(b"", row) for row in rows]
    return [text for row in rows if (text := row[:2048].decode("utf-8", "replace").strip("\r\x00 \t"))]
