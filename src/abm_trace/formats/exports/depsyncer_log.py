"""The log of a DEP syncer: nanodep's depsyncer, and Fleet, which runs the same syncer inside its server.

From: nanodep sync/syncer.go, sync/assigner.go and its loggers; Fleet server/mdm/apple/apple_mdm.go. Each line stands
for itself: a stamp and `key=value` pairs whose values are quoted or not, logfmt, or one JSON object.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    Notes,
    bare,
    dep_facts,
    dep_record,
    hint,
    json_object,
    name_devices,
    of_a_device,
    origin_of,
    shipped,
    sync_failure,
)

FORMAT = Format(
    id="depsyncer-log",
    title="Log of a DEP syncer (nanodep depsyncer, Fleet)",
    reference="docs/facts.md#depsyncer-log",
)

# 2022/07/06 22:27:18 level=info component=syncer name=mdmserver1 msg=device sync phase=fetch more=false cursor=… \
#   devices=1 fetched_until=2022-07-06 15:38:13 -0700 PDT
_MESSAGES = (
    *(b"device sync", b"error syncing", b"cursor error, retrying", b"assign profile", b"profile assigned"),
    b"process device response",
)
_MESSAGE = re.compile(rb"""\bmsg\\?["']?[=:] ?\\?["']?(?:%b)""" % b"|".join(_MESSAGES))
# Fleet's run of the syncer says of a failure as a whole: cron=apple_mdm_dep_profile_assigner err="…", without a msg.
_RUN = b"apple_mdm_dep_profile_assigner"
_STAMP = re.compile(r"(?<![0-9])([0-9]{4})/([0-9]{2})/([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?) ")
# A key that is one of the log's own begins the next pair; any other `word=` may be part of an unquoted value.
_KEYS = (
    "level", "ts", "time", "caller", "component", "cron", "instanceID", "name", "msg", "phase", "more", "cursor",
    "devices", "device-events", "fetched_until", "op_type_[a-z]{1,20}", "err", "error", "profile_uuid", "success",
    "not_accessible", "failed", "throttled", "other", "org_name", "serial_number", "device_assigned_by",
    "device_assigned_date", "op_type", "op_date", "profile_status", "profile_assign_time", "push_push_time",
    "mdm_migration_deadline",
)  # fmt: skip
_PAIR = re.compile(rf'(?:^|(?<= ))({"|".join(_KEYS)})=("(?:[^"\\]++|\\.)*+"(?= |$))?')
_PAIRS_MAX = 64
# 2022-07-06 15:38:13 -0700 PDT; Go prints a monotonic clock behind it where it has one.
_GO_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d{4})(?: [A-Z+-][A-Za-z0-9+-]{0,8})?(?: m=\S+)?"
)
_FRACTION = re.compile(r"(\.\d{6})\d+")
_COUNTED = ("not_accessible", "failed", "throttled", "other")
_ZERO_YEAR = "0001-01-01"
_LINE_BYTES_MAX = 64 * 1024
_SYNCER = re.compile(rb"""\bcomponent\\?["']?[=:] ?\\?["']?(?:nanodep-)?(?:syncer|assigner)\b""")
#    component: nanodep-syncer: a line a key, as viewers show what the server wrote as JSON.
_PASTED = re.compile(rb"(?m)^[ \t]*component: (?:nanodep-)?(?:syncer|assigner)[ \t\r]*$")
# level=info ts=2023-02-01T12:00:00Z component=…, or the same as JSON: a server's log, whose syncer may speak later.
LINE = re.compile(
    r"(?:[0-9/]{10} [0-9:.]{8,15} )?(?:level=[a-z]{4,5} )?component=(?:syncer|assigner) "
    r"|level=[a-z]{4,5} ts=|ts=\S{10,40} (?:caller=\S{1,200} )?level=|time=\S{10,40} level=.{0,2000}component=nanodep-"
    r'|\{(?=.{0,2000}"level":).{0,2000}"ts":"2'
)
"""What the servers' lines begin with, without the prefix of what ships them."""


def score(head: Head) -> float:
    """Sure of a line with one of the syncer's messages; likely where another line names the syncer."""
    if b"phase" in head.data and _MESSAGE.search(head.data):
        return 0.94 + hint(head, "dep", "sync")
    if b"component" in head.data and _SYNCER.search(head.data):
        return 0.6 + hint(head, "dep", "sync")
    first = head.data[:8192]
    return 0.2 if b"level" in first and any(map(LINE.match, bare(first))) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`sync_ok` and `coverage` for each sync, `sync_failed` for each error, Fleet's records; other lines are noise."""
    notes = Notes(content.path)
    at = 0
    silent = content.offset == 0
    above = b""
    for number, line in enumerate(BytesIO(content.data), content.line):
        if line == above:  # It says the same of the same time.
            at += len(line)
            continue
        above = line
        if (any(message in line for message in _MESSAGES) and _MESSAGE.search(line)) or (
            _RUN in line and b"err" in line
        ):
            silent = False
            raw = line.removesuffix(b"\n").removesuffix(b"\r")
            origin = origin_of(content, FORMAT.id, raw, at, line=number, record=None)
            if len(raw) > _LINE_BYTES_MAX:
                notes.add("a line is too long to be read", f"{len(raw):,} bytes", number, origin.offset)
            else:
                yield from _Line(raw.decode("utf-8", "replace"), content, origin, notes).facts()
        at += len(line)
    if silent and (pasted := _PASTED.search(content.data)):
        number = content.line + content.data.count(b"\n", 0, pasted.start())
        notes.add("a log with a line a key is not read: save it as the server wrote it", "", number, pasted.start())
    elif silent and not _SYNCER.search(content.data):
        notes.add("no line of a DEP syncer stands in this log", "", content.line, 0)
    name_devices(content, notes)
    yield from notes


class _Line:
    """One line of the log with a message of the syncer."""

    def __init__(self, text: str, content: Content, origin: Origin, notes: Notes) -> None:
        self._line = shipped(text.strip())
        self._zone = content.zone
        self._origin = origin
        self._notes = notes
        text = self._line.text.lstrip()
        self._said = _json(text) if text[:1] == "{" else _pairs(text)

    def facts(self) -> Iterator[Fact]:
        """What the line says of its server."""
        said = self._said
        message = said.get("msg", "")
        name = said.get("name") or said.get("org_name", "")
        attrs = {"server": name} if name else {}
        failure = said.get("err") or said.get("error", "")
        if message == "device sync":
            yield from self._synced(attrs)
        elif message in {"error syncing", "cursor error, retrying with empty cursor"}:
            yield self._failed(failure, attrs)
        elif message in {"assign profile", ""} and failure and sync_failure(failure)[2]:
            yield self._failed(failure, attrs)  # What holds of the whole server, whatever it was asked for.
        elif message == "process device response":
            yield from self._device(name)
        elif message == "profile assigned":
            for word in _COUNTED:
                if (count := said.get(word, "0")) != "0":
                    self._skip("a profile was not given to devices that the log does not name", f"{count} {word}")

    def _synced(self, attrs: dict[str, str]) -> Iterator[Fact]:
        at = self._at()
        yield Fact("sync_ok", at, "dep", "", attrs, self._origin)
        if self._said.get("more", "").lower() == "true":
            return
        until = self._said.get("fetched_until", "")
        if until and not until.startswith(_ZERO_YEAR) and (reach := self._instant(until)) is not None:
            yield Fact("coverage", reach, "dep", "dep", attrs, self._origin)

    def _device(self, server: str) -> Iterator[Fact]:
        """A device of a sync, as Fleet logs each (its field for the time of the push is misspelt)."""
        said = {**self._said, "profile_push_time": self._said.get("push_push_time", "")}
        entry = Entry(said, self._origin, self._notes, self._zone)
        record = dep_record(entry, server=server, seen_at=self._at())
        if of_a_device(record.attrs, entry):
            yield from dep_facts(entry, record)

    def _failed(self, failure: str, attrs: dict[str, str]) -> Fact:
        value, status, cause = sync_failure(failure)
        said = attrs | ({"status": status} if status else {})
        return Fact("sync_failed", self._at(), "dep", value, said, self._origin, "L0" if cause else "", cause)

    def _at(self) -> int | None:
        """The time of the line: its own field if there is one, else the stamp before the pairs, else its prefix's."""
        own = self._said.get("ts") or self._said.get("time", "")
        if own:
            return self._instant(own)
        if match := _STAMP.search(self._line.text[:256]):
            return self._instant(f"{match[1]}-{match[2]}-{match[3]} {match[4]}")
        if (at := self._line.at(self._zone)) is None:
            self._skip("a line has no time")
        return at

    def _instant(self, text: str) -> int | None:
        """µs UTC; None (named) for a time that cannot be."""
        if match := _GO_TIME.fullmatch(text):
            text = f"{match[1]}{match[2]}"
        try:
            return instants.parse(_FRACTION.sub(r"\1", text[:64]), self._zone)
        except ValueError as error:
            self._skip("a time is not used", str(error))
            return None

    def _skip(self, reason: str, detail: str = "") -> None:
        self._notes.add(reason, detail, self._origin.line, self._origin.offset)


def _pairs(text: str) -> dict[str, str]:
    """The pairs of a line. An unquoted value goes on to the next of the log's own keys; after `err=` there is none."""
    found: dict[str, str] = {}
    at = 0
    for _ in range(_PAIRS_MAX):
        match = _PAIR.search(text, at)
        if not match:
            break
        name, quoted = match[1], match[2]
        if quoted is not None:
            value, at = _unquoted(quoted), match.end()
        elif name in {"err", "error"}:
            value, at = text[match.end() :].strip(), len(text)
        else:
            following = _PAIR.search(text, match.end())
            at = following.start() if following else len(text)
            value = text[match.end() : at].strip()
        found.setdefault(name, value)
    return found


def _json(text: str) -> Mapping[str, str]:
    """The texts and numbers of a line that is a JSON object."""
    fields = json_object(text) or {}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in fields.items()
        if isinstance(value, str | int | bool)
    }


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
