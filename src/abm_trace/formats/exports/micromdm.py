"""MicroMDM: its list of devices (`/v1/devices`), and the tables that `mdmctl get devices|dep-devices` prints.

From: micromdm platform/device/device.go and get_devices.go, cmd/mdmctl. A device has a record from its first sync or
check-in on; nothing in it says when, or whether, it enrolled by ADE.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DEP_STATUSES,
    DepRecord,
    Entry,
    Notes,
    dep_facts,
    dep_word,
    flag,
    hint,
    inventory,
    keys,
    moment,
    of_a_device,
    origin_of,
)

FORMAT = Format(
    id="micromdm",
    title="MicroMDM devices (JSON, tables of mdmctl)",
    reference="https://github.com/micromdm/micromdm/blob/main/docs/user-guide/api-and-webhooks.md",
    covers=("dep", "mdm"),
)

_ATTRS: Final = {
    "serial": ("serial_number",),
    "udid": ("udid",),
    "model": ("product_name", "model"),
    "os_version": ("os_version",),
    "build": ("build_version",),
    "imei": ("imei",),
    "meid": ("meid",),
    "contact_at": ("last_seen",),
}
_OWN: Final = frozenset({"enrollment_status", "dep_profile_status", "push_magic", "awaiting_configuration"})
_HEADERS: Final = (
    re.compile(rb"UDID +SerialNumber +EnrollmentStatus +LastSeen"),
    re.compile(rb"SerialNumber +Model +DeviceFamily +ProfileStatus +ProfileUUID"),
)
_COLUMNS: Final = {
    "UDID": "udid",
    "SerialNumber": "serial_number",
    "EnrollmentStatus": "enrollment_status",
    "Model": "model",
    "ProfileStatus": "dep_profile_status",
    "ProfileUUID": "dep_profile_uuid",
}
_WORDS: Final = re.compile(r"\S+")
_ROW_BYTES_MAX: Final = 4096


def score(head: Head) -> float:
    """Sure of a table of mdmctl, and of records with names that only MicroMDM has."""
    if any(header.match(line) for line in head.data[:2048].split(b"\n", 4)[:4] for header in _HEADERS):
        return 0.98
    names = keys(head)
    own = "last_seen" in names and not names.isdisjoint(_OWN) and not names.isdisjoint({"serial_number", "udid"})
    return 0.96 + hint(head, "micromdm") / 2 if own else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What MicroMDM knows of each device: Apple's profile status, and whether it is enrolled."""
    first = content.header or content.data.lstrip()[:1]
    return inventory(content, FORMAT, _say) if first[:1] in {b"{", b"["} else _table(content)


def _say(entry: Entry) -> Iterator[Fact]:
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    status = dep_word(entry, "dep_profile_status", DEP_STATUSES)
    if status and "serial" in attrs:
        known = entry.attrs({"serial": ("serial_number",), "model": ("model",), "profile_uuid": ("dep_profile_uuid",)})
        record = DepRecord(
            known,
            "list",
            status,
            assigned_at=moment(entry, "dep_profile_assigned_date"),
            profile_assigned_at=moment(entry, "dep_profile_assign_time"),
            pushed_at=moment(entry, "dep_profile_push_time"),
        )
        yield from dep_facts(entry, record)
    enrolled = flag(entry, "enrollment_status", "enrolled")
    if enrolled is None and "uuid" in entry.fields:  # Its newer answers leave out what is false.
        enrolled = False
    if enrolled is not None:
        attrs["mdm"] = "micromdm"
        kind = "enrolled" if enrolled else "mdm_row"
        yield Fact(kind, None, "mdm", "" if enrolled else "not enrolled", attrs, entry.origin)
    elif not status:
        entry.skip("a record is not used, it says nothing of an enrolment")


def _table(content: Content) -> Iterator[Fact | Skipped]:
    """The rows of the tables; of what a table lacks nothing follows, for mdmctl lists the devices it was asked for."""
    notes = Notes(content.path)
    columns = _columns(content.header.decode("utf-8", "replace")) if _is_header(content.header) else []
    at, record = 0, content.record
    for number, line in enumerate(BytesIO(content.data), content.line):
        raw = line.removesuffix(b"\n").removesuffix(b"\r")
        origin = origin_of(content, FORMAT.id, raw, at, line=number, record=record)
        at += len(line)
        text = raw[:_ROW_BYTES_MAX].decode("utf-8", "replace")
        if _is_header(raw):
            columns = _columns(text)
        elif raw.strip():
            fields = _fields(text, columns)
            if fields is None or len(raw) > _ROW_BYTES_MAX:
                notes.add("a line is not used, it is no row of the table", text[:80], origin.line, origin.offset)
                continue
            record += 1
            if record == content.record + 1:
                yield from (Fact("coverage", None, source, source, {}, origin) for source in FORMAT.covers)
            yield from _say(Entry(fields, origin, notes, content.zone))
    yield from notes


def _is_header(raw: bytes) -> bool:
    return any(header.match(raw) for header in _HEADERS)


def _columns(text: str) -> list[tuple[int, str]]:
    """(where it begins, name) of each column."""
    return [(match.start(), match[0]) for match in _WORDS.finditer(text)]


def _fields(text: str, columns: list[tuple[int, str]]) -> dict[str, object] | None:
    """The texts of a row under MicroMDM's own names; None where a word stands across the edge of a column."""
    if not columns or any(
        start and not text[start - 1 : start].isspace() for start, _ in columns if start <= len(text)
    ):
        return None
    ends = [start for start, _ in columns[1:]] + [len(text)]
    return {
        _COLUMNS[name]: value
        for (start, name), end in zip(columns, ends, strict=True)
        if name in _COLUMNS and (value := text[start:end].strip())
    }
