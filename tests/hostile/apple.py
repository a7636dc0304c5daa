"""Documents of the Apple dialect as Apple and the products send them, and what damage does to each: a matrix."""

import json
import plistlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tests.hostile.base_case import stamp
from tests.hostile.registry import Says

BEGAN_S = 60.0
OTHER = "F9FXZZHK2C"
Row = dict[str, object]


class Kind(NamedTuple):
    """One kind of document: a row about a device at a time, the page around rows, and the rung that a row proves."""

    id: str
    row: Callable[[str, str], Row]
    page: Callable[[Sequence[object]], object]
    rung: str


def _page(**around: object) -> Callable[[Sequence[object]], object]:
    """A page whose `rows` is the name of its list."""
    name = str(around.pop("rows"))
    return lambda rows: {name: list(rows), **around}


def _org(serial: str, at: str) -> Row:
    attributes = {"serialNumber": serial, "addedToOrgDateTime": at, "updatedDateTime": at, "status": "ASSIGNED"}
    return {"type": "orgDevices", "id": serial, "attributes": attributes}


def _audit(serial: str, at: str) -> Row:
    said = {"serialNumber": serial, "targetServerName": "Lab MDM"}
    key = "eventDataDeviceAssignedToServer"
    event = {"eventDateTime": at, "type": "DEVICE_ASSIGNED_TO_SERVER", "subjectType": "DEVICE", "outcome": "SUCCESS"}
    return {
        "type": "auditEvents",
        "id": f"event-{serial[:20]}",
        "attributes": {**event, "eventDataPropertyKey": key, key: said},
    }


def _dep(serial: str, at: str) -> Row:
    times = dict.fromkeys(("profile_assign_time", "profile_push_time", "device_assigned_date"), at)
    return {"serial_number": serial, "model": "iPad", "os": "iPadOS", "profile_status": "pushed", **times}


def _synced(serial: str, at: str) -> Row:
    return {**_dep(serial, at), "profile_status": "assigned", "op_type": "added", "op_date": at}


def _webhook(rows: Sequence[object]) -> object:
    response = {"cursor": "c", "fetched_until": stamp(900), "more_to_follow": False, "devices": list(rows)}
    event = {"dep_name": "Lab MDM", "device_response": response}
    return {"topic": "dep.SyncDevices", "event_id": "e", "created_at": stamp(900), "device_response_event": event}


def _checkin(serial: str, at: str) -> Row:
    message = {"MessageType": "Authenticate", "SerialNumber": serial, "UDID": f"U-{serial[:40]}", "Topic": "com.apple"}
    raw = b64encode(plistlib.dumps(message, fmt=plistlib.FMT_BINARY)).decode()
    event = {"udid": f"U-{serial[:40]}", "raw_payload": raw}
    return {"topic": "mdm.Authenticate", "event_id": "e", "created_at": at, "checkin_event": event}


def _jamf(serial: str, at: str) -> Row:
    general = {"managed": True, "supervised": True, "lastEnrolledDate": at, "udid": f"U-{serial[:40]}"}
    prestage = {"mobileDevicePrestageId": "1", "profileName": "P"}
    return {
        "mobileDeviceId": "7",
        "deviceType": "iOS",
        "hardware": {"serialNumber": serial},
        "general": {**general, "enrollmentMethodPrestage": prestage},
    }


def _jamf_ade(serial: str, at: str) -> Row:
    times = dict.fromkeys(("profileAssignTime", "profilePushTime", "deviceAssignedDate"), at)
    ids = {"id": "1", "deviceEnrollmentProgramInstanceId": "1", "prestageId": "1"}
    return {**ids, "serialNumber": serial, "model": "iPad", "profileStatus": "PUSHED", "syncState": {}, **times}


def _intune(serial: str, at: str) -> Row:
    types = {"deviceEnrollmentType": "appleBulkWithoutUser", "operatingSystem": "iOS", "isSupervised": True}
    return {"id": "7f", "serialNumber": serial, "enrolledDateTime": at, "lastSyncDateTime": at, **types}


def _kandji(serial: str, at: str) -> Row:
    return {
        "id": "7f",
        "serial_number": serial,
        "model": "iPad",
        "device_family": "iPad",
        "os": "iPadOS",
        "profile_status": "pushed",
        "is_enrolled": True,
        "blueprint_id": "b",
        "dep_account": {"server_name": "Lab MDM", "org_name": at},
    }


def _simplemdm(serial: str, at: str) -> Row:
    return {
        "type": "device",
        "id": 7,
        "attributes": {
            "name": "n",
            "serial_number": serial,
            "unique_identifier": f"U-{serial[:40]}",
            "status": "enrolled",
            "enrolled_at": at,
        },
    }


def _mosyle(serial: str, at: str) -> Row:
    return {
        "deviceudid": f"U-{serial[:40]}",
        "serial_number": serial,
        "device_name": at,
        "os": "ios",
        "is_supervised": "1",
        "date_enroll": "1779007320",
        "enrollment_type": "ADE",
    }


def _fleet(serial: str, at: str) -> Row:
    return {
        "id": 7,
        "hardware_serial": serial,
        "uuid": f"U-{serial[:40]}",
        "platform": "ipados",
        "last_enrolled_at": at,
        "mdm": {
            "enrollment_status": "On (automatic)",
            "dep_profile_error": False,
            "server_url": "https://m",
            "name": "Fleet",
        },
    }


def _zentral(serial: str, at: str) -> Row:
    return {
        "virtual_server": 1,
        "serial_number": serial,
        "model": "iPad",
        "device_family": "iPad",
        "profile_status": "pushed",
        "profile_uuid": "p",
        "last_op_type": "added",
        "last_op_date": at,
        "profile_assign_time": at,
        "profile_push_time": at,
        "device_assigned_date": at,
        "created_at": at,
        "updated_at": at,
    }


LINKS = {"self": "https://api-business.apple.com/v1/orgDevices"}
KINDS = (
    Kind("org-devices", _org, _page(rows="data", links=LINKS, meta={"paging": {"limit": 100}}), "assigned"),
    Kind(
        "apple-audit",
        _audit,
        _page(rows="data", links={"self": "https://api-business.apple.com/v1/auditEvents"}),
        "assigned",
    ),
    Kind(
        "dep-fetch", _dep, _page(rows="devices", cursor="c", more_to_follow=False, fetched_until=stamp(900)), "accepted"
    ),
    Kind(
        "dep-sync", _synced, _page(rows="devices", cursor="c", more_to_follow=False, fetched_until=stamp(900)), "synced"
    ),
    Kind("depsyncer-webhook", _synced, _webhook, "synced"),
    Kind("nanomdm", _checkin, list, "registered"),
    Kind("jamf", _jamf, _page(rows="results", totalCount=1), "enrolled"),
    Kind("jamf-ade", _jamf_ade, _page(rows="results", totalCount=1), "accepted"),
    Kind("intune", _intune, _page(rows="value", **{"@odata.context": "x"}), "enrolled"),
    Kind("kandji", _kandji, _page(rows="results", next=None), "enrolled"),
    Kind("simplemdm", _simplemdm, _page(rows="data", has_more=False), "enrolled"),
    Kind("mosyle", _mosyle, lambda rows: {"status": "OK", "response": [{"devices": list(rows)}]}, "enrolled"),
    Kind("fleet", _fleet, _page(rows="hosts"), "enrolled"),
    Kind("zentral", _zentral, _page(rows="results", count=1, next=None), "accepted"),
)


class Damage(NamedTuple):
    """One damaged document: its name, what the contract says of it, and whether its device must show its rung."""

    id: str
    says: Says
    shows: bool
    body: bytes


NAME = re.compile(r'"([A-Za-z_]+)": ?$')
STAMP = re.compile(r"2026-05-[0-9]{2}T[0-9:.]{8,12}Z")
MARKUP = "<script>alert(1)</script>\x1b[31m\x1b]0;t\x07\u202egol\u2066=cmd|' /C calc'!A0\t\r\n{{7*7}}${7*7}"


def damages(kind: Kind, serials: Iterator[str]) -> Iterator[tuple[str, Damage]]:
    """(serial, damaged document) in turn, each about a device of its own."""
    at = stamp(BEGAN_S)
    for make in _MAKERS:
        serial = next(serials)
        yield serial, make(kind, serial, at)


def _good(kind: Kind, serial: str, at: str) -> str:
    return json.dumps(kind.page([kind.row(serial, at)]))


def _with(kind: Kind, serial: str, at: str, literal: str) -> bytes:
    """The good document with more fields in its row, in front of a field that is there."""
    row = json.dumps(kind.row(serial, at))
    return _good(kind, serial, at).replace(row, "{" + literal + ", " + row[1:]).encode()


def _plain(
    id: str, says: Says, change: Callable[[str], bytes], *, shows: bool = True
) -> Callable[[Kind, str, str], Damage]:
    return lambda kind, serial, at: Damage(id, says, shows, change(_good(kind, serial, at)))


def _field(id: str, says: Says, literal: str, *, shows: bool = True) -> Callable[[Kind, str, str], Damage]:
    return lambda kind, serial, at: Damage(id, says, shows, _with(kind, serial, at, literal))


def _rows(id: str, says: Says, *more: object, shows: bool = True) -> Callable[[Kind, str, str], Damage]:
    return lambda kind, serial, at: Damage(
        id, says, shows, json.dumps(kind.page([*more, kind.row(serial, at)])).encode()
    )


def _twice(kind: Kind, serial: str, at: str) -> Damage:
    """The serial number is given again, with another value."""
    text = _good(kind, serial, at)
    place = text.find(f'"{serial}"')
    if place < 0:
        return Damage("repeated-serial", Says.EITHER, shows=False, body=text.encode())
    name = NAME.search(text[:place])
    assert name
    again = f'"{serial}", "{name[1]}": "{OTHER}"'
    return Damage("repeated-serial", Says.NAMED, shows=False, body=text.replace(f'"{serial}"', again).encode())


def _serial(id: str, value: object, says: Says = Says.NAMED) -> Callable[[Kind, str, str], Damage]:
    def make(kind: Kind, serial: str, at: str) -> Damage:
        if kind.id == "nanomdm":
            if not isinstance(value, str):
                return Damage(id, Says.EITHER, shows=False, body=_good(kind, serial, at).encode())
            return Damage(id, Says.EITHER, shows=False, body=_good(kind, value.replace("\ud834", "?"), at).encode())
        text = _good(kind, serial, at).replace(f'"{serial}"', json.dumps(value))
        return Damage(id, says, shows=False, body=text.encode())

    return make


def _stamps(id: str, value: str) -> Callable[[Kind, str, str], Damage]:
    def make(kind: Kind, serial: str, at: str) -> Damage:
        text = STAMP.sub(value, json.dumps(kind.page([kind.row(serial, at)])))
        timeless = kind.id in {"kandji", "mosyle"}
        return Damage(id, Says.EITHER if timeless else Says.NAMED, shows=False, body=text.encode())

    return make


def _between(kind: Kind, serial: str, at: str) -> Damage:
    """A damaged line between two documents; an array that is a line may be lost with the damage before it."""
    good = json.dumps(kind.page([kind.row(OTHER, at)]))
    body = f'{good}\n{{"x":\n{_good(kind, serial, at)}\n'.encode()
    return Damage("ndjson-damaged", Says.NAMED, shows=kind.id != "nanomdm", body=body)


def _deep(kind: Kind, serial: str, at: str) -> Damage:
    return Damage("deep", Says.EITHER, True, _with(kind, serial, at, '"zz": ' + "[" * 50_000 + "]" * 50_000))


def _markup(kind: Kind, serial: str, at: str) -> Damage:
    """Names that a terminal, a browser or a spreadsheet would obey, in every text that is no key of anything."""
    row = kind.row(serial, at)
    more = dict.fromkeys(
        ("description", "device_name", "deviceName", "model", "profileName", "server", "serverName", "name"), MARKUP
    )
    text = json.dumps(kind.page([{**more, **row}])).replace('"Lab MDM"', json.dumps("Lab" + MARKUP))
    return Damage("markup", Says.EITHER, shows=True, body=text.encode())


_MAKERS: tuple[Callable[[Kind, str, str], Damage], ...] = (
    _plain("good", Says.READ, str.encode),
    _plain("bom", Says.READ, lambda text: b"\xef\xbb\xbf" + text.encode()),
    _plain("crlf", Says.READ, lambda text: text.replace(", ", ",\r\n").encode()),
    _plain("cr", Says.EITHER, lambda text: text.replace(", ", ",\r").encode()),
    _plain("tab", Says.READ, lambda text: text.replace(", ", ",\t").encode()),
    _plain("nul", Says.EITHER, lambda text: text.replace(", ", ",\0").encode()),
    _plain("utf-16", Says.EITHER, lambda text: text.encode("utf-16")),
    _plain("utf-16-be", Says.EITHER, lambda text: text.encode("utf-16-be")),
    _plain("pretty", Says.READ, lambda text: json.dumps(json.loads(text), indent=4).encode()),
    _plain("in-an-array", Says.EITHER, lambda text: f"[{text}]".encode()),
    _plain("twice", Says.EITHER, lambda text: f"{text}{text}".encode()),
    _plain("cut", Says.NAMED, lambda text: text[: len(text) // 2].encode(), shows=False),
    _plain("cut-at-the-end", Says.NAMED, lambda text: text[:-1].encode(), shows=False),
    _plain("trailing", Says.NAMED, lambda text: f"{text} and more".encode()),
    lambda kind, serial, at: Damage(
        "bad-utf-8",
        Says.NAMED,
        shows=True,
        body=_with(kind, serial, at, '"zz": "@@"').replace(b"@@", b"\xff\xfe", 1),
    ),
    _field("nan", Says.NAMED, '"zz": NaN'),
    _field("infinite", Says.NAMED, '"zz": 1e999'),
    _field("repeated", Says.NAMED, '"zz": 1, "zz": 2'),
    _field("huge-integer", Says.EITHER, '"zz": ' + "9" * 100_000),
    _field("surrogate", Says.EITHER, '"zz": "\\ud800"'),
    _field("surrogate-name", Says.EITHER, '"\\udc00": 1'),
    _rows("other-rows", Says.NAMED, None, 1, [], "x", [[]]),
    _rows("empty-row", Says.NAMED, {}),
    _twice,
    _serial("serial-number", 17),
    _serial("serial-list", []),
    _serial("serial-object", {"$ne": None}),
    _serial("serial-true", value=True, says=Says.EITHER),
    _serial("serial-surrogate", "F9FX\ud834HK2C"),
    _serial("serial-1-mb", "A" * 1_000_000),
    _stamps("year-0000", "0000-05-17T08:47:00Z"),
    _stamps("zone-99", "2026-05-17T08:47:00+99:00"),
    _stamps("soon", "soon"),
    _between,
    _deep,
    _markup,
)
