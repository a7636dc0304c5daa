"""The logs of NanoMDM and MicroMDM: which device checked in or asked for commands, and what MicroMDM synced from Apple.

From: nanomdm service/nanomdm/service.go, micromdm platform/device/worker.go and platform/dep/sync. Neither log is a
list: what it lacks proves nothing. Only lines of the services themselves count, for a request's quotes its sender.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._checkin import Message, message
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    Notes,
    Shipped,
    bare,
    dep_facts,
    dep_word,
    hint,
    name_devices,
    of_a_device,
    origin_of,
    shipped,
    sync_failure,
)

FORMAT = Format(id="mdm-log", title="Log of NanoMDM or MicroMDM", reference="docs/facts.md#mdm-log")

_SIGNS: Final = (
    *(b" service=nanomdm ", b" component=depsync ", b'"updating devices from dep sync', b'"enrolling new device'),
    b'"re-enrolling device',
)
_WORDS: Final = (b"level=", b"transport=http ", b"component=", b"method=PKIOperation ")
LINE: Final = re.compile(
    r"(?:[0-9/]{10} [0-9:.]{8,15} |ts=\S{10,40} )?level=[a-z]{4,5} (?:handler|service)=[a-z-]{3,20} "
    r"|(?:level=[a-z]{4,5} )?(?:component=depsync )?"
    r'msg="(?:DEP sync|updating devices from|(?:re-)?enrolling|queued event)'
    # transport=http method=PUT status=200 …, component=scep op=GetCACert error=null took=12µs: MicroMDM's requests.
    r"|transport=http (?:method|err)=|component=[a-z]{3,20} (?:op|method)=|method=PKIOperation "
)
"""What the lines of the services begin with, without the prefix of what ships them."""
# 2021/06/01 10:11:12 level=info service=nanomdm msg=Authenticate id=… type=Device serial_number=…; newer ones begin
# ts=2026-09-28T22:59:43+07:00 level=info service=nanomdm id=… type=Device msg=Authenticate serial_number=…
_NANO: Final = re.compile(
    r"(?:(?P<day>[0-9]{4}/[0-9]{2}/[0-9]{2}) (?P<time>[0-9:.]{8,15}) |ts=(?P<ts>\S{10,40}) )?"
    r"level=[a-z]{4,5} service=nanomdm (?P<pairs>.*)"
)
# level=debug msg="updating devices from dep sync" op_type=deleted serial=…; it has no time but what ships it writes.
_MICRO: Final = re.compile(r"(?:level=[a-z]{4,5} )?(?P<pairs>(?:component=depsync )?msg=\".*)")
_PAIR: Final = re.compile(r'(?:^| )([a-z_]{1,32})=("(?:[^"\\]++|\\.)*+"|[^="]*?)(?= [a-z_]{1,32}=|$)')
_PAIRS_MAX: Final = 64
_FETCHED: Final = re.compile(rb" fetched=([0-9]{4}-[0-9-]{5}T[0-9:]{8}(?:\.[0-9]{1,6})?Z)")
_CHECKED_IN: Final = {"Authenticate": "authenticate", "TokenUpdate": "token_update", "CheckOut": "checked_out"}
_ENROLLING: Final = frozenset({"enrolling new device", "re-enrolling device"})
_LINE_BYTES_MAX: Final = 64 * 1024
# PUT /mdm/checkin HTTP/1.1, the first line of a request that -http-debug shows as it came (micromdm pkg/httputil).
_REQUEST: Final = re.compile(rb"(?m)^(?:PUT|POST) /[^\s]{0,1000} HTTP/1\.[01]\r?$")
_END: Final = b"</plist>"
_BODY_BYTES_MAX: Final = 1024 * 1024
_BODIES_MAX: Final = 20_000


def score(head: Head) -> float:
    """Sure of a line of one of the services; likely of the log of a NanoMDM that nobody checked in with."""
    if b"<plist" in head.data and _REQUEST.search(head.data):
        return 0.98
    if b"level=" in head.data and any(sign in head.data for sign in _SIGNS):
        return 0.96 + hint(head, "nanomdm", "micromdm") / 2
    first = head.data[:4096]
    likely = any(word in first for word in _WORDS) and any(map(LINE.match, bare(first)))
    return 0.5 + hint(head, "nanomdm") if likely else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each line of the services says, at its time."""
    notes = Notes(content.path)
    log = _Log(content, notes)
    at = 0
    for number, line in enumerate(BytesIO(content.data), content.line):
        raw = line.removesuffix(b"\n").removesuffix(b"\r")
        if b"service=nanomdm" in raw or b'msg="' in raw or b'msg=\\"' in raw:
            if len(raw) > _LINE_BYTES_MAX:
                notes.add("a line is too long to be read", f"{len(raw):,} bytes", number, content.offset + at)
            else:
                origin = origin_of(content, FORMAT.id, raw, at, line=number, record=None)
                yield from log.line(shipped(raw.decode("utf-8", "replace").strip()), origin)
        at += len(line)
    if b"<plist" in content.data and _REQUEST.search(content.data):
        yield from _bodies(content, log, notes)
    yield from log.connected.values()
    if not log.spoke and not content.offset:
        notes.add("no line of this log says that a device checked in or was synced", "", content.line, 0)
    name_devices(content, notes)
    yield from notes


def _bodies(content: Content, log: "_Log", notes: Notes) -> Iterator[Fact]:
    """What the messages of devices say that MicroMDM shows with -http-debug, each between its lines."""
    data, number, counted, end, read = content.data, content.line, 0, 0, 0
    unread = "a message in this log is not read"
    while (start := data.find(b"<plist", end)) >= 0:
        number += data.count(b"\n", counted, start)
        counted, place = start, (number, content.offset + start)
        end = data.find(_END, start) + len(_END)
        if end < len(_END):
            notes.add(unread, "it has no end", *place)
            return
        body = data[start:end]
        if b"MessageType" not in body and not (b"CommandUUID" in body and b"Status" in body):
            continue
        read += 1
        if len(body) > _BODY_BYTES_MAX or read > _BODIES_MAX:
            notes.add(unread, "it is too long, or one too many", *place)
            continue
        try:
            found = message(body)
        except FormatError as error:
            notes.add(unread, str(error), *place)
            continue
        if found.trailing:
            notes.add("a message in this log is not used in full", found.trailing, *place)
        yield from log.body(found, origin_of(content, FORMAT.id, body, start, line=number, record=None))


class _Log:
    """What is known of a log while its lines are read."""

    def __init__(self, content: Content, notes: Notes) -> None:
        self.spoke = False
        self.connected: dict[str, Fact] = {}
        self._zone = content.zone
        self._notes = notes
        self._updated: set[str] = set()
        found = _FETCHED.search(content.data)
        self._near = self._instant(found[1].decode()) if found else None

    def line(self, line: Shipped, origin: Origin) -> Iterator[Fact]:
        """What a line says; nothing where it is of another kind."""
        if match := _NANO.match(line.text):
            said = _pairs(match["pairs"])
            if said.get("msg") in _CHECKED_IN or ("status" in said and "msg" not in said):
                yield from self._told(self._nano(said, origin), self._stamp(match, line, origin))
        elif match := _MICRO.match(line.text):
            said = _pairs(match["pairs"])
            if kind := _micro_kind(said):
                yield from self._told(self._micro(kind, said, origin, self._when(line, origin)), None)

    def body(self, said: Message, origin: Origin) -> Iterator[Fact]:
        """What a device sent, as MicroMDM shows it; nothing in it says when."""
        if said.said and not ("serial" in said.attrs or "udid" in said.attrs):
            self._notes.add("a message is not used, it names no device", "", origin.line, origin.offset)
        elif said.said:
            told = (Fact(each.kind, None, "mdm", each.value, said.attrs | each.attrs, origin) for each in said.said)
            yield from self._told(told, None)

    def _told(self, facts: Iterator[Fact], at: int | None) -> Iterator[Fact]:
        self.spoke = True
        for fact in facts:
            fact = fact if at is None else _at(fact, at)  # noqa: PLW2901
            if fact.kind == "connected":  # Of the many the last one of a device says as much as all.
                if fact.at is not None:
                    self.connected[fact.attrs.get("udid", "")] = fact
                continue
            if fact.at is None and fact.source == "mdm":  # Nobody knows how far such a log reaches.
                yield Fact("coverage", None, "mdm", "mdm", {}, fact.origin)
            yield fact

    def _nano(self, said: dict[str, str], origin: Origin) -> Iterator[Fact]:
        """A check-in; one of a user, or of a user's own enrolment, says nothing of a device."""
        name, kind = said.get("id", ""), _CHECKED_IN.get(said.get("msg", ""), "connected")
        if said.get("type") != "Device":
            return
        entry = Entry(said, origin, self._notes, self._zone)
        attrs = entry.attrs({"serial": ("serial_number",), "udid": ("id",)})
        if not of_a_device(attrs, entry):
            return
        if kind == "connected":
            pass
        elif kind != "token_update":
            self._updated.discard(name)
        elif name in self._updated:
            kind = "token_renewed"
        else:
            self._updated.add(name)
        yield Fact(kind, None, "mdm", "", attrs | {"mdm": "nanomdm"}, origin)

    def _micro(self, kind: str, said: dict[str, str], origin: Origin, at: int | None) -> Iterator[Fact]:
        """A device that begins to enrol, one that Apple told of, or how the sync went."""
        entry = Entry(said, origin, self._notes, self._zone)
        if kind == "sync_ok":
            yield Fact(kind, at, "dep", "", {}, origin)
            reach = self._instant(said.get("fetched", "")) if said.get("more") == "false" else None
            if reach is not None and reach > instants.FIRST:
                yield Fact("coverage", reach, "dep", "dep", {}, origin)
        elif kind == "sync_failed":
            value, status, cause = sync_failure(said["err"])
            attrs = {"status": status} if status else {}
            yield Fact(kind, at, "dep", value, attrs, origin, "L0" if cause else "", cause)
        elif of_a_device(attrs := entry.attrs({"serial": ("serial",)}), entry):
            if kind == "authenticate":
                yield Fact(kind, at, "mdm", "", attrs | {"mdm": "micromdm"}, origin)
            else:
                operation = dep_word(entry, "op_type", frozenset({"added", "modified", "deleted"}))
                yield from dep_facts(entry, DepRecord(attrs, "sync", operation=operation, seen_at=at))

    def _stamp(self, match: re.Match[str], line: Shipped, origin: Origin) -> int | None:
        """The time of a line of NanoMDM, else that of its prefix."""
        text = match["ts"] or (f"{match['day'].replace('/', '-')} {match['time']}" if match["day"] else "")
        at = self._instant(text) if text else None
        if text and at is None:
            self._notes.add("a time is not used", text[:40], origin.line, origin.offset)
        return self._when(line, origin) if at is None else at

    def _when(self, line: Shipped, origin: Origin) -> int | None:
        """The time of a line's prefix; one without a year is in that nearest to the log's first sync."""
        at = line.at(self._zone, self._near)
        if at is None:
            self._notes.add("a line has no time, or none that tells its year", "", origin.line, origin.offset)
        return at

    def _instant(self, text: str) -> int | None:
        try:
            return instants.parse(text, self._zone)
        except ValueError:
            return None


def _micro_kind(said: dict[str, str]) -> str:
    """What kind of thing a line of MicroMDM says, "" for none that matters."""
    message = said.get("msg", "")
    if message in _ENROLLING:
        return "authenticate"
    if message == "updating devices from dep sync":
        return "dep_record"
    if said.get("component") != "depsync":
        return ""
    if message == "DEP sync":
        return "sync_ok"
    return "sync_failed" if "err" in said else ""


def _pairs(text: str) -> dict[str, str]:
    """The pairs of a line, without quotes; the first of a name counts."""
    found: dict[str, str] = {}
    for number, match in enumerate(_PAIR.finditer(text)):
        if number >= _PAIRS_MAX:
            break
        value = match[2]
        found.setdefault(match[1], re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value.strip())
    return found


def _at(fact: Fact, at: int) -> Fact:
    return Fact(fact.kind, at, fact.source, fact.value, fact.attrs, fact.origin, fact.layer, fact.cause)
