"""A line of a server as what ships logs hands it on: behind a prefix, or inside an object of JSON."""

import re
from datetime import tzinfo
from typing import Final, NamedTuple

from abm_trace.core import instants
from abm_trace.formats._interface import Content
from abm_trace.formats.exports._interface._entry import Notes
from abm_trace.formats.exports._interface._value import json_object

_ISO: Final = (
    r"(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2}))"
)
_PRIORITY: Final = r"(?:[0-9]{1,7} )?<[0-9]{1,3}>"
_HOST: Final = r"(?P<host>[^\s=\"\[\]{}|]{1,255})"
_TAG: Final = r"[^\s=\"\[\]{}|:]{1,128}(?:\[[0-9]{1,10}\])?: "
_DATA: Final = r"(?:-|(?:\[(?:[^\]\\]|\\.){0,1024}\]){1,8})"
_PREFIXES: Final = tuple(
    re.compile(form)
    for form in (
        # May 30 12:25:17 mdm01 nanomdm[812]: text, journalctl -o short, RFC 3164; also without a host.
        rf"(?:{_PRIORITY})?(?P<stamp>[A-Z][a-z]{{2}} [ 0-9][0-9] [0-9:]{{8}})(?:\.[0-9]{{1,6}})? (?:{_HOST} )?{_TAG}",
        # 2021-05-30T12:25:17+0000 mdm01 nanomdm[812]: text, journalctl -o short-iso; rsyslog RSYSLOG_FileFormat
        rf"(?:{_PRIORITY})?{_ISO} {_HOST} {_TAG}",
        # <30>1 2021-05-30T12:25:17.000Z mdm01 nanomdm 812 - - text, RFC 5424 section 6
        rf"{_PRIORITY}1 (?:-|{_ISO}) {_HOST} \S{{1,48}} \S{{1,128}} \S{{1,32}} {_DATA} ?\ufeff?",
        # 2021-05-30T12:25:17.123456789Z stderr F text, Kubernetes' CRI (kuberuntime/logs/logs.go); without a stream
        # docker logs --timestamps.
        rf"{_ISO} (?:std(?:out|err) [FP] )?",
        # nanomdm-1  | text, docker compose logs (cmd/formatter/logs.go), with or without colours.
        r"(?:\x1b\[[0-9;]{1,12}m)?[\w.-]{1,128} {1,64}\| (?:\x1b\[0m)?",
    )
)
_PREFIXES_MAX: Final = 3
_YEARLESS: Final = re.compile(r"([A-Z][a-z]{2}) ([ 0-9][0-9]) ([0-9:]{8})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MICROS: Final = re.compile(r"[0-9]{1,17}", re.ASCII)
# teslad[231]: text, teslad(CloudConfigurationDaemon)[231], teslad 231 - [id k="v"], com.apple.ManagedClient: text
_DEVICE: Final = re.compile(
    rb" (?:com\.apple\.[\w.-]{1,64}: "
    rb"|(?:teslad|profiled|mdmclient|budd|Setup|mobileactivationd|com\.apple\.[\w.-]{1,64})"
    rb"(?:(?:\([^()\n]{1,255}\))?\[[0-9]{1,10}\][: ]| [0-9]{1,10} \S{1,32} [\[-]))"
)
_DEVICE_WORDS: Final = (
    b" teslad",
    b" profiled",
    b" mdmclient",
    b" budd",
    b" Setup",
    b" mobileactivationd",
    b" com.apple.",
)


class Shipped(NamedTuple):
    """What a server wrote; the time and the host that the prefix says, "" for none."""

    text: str
    stamp: str = ""
    host: str = ""

    def at(self, zone: tzinfo, near: int | None = None) -> int | None:
        """The time of the prefix, µs UTC; one without a year is in that nearest to `near`. None where nothing says."""
        match = _YEARLESS.fullmatch(self.stamp)
        if match is None:
            return _instant(self.stamp, zone)
        if match[1] not in _MONTHS or near is None:
            return None
        year = int(instants.render(near)[:4])
        day = f"{_MONTHS.index(match[1]) + 1:02}-{match[2].strip():0>2}"
        found = (_instant(f"{each:04}-{day} {match[3]}", zone) for each in (year - 1, year, year + 1))
        return min((each for each in found if each is not None), key=lambda each: abs(each - near), default=None)


def shipped(text: str) -> Shipped:
    """The line without what was put before or around it, which may be several things."""
    stamp = host = ""
    for _ in range(_PREFIXES_MAX):
        if text.startswith("{"):
            inner = _inside(text)
            if inner is None:
                break
            text, stamp, host = inner.text, inner.stamp or stamp, inner.host or host
        elif match := next(filter(None, (prefix.match(text) for prefix in _PREFIXES)), None):
            said = match.groupdict()
            text, stamp, host = text[match.end() :], said.get("stamp") or stamp, said.get("host") or host
        else:
            break
    return Shipped(text, stamp, host)


def bare(data: bytes) -> list[str]:
    """The lines of the beginning of a blob, each without what was put before or around it."""
    return [shipped(line).text for line in data.decode("utf-8", "replace").split("\n")]


def name_devices(content: Content, notes: Notes) -> None:
    """Name the lines of devices' processes in what is read as the log of a server."""
    if not any(word in content.data for word in _DEVICE_WORDS):
        return
    number, start = content.line, 0
    for match in _DEVICE.finditer(content.data):
        number += content.data.count(b"\n", start, match.start())
        start = match.start()
        begin = content.data.rfind(b"\n", 0, start) + 1
        reason = "a line of a device in the log of a server is not read: save the device's lines as SERIAL.log"
        notes.add(reason, "", number, content.offset + begin)


def is_device_line(line: str) -> bool:
    """Whether a line of a syslog is of a process that only a device has."""
    return _DEVICE.search(line.encode("utf-8", "replace")) is not None


def _inside(text: str) -> Shipped | None:
    """The line in an object of a shipper's; None for any other object."""
    # {"log":"text\n","stream":"stdout","time":"2021-05-30T12:25:17.123Z"}, Docker's json-file (jsonlog/jsonlog.go)
    # {"MESSAGE":"text","__REALTIME_TIMESTAMP":"1622377517000000",…}, systemd.journal-fields(7)
    if not ('"log"' in text and '"stream"' in text) and '"MESSAGE"' not in text:
        return None
    said = {name: value for name, value in (json_object(text) or {}).items() if isinstance(value, str)}
    if "log" in said and "stream" in said:
        return Shipped(said["log"].rstrip("\r\n"), said.get("time", "")[:64])
    if "MESSAGE" in said:
        micros = said.get("__REALTIME_TIMESTAMP", "")
        stamp = instants.render(int(micros)) if _MICROS.fullmatch(micros) else ""
        return Shipped(said["MESSAGE"], stamp, said.get("_HOSTNAME", ""))
    return None


def _instant(text: str, zone: tzinfo) -> int | None:
    try:
        return instants.parse(text, zone)
    except ValueError:
        return None
