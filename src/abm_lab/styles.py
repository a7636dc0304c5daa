"""The log formats of the guide: how one line looks around its stamp.

A line is `before + whole second + fraction + after`, so that background lines are rendered once and only their stamps
change. The byte NUL in a line stands for the host, which is filled in for a whole capture at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from abm_lab.moments import SECOND, wall
from abm_lab.records import Speaker

HOST = b"\0"
_SHORT_LEVELS = {"Default": "Df", "Info": "I ", "Debug": "Db", "Error": "E ", "Fault": "F "}
_ARTICLE_LEVELS = {"Default": "INFO", "Info": "INFO", "Debug": "DEBUG", "Error": "ERROR", "Fault": "ERROR"}
_DEVICE_LEVELS = {"Default": "Notice", "Info": "Notice", "Debug": "Debug", "Error": "Error", "Fault": "Error"}
_SEVERITIES = {"Default": 5, "Info": 6, "Debug": 7, "Error": 3, "Fault": 2}
_FACILITY_DAEMON = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One message with its speaker; `pid` belongs to the process."""

    level: str
    speaker: Speaker
    pid: int
    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """One format. `frame` gives the bytes before and after the stamp, for a zone that is so many seconds off UTC."""

    id: str
    suffix: str
    pattern: str
    """strftime pattern of the whole second."""
    digits: int
    """Digits of the fraction, 0 for formats of whole seconds."""
    frame: Callable[[Line, int], tuple[bytes, bytes]]
    local: bool = True
    """Stamps are wall time of the case's zone, else UTC."""
    heads: tuple[bytes, ...] = (b"",)
    """What a capture may begin with, before its first line."""
    names_host: bool = False

    def second(self, second: int, zone_s: int) -> bytes:
        """The whole second (since 1970 UTC) as this format spells it."""
        return _stamp(second + zone_s if self.local else second, self.pattern)

    def render(self, at: int, zone_s: int, line: Line) -> bytes:
        """The whole line of an instant, the host still open."""
        before, after = self.frame(line, zone_s)
        second, rest = divmod(at, SECOND)
        return before + self.second(second, zone_s) + self.fraction(rest) + after

    def fraction(self, rest_us: int) -> bytes:
        """The part of the second, with its point."""
        return b".%06d" % rest_us if self.digits == 6 else b".%03d" % (rest_us // 1000) if self.digits else b""


@lru_cache(maxsize=8192)
def _stamp(second: int, pattern: str) -> bytes:
    return wall(second, pattern).encode()


def _zone(zone_s: int) -> str:
    return f"{'-' if zone_s < 0 else '+'}{abs(zone_s) // 3600:02d}{abs(zone_s) // 60 % 60:02d}"


def _bracket(speaker: Speaker) -> str:
    return f"[{speaker.subsystem}:{speaker.category}] " if speaker.subsystem else ""


def _article(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    # 2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending enrollment request to …
    name = line.speaker.subsystem or f"com.apple.{line.speaker.process}"
    return b"", f" {_ARTICLE_LEVELS[line.level]} {name} {line.text}\n".encode()


def _article_utc(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    return b"", b"Z" + _article(line, zone_s)[1]


def _stream(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    thread = f"0x{line.pid * 37 % 0xFFFFF:x}"
    columns = f"{_zone(zone_s)} {thread:<10} {line.level:<11} {'0x0':<20} {line.pid:<6} 0    "
    return b"", f"{columns}{line.speaker.process}: {_bracket(line.speaker)}{line.text}\n".encode()


def _compact(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    process = f"{line.speaker.process}[{line.pid}:{line.pid * 37 % 0xFFFFF:x}]"
    return b"", f" {_SHORT_LEVELS[line.level]} {process} {_bracket(line.speaker)}{line.text}\n".encode()


def _unified_syslog(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    process = f"{line.speaker.process}[{line.pid}]"
    return b"", f"{_zone(zone_s)} localhost {process}: {_bracket(line.speaker)}{line.text}\n".encode()


def _ndjson(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    path = f"/usr/libexec/{line.speaker.process}"
    entry = {
        "timezoneName": "",
        "messageType": line.level,
        "eventType": "logEvent",
        "source": None,
        "formatString": "%{public}s",
        "userID": 501,
        "activityIdentifier": 0,
        "subsystem": line.speaker.subsystem,
        "category": line.speaker.category,
        "threadID": line.pid * 37 % 0xFFFFF,
        "processImagePath": path,
        "senderImagePath": path,
    }
    before = msgspec.json.encode(entry).replace(b"/", b"\\/")[:-1] + b',"timestamp":"'
    text = msgspec.json.encode(line.text).replace(b"/", b"\\/")
    after = (
        f'{_zone(zone_s)}","processID":{line.pid},"eventMessage":'.encode() + text + b',"parentActivityIdentifier":0}\n'
    )
    return before, after


def _device_relay(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    process = f"{line.speaker.process}[{line.pid}]"
    return b"", f" iPad {process} <{_DEVICE_LEVELS[line.level]}>: {line.text}\n".encode()


def _device_relay_new(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    process = f"{line.speaker.process}({line.speaker.category})[{line.pid}]"
    return b"", f" {process} <{_DEVICE_LEVELS[line.level]}>: {line.text}\n".encode()


def _priority(line: Line) -> str:
    return f"<{_FACILITY_DAEMON * 8 + _SEVERITIES[line.level]}>"


def _rfc3164(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    return _priority(line).encode(), f" \0 {line.speaker.process}[{line.pid}]: {line.text}\n".encode()


def _rfc3164_file(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    return b"", _rfc3164(line, zone_s)[1]


def _rfc5424(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    return f"{_priority(line)}1 ".encode(), f"Z \0 {line.speaker.process} {line.pid} - - {line.text}\n".encode()


_SPACED = "%Y-%m-%d %H:%M:%S"
_T = "%Y-%m-%dT%H:%M:%S"
_BSD = "%b %e %H:%M:%S"
_COLUMNS = b"Timestamp                       Thread     Type        Activity             PID    TTL  \n"
STYLES = (
    Style("article", ".log", _SPACED, 3, _article),
    Style("article_utc", ".log", _T, 3, _article_utc, local=False),
    Style(
        "log_default",
        ".log",
        _SPACED,
        6,
        _stream,
        heads=(
            b'Filtering the log data using "subsystem BEGINSWITH "com.apple""\n' + _COLUMNS,
            _COLUMNS,
        ),
    ),
    Style("log_compact", ".log", _SPACED, 3, _compact, heads=(b"", b"Timestamp               Ty Process[PID:TID]\n")),
    Style(
        "log_syslog",
        ".txt",
        _SPACED,
        6,
        _unified_syslog,
        heads=(b"", b"Timestamp                       (process)[PID]    \n"),
    ),
    Style("log_ndjson", ".ndjson", _SPACED, 6, _ndjson),
    Style("idevicesyslog", ".txt", _BSD, 0, _device_relay, heads=(b"", b"[connected]\n")),
    Style("idevicesyslog_new", ".txt", _BSD, 6, _device_relay_new, heads=(b"", b"[connected]\n")),
    Style("rfc3164", ".log", _BSD, 0, _rfc3164, names_host=True),
    Style("rfc3164_file", ".log", _BSD, 0, _rfc3164_file, names_host=True),
    Style("rfc5424", ".log", _T, 3, _rfc5424, local=False, names_host=True),
)
BY_ID = {style.id: style for style in STYLES}
PRECISE = tuple(style for style in STYLES if style.digits)
