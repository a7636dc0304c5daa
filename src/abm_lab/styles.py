"""The log formats: how one line looks around its stamp.

A line is `before + stamp + after`, so that background lines are rendered once and only their stamps change. The byte
NUL in a line stands for the host, which is filled in for a whole capture at once.
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
_USB_LEVELS = {"Default": "NOTICE", "Info": "INFO", "Debug": "DEBUG", "Error": "ERROR", "Fault": "FAULT"}
_FACILITY_DAEMON = 3
_IMAGE_UUID = "C644A1F3-9275-39A8-81F1-35389AFCCB11"


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
    stamped: Callable[[int, int], bytes] | None = None
    """The stamp of an instant in a zone, where it is more than a second and its fraction."""
    close: Callable[[bytes], bytes] = bytes
    """Makes a whole capture of its lines."""

    def stamp(self, at: int, zone_s: int) -> bytes:
        """The instant as this format spells it."""
        if self.stamped is not None:
            return self.stamped(at, zone_s)
        second, rest = divmod(at, SECOND)
        return self.second(second, zone_s) + self.fraction(rest)

    def second(self, second: int, zone_s: int) -> bytes:
        """The whole second (since 1970 UTC) as this format spells it."""
        return _stamp(second + zone_s if self.local else second, self.pattern)

    def render(self, at: int, zone_s: int, line: Line) -> bytes:
        """The whole line of an instant, the host still open."""
        before, after = self.frame(line, zone_s)
        return before + self.stamp(at, zone_s) + after

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


def _entry(line: Line) -> dict[str, object]:
    path = f"/usr/libexec/{line.speaker.process}"
    return {
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


def _ndjson(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    entry = _entry(line)
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


def _json_array(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    # [{
    #   "timezoneName" : "",
    #   "timestamp" : "2025-07-27 15:41:33.057177-0400",
    # …
    # },{
    pairs = (f'  "{key}" : {msgspec.json.encode(value).decode()}' for key, value in _entry(line).items())
    before = ",{\n" + ",\n".join(pairs) + ',\n  "timestamp" : "'
    text = msgspec.json.encode(line.text).decode()
    after = f'{_zone(zone_s)}",\n  "processID" : {line.pid},\n  "eventMessage" : {text}\n}}'
    return before.replace("/", "\\/").encode(), after.replace("/", "\\/").encode()


def _close_array(lines: bytes) -> bytes:
    return b"[" + lines[1:] + b"]\n"


def _usb_line(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    # 2026-06-23 16:41:07.512345 profiled{ManagedConfiguration}[214] <ERROR>: message
    process = f"{line.speaker.process}{{{line.speaker.process}}}[{line.pid}]"
    return b"", f" {process} <{_USB_LEVELS[line.level]}>: {line.text}\n".encode()


def _usb_line_labelled(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    label = f" [{line.speaker.subsystem}][{line.speaker.category}]" if line.speaker.subsystem else ""
    return b"", _usb_line(line, zone_s)[1][:-1] + f"{label}\n".encode()


def _usb_json(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    name = line.speaker.process
    label = {"subsystem": line.speaker.subsystem, "category": line.speaker.category}
    before = msgspec.json.encode({"pid": line.pid, "procid": line.pid, "thread_id": line.pid * 37 % 0xFFFFF})
    rest: dict[str, object] = {
        "level": _USB_LEVELS[line.level],
        "image_name": f"/usr/libexec/{name}",
        "image_offset": 4096,
        "image_uuid": _IMAGE_UUID,
        "process_image_uuid": _IMAGE_UUID,
        "filename": f"/usr/libexec/{name}",
        "mach_timestamp": 0,
        "message": line.text,
        "label": label if line.speaker.subsystem else None,
    }
    return before[:-1] + b',"timestamp":"', b'",' + msgspec.json.encode(rest)[1:] + b"\n"


def _usb_stamp(separator: str) -> Callable[[int, int], bytes]:
    def stamped(at: int, zone_s: int) -> bytes:
        # str() and isoformat() of a datetime leave the fraction out where it is 0.
        second, rest = divmod(at, SECOND)
        return _stamp(second + zone_s, f"%Y-%m-%d{separator}%H:%M:%S") + (b".%06d" % rest if rest else b"")

    return stamped


def _iterator(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    path = f"/usr/libexec/{line.speaker.process}"
    head: dict[str, object] = {
        "subsystem": line.speaker.subsystem,
        "thread_id": line.pid * 37 % 0xFFFFF,
        "pid": line.pid,
        "euid": 0,
        "library": path,
        "library_uuid": _IMAGE_UUID.replace("-", ""),
        "activity_id": 0,
        "category": line.speaker.category,
        "event_type": "Log",
        "log_type": line.level,
        "process": path,
        "process_uuid": _IMAGE_UUID.replace("-", ""),
        "message": line.text,
        "raw_message": "%{public}s",
        "boot_uuid": "BDC29971B7954B4C84BB0F66C67C7F58",
        "timezone_name": "UTC",
        "message_entries": [],
    }
    return msgspec.json.encode(head)[:-1] + b",", b"}\n"


def _iterator_stamp(at: int, zone_s: int) -> bytes:
    second, rest = divmod(at, SECOND)
    return b'"time":%d.0,"timestamp":"%s.%06d000Z"' % (at * 1000, _stamp(second, _T), rest)


def _console(line: Line, zone_s: int) -> tuple[bytes, bytes]:
    # 2020-08-06 09:58:35.445081 -0700 teslad com.apple.CloudConfigurationDaemon Default Retrying the request
    # 2020-08-06 10:03:07.621823 -0700 mobileactivationd <Unknown> Performing UCRT OOB.
    who = f"{line.speaker.subsystem} {line.level}" if line.speaker.subsystem else "<Unknown>"
    return b"", f" {_zone(zone_s)} {line.speaker.process} {who} {line.text}\n".encode()


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
# Formats in which devices on Apple's own way are recorded besides.
DEVICE_STYLES = (
    Style("log_json", ".json", _SPACED, 6, _json_array, close=_close_array),
    Style("pymobiledevice3", ".txt", _SPACED, 6, _usb_line, stamped=_usb_stamp(" ")),
    Style("pymobiledevice3_label", ".txt", _SPACED, 6, _usb_line_labelled, stamped=_usb_stamp(" ")),
    Style("pymobiledevice3_json", ".ndjson", _T, 6, _usb_json, stamped=_usb_stamp("T")),
    Style("unifiedlog_iterator", ".jsonl", _T, 6, _iterator, local=False, stamped=_iterator_stamp),
    Style("console", ".txt", _SPACED, 6, _console),
)
BY_ID = {style.id: style for style in (*STYLES, *DEVICE_STYLES)}
MOBILE = tuple(
    BY_ID[name]
    for name in (
        "idevicesyslog",
        "idevicesyslog_new",
        "pymobiledevice3",
        "pymobiledevice3_label",
        "pymobiledevice3_json",
        "log_json",
        "log_ndjson",
        "unifiedlog_iterator",
        "rfc3164",
        "rfc3164_file",
        "rfc5424",
    )
)
MAC = tuple(
    BY_ID[name]
    for name in (
        "log_default",
        "log_compact",
        "log_syslog",
        "log_json",
        "log_ndjson",
        "console",
        "unifiedlog_iterator",
        "rfc5424",
    )
)
