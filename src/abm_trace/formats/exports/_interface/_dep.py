"""One DEP device record, whoever passes it on: Apple's own answers, a depsyncer webhook, or an MDM's own ADE list.

From: developer.apple.com/documentation/devicemanagement/fetch-devices and sync-devices; the kinds are docs/facts.md's.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.formats.exports._interface._entry import Entry

DEP_STATUSES: Final = frozenset({"empty", "assigned", "pushed", "removed"})
"""What a DEP profile status may be; `empty` is in the organisation and has no profile."""

_OPERATIONS: Final = frozenset({"added", "modified", "deleted"})
_FETCHED: Final = frozenset({"assigned", "pushed", "removed"})
_ATTRS: Final = {
    "serial": ("serial_number",),
    "model": ("model",),
    "profile_uuid": ("profile_uuid",),
}


class DepRecord(msgspec.Struct, frozen=True):
    """What a record says, in one spelling; times are µs UTC, None and "" are what it does not say.

    `phase` is `fetch`, `sync`, or `list` for a product's own list of ADE devices; `status` one of DEP_STATUSES;
    `operation` the op_type (`added`, `modified`, `deleted`) and `operated_at` its op_date. `attrs` are the identity
    keys and properties (`serial`, `model`, `profile_uuid`, `server` …); the rest of the contract's is added to them.
    """

    attrs: dict[str, str]
    phase: str
    status: str = ""
    operation: str = ""
    operated_at: int | None = None
    assigned_at: int | None = None
    profile_assigned_at: int | None = None
    pushed_at: int | None = None
    seen_at: int | None = msgspec.field(default=None)
    """When the list that holds it was made (`fetched_until` of its page), for a record that has no op_date."""


def dep_facts(entry: Entry, record: DepRecord) -> Iterator[Fact]:
    """`dep_record`, then `assigned`, `synced` and `pushed` where the record proves them; all share their attributes.

    A record that is deleted proves none of them but the push that it has a time of. `removed` with a push time was once
    fetched (CASE.md).
    """
    deleted = record.operation == "deleted"
    said = {
        "phase": record.phase,
        "op_type": record.operation,
        "assigned_at": _text(record.assigned_at),
        "pushed_at": _text(record.pushed_at),
    }
    attrs = record.attrs | {name: value for name, value in said.items() if value}
    at = record.seen_at if record.operated_at is None else record.operated_at
    status = "deleted" if deleted else record.status
    yield Fact("dep_record", at, "dep", status, attrs, entry.origin)
    if deleted:
        if record.pushed_at is not None:
            yield Fact("pushed", record.pushed_at, "dep", "", attrs, entry.origin)
        return
    yield Fact("assigned", record.assigned_at, "dep", "", attrs, entry.origin)
    if record.phase != "fetch" or record.status in _FETCHED:
        times = (record.operated_at, record.profile_assigned_at, record.seen_at)
        synced_at = next((time for time in times if time is not None), None)
        yield Fact("synced", synced_at, "dep", "", attrs, entry.origin)
    if record.status == "pushed" or (record.status == "removed" and record.pushed_at is not None):
        yield Fact("pushed", record.pushed_at, "dep", "", attrs, entry.origin)


def dep_record(entry: Entry, *, phase: str = "", server: str = "", seen_at: int | None = None) -> DepRecord:
    """The record in Apple's own names; `phase` "" is `sync` where it has an op_type, else `fetch`.

    Words that are none of Apple's are named and not used. The caller looks after a record without a serial number.
    """
    attrs = entry.attrs(_ATTRS)
    if server:
        attrs["server"] = server
    operation = dep_word(entry, "op_type", _OPERATIONS)
    if operation != "deleted" and entry.fields.get("profile_status", "") is None:
        entry.skip("a profile_status is empty, the record does not say how the profile stands")
    return DepRecord(
        attrs,
        phase or ("sync" if operation else "fetch"),
        dep_word(entry, "profile_status", DEP_STATUSES),
        operation,
        dep_time(entry, "op_date"),
        dep_time(entry, "device_assigned_date"),
        dep_time(entry, "profile_assign_time"),
        dep_time(entry, "profile_push_time"),
        seen_at,
    )


def dep_word(entry: Entry, name: str, known: frozenset[str] = DEP_STATUSES) -> str:
    """The word in a field in lower case; "" where there is none, or (named) one that is not `known`."""
    word = entry.word(name).lower()
    if word and word not in known:
        entry.skip(f"a {name} is none of those that are known", word)
        return ""
    return word


def dep_time(entry: Entry, *names: str) -> int | None:
    """The time in the first of these fields; None where there is none, or Go's empty one, `0001-01-01T00:00:00Z`.

    From: nanodep's webhook, which writes the times that Apple left out in this way.
    """
    at = entry.instant(*names)
    return None if at == instants.FIRST else at


def sync_failure(text: str) -> tuple[str, str, str]:
    """(value, HTTP status, cause of L0) of what the DEP service answered, as `403 Forbidden: "T_C_NOT_SIGNED"`.

    The value is the shortest exact code: Apple's own, else the HTTP status, else the beginning of the text. Status and
    cause are "" where there is none. 401 is what an expired token gives, and other things: the verdict asks the token.
    From: developer.apple.com/documentation/devicemanagement/interpreting-error-codes; nanodep godep/device.go.
    """
    return _failure(text[:_FAILURE_CHARS_MAX])


@lru_cache(maxsize=256)  # A server that fails says the same each time.
def _failure(text: str) -> tuple[str, str, str]:
    status = _STATUS.search(text)
    code = next((code for code in _CODE.findall(text) if code in DEP_ERRORS), "")
    number = status[1] if status else ""
    cause = _CAUSES.get(code) or _CAUSES.get(number, "")
    return code or number or text.strip(' "')[:_VALUE_CHARS_MAX], number, cause


DEP_ERRORS: Final = frozenset({
    "T_C_NOT_SIGNED", "ACCESS_DENIED", "FORBIDDEN", "UNAUTHORIZED", "EXPIRED_CURSOR", "INVALID_CURSOR",
    "EXHAUSTED_CURSOR", "CURSOR_REQUIRED", "MALFORMED_REQUEST_BODY", "USER_AGENT_INVALID", "USER_AGENT_MISSING",
    "CONFIG_NAME_INVALID", "CONFIG_NAME_REQUIRED", "CONFIG_URL_INVALID", "CONFIG_URL_REQUIRED", "DEPARTMENT_INVALID",
    "DEVICE_ID_REQUIRED", "FLAGS_INVALID", "LOCALE_INVALID", "MAGIC_INVALID", "NOT_FOUND", "PROFILE_NOT_FOUND",
    "PROFILE_UUID_REQUIRED", "SUPPORT_EMAIL_INVALID", "SUPPORT_PHONE_INVALID", "TOO_MANY_REQUESTS",
})  # fmt: skip
"""The bodies of the DEP service's error answers, each a word by itself."""

_CAUSES: Final = {
    "T_C_NOT_SIGNED": "terms_not_accepted",
    "EXPIRED_CURSOR": "cursor_expired",
    "INVALID_CURSOR": "cursor_expired",
    "TOO_MANY_REQUESTS": "throttled",
    "UNAUTHORIZED": "token_expired",
    "401": "token_expired",
    "429": "throttled",
}
_FAILURE_CHARS_MAX: Final = 4096
_VALUE_CHARS_MAX: Final = 120
_CODE: Final = re.compile(r"\b[A-Z][A-Z_]{4,40}\b")
# DEP HTTP error: 403 Forbidden: …; HTTP/1.1 403 Forbidden
_STATUS: Final = re.compile(r"(?:error: |HTTP/[0-9.]{1,3} |\A\s{0,8})([1-5][0-9]{2})\b")


def _text(at: int | None) -> str:
    return "" if at is None else instants.render(at)
