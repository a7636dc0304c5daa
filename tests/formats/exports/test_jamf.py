"""Jamf Pro's lists, scopes, syncs, webhooks and tables."""

from collections.abc import Sequence

import pytest
from tests.formats.exports.products import (
    Record,
    check_exclusive,
    check_order,
    check_shapes,
    check_wrong_types,
    dumps,
    named,
    reaches,
    told,
)
from tests.formats.exports.reading import head, read, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import jamf
from abm_trace.formats.exports._interface import PART

AT, BEFORE, FIRST = "2026-05-17T08:47:12Z", "2026-05-16T08:00:00Z", "2026-05-15T08:00:00Z"


def page(records: Sequence[Record]) -> object:
    """An answer of the Jamf Pro API."""
    return {"totalCount": len(records), "results": list(records)}


def ade(serial: str, status: str, **more: object) -> Record:
    """A record of `/v1/device-enrollments/{id}/devices`."""
    return {
        "id": "1", "deviceEnrollmentProgramInstanceId": "7", "prestageId": "2", "serialNumber": serial, "model": "iPad",
        "profileStatus": status, "syncState": {"id": 1, "syncStatus": "SYNCED", "profileUUID": "P1"},
        "deviceAssignedDate": FIRST, "profileAssignTime": BEFORE, "profilePushTime": None, **more,
    }  # fmt: skip


def mobile(serial: str, **general: object) -> Record:
    """A record of `/v2/mobile-devices/detail`."""
    return {
        "mobileDeviceId": "12",
        "deviceType": "iOS",
        "hardware": {"serialNumber": serial, "model": "iPad 10th"},
        "general": {"udid": f"00008103-{serial}", "osVersion": "18.4", "lastEnrolledDate": AT, **general},
        "security": {"passcodePresent": False},
    }


def computer(serial: str, **general: object) -> Record:
    """A record of `/v3/computers-inventory`."""
    return {
        "id": "3",
        "udid": f"UUID-{serial}",
        "general": {"lastEnrolledDate": AT, "remoteManagement": {"managed": True}, **general},
        "hardware": {"serialNumber": serial, "model": "MacBook Air"},
        "operatingSystem": {"fileVault2Status": "NOT_ENCRYPTED"},
    }


PRESTAGE = {"mobileDevicePrestageId": "2", "profileName": "Clinics"}
FLAT: Record = {"serialNumber": "F9F", "managed": True, "lastEnrolledDate": AT}


def test_the_ade_list_says_what_apple_knows_and_nothing_of_the_mdm() -> None:
    """If this fails, a device that Jamf shows as pushed or assigned is taken for one that Apple never saw."""
    attrs = {"model": "iPad", "server_id": "jamf/7", "profile_uuid": "P1", "phase": "list", "assigned_at": FIRST}
    records = [ade("F9F", "PUSHED", profilePushTime=AT), ade("F9G", "ASSIGNED"), ade("F9H", "EMPTY")]
    expected = []
    for serial, status in (("F9F", "pushed"), ("F9G", "assigned"), ("F9H", "empty")):
        own = {**attrs, "serial": serial, **({"pushed_at": AT} if status == "pushed" else {})}
        expected += [("dep_record", None, status, own), ("assigned", FIRST, "", own), ("synced", BEFORE, "", own)]
        expected += [("pushed", AT, "", own)] if status == "pushed" else []
    check_shapes(jamf, records, page, expected)
    facts, _ = read(jamf, dumps(page(records)))
    assert reaches(facts) == [("mdm", None)]


def test_a_profile_that_could_not_be_assigned() -> None:
    """If this fails, nobody learns why a device has no profile."""
    facts, _ = read(jamf, dumps([ade("F9F", "EMPTY", syncState={"syncStatus": "FAILED"})]))
    assert said(facts)[3][:3] == ("assign_failed", None, "FAILED")


@pytest.mark.parametrize(
    ("record", "kind", "at"),
    [
        (mobile("F9F", managed=True, enrollmentMethodPrestage=PRESTAGE), "enrolled", AT),
        (mobile("F9F", managed=True, enrollmentMethodPrestage=None), "enrolled_by_hand", AT),
        (mobile("F9F", managed=True), "enrolled_by_hand", AT),
        (mobile("F9F", managed=False, enrollmentMethodPrestage=PRESTAGE), "mdm_row", None),
        (computer("F9F", enrolledViaAutomatedDeviceEnrollment=True), "enrolled", AT),
        (computer("F9F", enrolledViaAutomatedDeviceEnrollment=False), "enrolled_by_hand", AT),
        (computer("F9F", remoteManagement={"managed": False}), "mdm_row", None),
        (FLAT | {"enrollmentMethodPrestage": PRESTAGE}, "enrolled", AT),
        (FLAT | {"enrollmentMethod": "User-initiated - no invitation"}, "enrolled_by_hand", AT),
    ],
)  # fmt: skip
def test_how_a_device_came(record: Record, kind: str, at: str | None) -> None:
    """If this fails, a device enrolled by hand counts as enrolled by ADE, or the reverse."""
    facts, skipped = read(jamf, dumps(page([record, record])))
    assert recognise(head(dumps(page([record])))).id == "jamf"  # type: ignore[union-attr]
    assert [(fact[0], fact[1]) for fact in said(facts) if fact[0] not in {"posture", "coverage"}] == [(kind, at)] * 2
    assert not skipped
    assert reaches(facts) == [("dep", None)]


def test_the_inventory_in_every_shape() -> None:
    """If this fails, an inventory is read in one notation and not in another."""
    records = [
        mobile("F9F", managed=True, enrollmentMethodPrestage=PRESTAGE, supervised=True),
        mobile("F9G", managed=False),
    ]
    base = {"model": "iPad 10th", "os_version": "18.4", "mdm": "jamf", "mdm_id": "jamf/mobile/12"}
    one, two = ({"serial": s, "udid": f"00008103-{s}"} for s in ("F9F", "F9G"))
    number = {"mdm_id": "jamf/mobile/12"}
    check_shapes(jamf, records, page, [
        ("enrolled", AT, "", {**base, **one, "supervised": "yes"}),
        ("mdm_row", None, "unmanaged", {**base, **two}),
        ("posture", None, "supervision on", {**one, **number, "item": "supervision", "state": "on"}),
        ("posture", None, "passcode off", {**one, **number, "item": "passcode", "state": "off"}),
        ("posture", None, "passcode off", {**two, **number, "item": "passcode", "state": "off"}),
    ])  # fmt: skip


def test_the_lists_of_one_file_are_counted_apart() -> None:
    """If this fails, the first pages of two lists are together as many rows as either has, and so a whole."""
    by_ade = {"enrolledViaAutomatedDeviceEnrollment": True}
    records = [ade("F9F", "PUSHED"), mobile("F9G"), computer("F9H", **by_ade)]
    pages = [{"totalCount": 2, "results": [each]} for each in records]
    for data in (dumps(pages), b"".join(dumps(each) + b"\n" for each in pages)):
        skipped = read(jamf, data)[1]
        lists = ["dep", "mdm jamf/mobile", "mdm jamf/computer"]
        assert [thing.reason for thing in skipped] == [f"{PART}: {name}: 1 of 2" for name in lists]
    records = [mobile("F9J"), ade("F9K", "PUSHED"), computer("F9L", **by_ade)]
    rest = [{"totalCount": 2, "results": [each]} for each in records]
    assert not read(jamf, dumps([*pages, *rest]))[1]


def test_a_mac_that_is_unprotected() -> None:
    """If this fails, a Mac without FileVault is not shown as exposed."""
    facts, _ = read(jamf, dumps([computer("F9F", enrolledViaAutomatedDeviceEnrollment=True)]))
    assert ("FileVault off", "off") in {(fact.value, fact.attrs["state"]) for fact in facts if fact.kind == "posture"}


def test_scopes() -> None:
    """If this fails, a device that Jamf has put in a prestage is said never to have been synced."""
    scope = {"prestageId": "1", "assignments": [{"serialNumber": "F9F", "assignmentDate": AT, "userAssigned": "x"}]}
    for data, at in ((dumps(scope), AT), (dumps({"serialsByPrestageId": {"F9F": "1"}}), None)):
        assert jamf.score(head(data)) > 0.9
        facts, skipped = read(jamf, data)
        assert told(facts) == [("synced", at, "", {"serial": "F9F"})]
        assert not skipped
        assert {source for source, time in reaches(facts) if time is None} == {"dep", "mdm"}


@pytest.mark.parametrize(
    ("word", "kind", "cause"),
    [
        ("SUCCESS", "sync_ok", ""),
        ("SYNC_COMPLETED", "sync_ok", ""),
        ("T_C_NOT_SIGNED", "sync_failed", "terms_not_accepted"),
        ("TOKEN_EXPIRED", "sync_failed", "token_expired"),
        ("CONNECTION_ERROR", "sync_failed", ""),
    ],
)
def test_syncs(word: str, kind: str, cause: str) -> None:
    """If this fails, terms that nobody accepted do not explain why a whole server's devices never came."""
    facts, skipped = read(jamf, dumps([{"syncState": word, "instanceId": "1", "timestamp": AT}]))
    assert [(f.kind, f.cause, f.layer, f.attrs["server_id"]) for f in facts if f.kind != "coverage"] == [
        (kind, cause, "L0" if cause else "", "jamf/1")
    ]
    assert not skipped


def test_a_sync_of_an_unknown_word_proves_nothing() -> None:
    """If this fails, a token that is merely mentioned counts as a sync that went well."""
    facts, skipped = read(jamf, dumps([{"syncState": "TOKEN_PRESENT", "instanceId": "1", "timestamp": AT}]))
    assert not told(facts)
    assert "a state of a sync" in named(skipped)


def test_a_server_token() -> None:
    """If this fails, nobody is warned that Jamf's token has expired."""
    record: Record = {"id": "7", "name": "n", "serverName": "Clinics", "serverUuid": "U", "tokenExpirationDate": AT}
    data = dumps(page([record]))
    assert jamf.score(head(data)) > 0.9
    facts, _ = read(jamf, data)
    attrs = {"server": "Clinics", "server_id": "jamf/7", "mdm": "jamf", "expires_at": AT}
    assert told(facts) == [("server_token", None, "", attrs)]


def hook(event: str, at: object = 1779007632000, **fields: object) -> Record:
    """A webhook as Jamf Pro sends it."""
    return {"webhook": {"id": 1, "name": "x", "webhookEvent": event, "eventTimestamp": at}, "event": fields}


def test_webhooks() -> None:
    """If this fails, an enrolment that Jamf announced is lost, or a list of events passes for the whole inventory."""
    records = [
        hook("MobileDeviceEnrolled", serialNumber="F9F", udid="U"),
        hook("MobileDeviceUnEnrolled", serialNumber="F9F", udid="U"),
        hook("ComputerAdded", computer={"serialNumber": "F9G", "udid": "V"}),
        hook("DeviceAddedToDEP", serialNumber="F9H", deviceAssignedDate=FIRST, deviceEnrollmentProgramInstanceId=7),
        hook("MobileDeviceCheckIn", serialNumber="F9F"),
        hook("RestAPIOperation"),
    ]
    who = {"serial": "F9F", "udid": "U", "mdm": "jamf"}
    dep = {"serial": "F9H", "event": "DeviceAddedToDEP", "server_id": "jamf/7"}
    data = b"".join(dumps(record) + b"\n" for record in records)
    facts, skipped = read(jamf, data)
    assert jamf.score(head(data)) > 0.9
    assert told(facts) == sorted([
        ("enrolled", AT, "", {**who, "event": "MobileDeviceEnrolled"}),
        ("checked_out", AT, "", {**who, "event": "MobileDeviceUnEnrolled"}),
        ("enrolled", AT, "", {"serial": "F9G", "udid": "V", "mdm": "jamf", "event": "ComputerAdded"}),
        ("assigned", FIRST, "", dep),
        ("synced", AT, "", dep),
    ], key=repr)  # fmt: skip
    assert not skipped
    assert set(reaches(facts)) == {("dep", None)}


def test_a_webhook_without_an_event_is_named() -> None:
    """If this fails, an event that lost its name is silently one that says nothing of enrolment."""
    data = dumps(hook("MobileDeviceCheckIn")) + b"\n" + dumps({"webhook": None, "event": None}) + b"\n"
    _, skipped = read(jamf, data)
    assert [(thing.line, thing.reason) for thing in skipped] == [(2, "a webhook is not used, it names no event")]


@pytest.mark.parametrize(("date", "at"), [(1779007632000, "2026-05-17T08:47:12Z"), (FIRST, FIRST), (None, None)])
def test_the_date_of_a_device_in_a_webhook_is_a_count_or_a_stamp(date: object, at: str | None) -> None:
    """If this fails, the date that Jamf Pro writes in milliseconds is lost."""
    facts, skipped = read(jamf, dumps(hook("DeviceAddedToDEP", serialNumber="F9H", deviceAssignedDate=date)))
    assert [fact[1] for fact in said(facts) if fact[0] == "assigned"] == [at]
    assert not skipped


LISTED: Record = {
    "id": "1", "serialNumber": "F9F", "udid": "U", "model": "iPad 5th", "modelIdentifier": "iPad6,11", "type": "ios",
    "managementId": "73226fb6",
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (page([LISTED, LISTED | {"serialNumber": "F9G"}]), "has no general section"),
        (LISTED, "has no general section"),
        (
            page([{"id": "1", "udid": "U", "general": {"jamfBinaryVersion": "10.50.0"},
                   "hardware": {"serialNumber": "F9F"}}]),
            "has no general section",
        ),
        ({"mobile_devices": [{"id": 1, "udid": "U", "serial_number": "F9F", "managed": True}]}, "how the device was"),
    ],
)  # fmt: skip
def test_records_that_do_not_say_it_are_neither_unmanaged_nor_enrolled_by_hand(data: object, reason: str) -> None:
    """If this fails, a list without the general section makes every device of a tenant look lost, or a failure."""
    found = recognise(head(dumps(data)))
    assert found is not None
    assert found.id == "jamf"
    facts, skipped = read(jamf, dumps(data))
    assert {fact.kind for fact in facts} <= {"coverage", "enrolment_untold"}
    assert {at for _, at in reaches(facts)} == {None}
    assert skipped
    assert all(reason in thing.reason for thing in skipped)


@pytest.mark.parametrize("at", [10**17, -5, "soon", 1.5, None, True])
def test_an_impossible_time_of_a_webhook(at: object) -> None:
    """If this fails, a count of milliseconds beyond the calendar breaks the reader."""
    facts, skipped = read(jamf, dumps(hook("MobileDeviceEnrolled", at, serialNumber="F9F")))
    assert [fact.at for fact in facts if fact.kind == "enrolled"] == [None]
    assert bool(skipped) == (at is not None)


def test_the_table_of_an_advanced_search() -> None:
    """If this fails, the CSV that administrators have at hand is not read."""
    rows = (
        "F9F,u,Managed,2026-05-17 08:47:12,PreStage enrollment: A\n"
        "F9G,v,Managed,2026-05-17 08:47:12,User-initiated\nF9H,w,Unmanaged,,\n"
    )
    data = f"Serial Number,UDID,Managed,Last Enrollment,Enrollment Method\n{rows}".encode()
    assert recognise(head(data)).id == "jamf"  # type: ignore[union-attr]
    facts, skipped = read(jamf, data)
    kinds = [(fact.kind, fact.attrs["serial"]) for fact in facts if fact.kind != "coverage"]
    assert kinds == [("enrolled", "F9F"), ("enrolled_by_hand", "F9G"), ("mdm_row", "F9H")]
    assert not skipped


def test_a_table_without_a_method_shows_that_it_is_enrolled() -> None:
    """If this fails, a column that nobody chose makes every device one that was enrolled by hand."""
    facts, _ = read(jamf, b"Serial Number;Managed;Last Enrollment\nF9F;true;2026-05-17 08:47:12\nF9G;;\n")
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == ["enrolled", "mdm_row"]


def test_a_record_by_itself_may_be_one_of_a_list() -> None:
    """If this fails, a list that is split into its records says something else than the list."""
    facts, _ = read(jamf, dumps(mobile("F9F", managed=True, enrollmentMethodPrestage=PRESTAGE)))
    assert set(reaches(facts)) == {("dep", None)}


def test_an_empty_page_is_recognised_and_says_nothing() -> None:
    """If this fails, an empty answer is taken for a list without the devices of the case."""
    data = dumps(page([]))
    assert jamf.score(head(data)) > 0.4
    facts, skipped = read(jamf, data)
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}
    assert "an empty list is not known to be one of devices" in named(skipped)
    facts, skipped = read(jamf, dumps({"mobile_devices": []}))
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}
    assert "an empty list of devices is not known to be of all of them" in named(skipped)


def test_it_says_how_far_it_reaches() -> None:
    """If this fails, an old export is read as if it were made today."""
    data = dumps({"exported_at": AT, **page([ade("F9F", "PUSHED"), ade("F9G", "EMPTY")])})  # type: ignore[dict-item]
    facts, _ = read(jamf, data)
    assert [(f.value, f.at is None) for f in facts if f.kind == "coverage"] == [("dep", False), ("mdm", True)]


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    records = [ade("F9F", "PUSHED", profilePushTime=AT), ade("F9G", "EMPTY"), mobile("F9H", managed=True)]
    check_order(jamf, records, page)
    check_wrong_types(jamf, ade("F9F", "PUSHED", profilePushTime=AT), page)
    check_wrong_types(jamf, mobile("F9F", managed=True, enrollmentMethodPrestage=PRESTAGE), page)
    check_wrong_types(jamf, computer("F9F", enrolledViaAutomatedDeviceEnrollment=True), page)
    check_wrong_types(jamf, hook("MobileDeviceEnrolled", serialNumber="F9F"), list)


def test_a_record_of_no_kind_is_named() -> None:
    """If this fails, a record that nobody understands is lost without a word."""
    _, skipped = read(jamf, dumps([{"colour": "red"}, ade("F9F", "EMPTY", serialNumber=None)]))
    assert "no kind that is known" in named(skipped)
    assert "names no device" in named(skipped)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Jamf's, or the reverse."""
    check_exclusive(jamf)


@pytest.mark.parametrize(
    ("stamp", "at"), [(1667601111, "2022-11-04T22:31:51Z"), (1667601111000, "2022-11-04T22:31:51Z"), (1667601, None)]
)
def test_a_webhook_s_time_in_seconds_or_milliseconds(stamp: int, at: str | None) -> None:
    """If this fails, a device enrolled in 1970, before its profile was pushed."""
    hook = {"webhookEvent": "MobileDeviceEnrolled", "eventTimestamp": stamp}
    facts, skipped = read(jamf, dumps({"webhook": hook, "event": {"serialNumber": "F9F"}}))
    assert [fact[:2] for fact in told(facts)] == [("enrolled", at)]
    assert bool(skipped) == (at is None)


def classic(kind: str, **general: object) -> Record:
    """One device of the Classic API, `/JSSResource/mobiledevices/id/1`."""
    return {
        kind: {
            "general": {"id": 12, "serial_number": "F9F", "udid": "U", "initial_entry_date_utc": FIRST, **general},
            "location": {"username": ""},
            "hardware": {"model": "MacBook Air", "storage": [{"serial_number": "x"}]},
            "extension_attributes": [],
        }
    }


PRO_AT = "2026-05-17T08:47:12.000+0000"


@pytest.mark.parametrize(
    ("record", "kind", "at", "number"),
    [
        (classic("mobile_device", managed=True, enrollment_method="PreStage enrollment: A", last_enrollment_utc=PRO_AT),
         "enrolled", AT, "jamf/mobile/12"),
        (classic("mobile_device", managed=True, enrollment_method="User-initiated - no invitation",
                 last_enrollment_utc=PRO_AT), "enrolled_by_hand", AT, "jamf/mobile/12"),
        (classic("mobile_device", managed=False, enrollment_method="", last_enrollment_utc=""),
         "mdm_row", FIRST, "jamf/mobile/12"),
        (classic("computer", remote_management={"managed": True}, management_status={"enrolled_via_dep": True},
                 last_enrolled_date_utc=PRO_AT), "enrolled", AT, "jamf/computer/12"),
        (classic("computer", remote_management={"managed": True}, management_status={"enrolled_via_dep": False},
                 last_enrolled_date_utc=PRO_AT), "enrolled_by_hand", AT, "jamf/computer/12"),
        (classic("computer", remote_management={"managed": False}), "mdm_row", FIRST, "jamf/computer/12"),
    ],
)  # fmt: skip
def test_one_device_of_the_classic_api(record: Record, kind: str, at: str, number: str) -> None:
    """If this fails, what an administrator has at hand about one device is not read, or read as a whole inventory."""
    for data in (dumps(record), dumps(record) + b"\n" + dumps(record) + b"\n"):
        found = recognise(head(data))
        assert found is not None
        assert found.id == "jamf"
        facts, skipped = read(jamf, data)
        (fact,) = {fact[:2]: fact for fact in told(facts) if fact[0] != "posture"}.values()
        assert fact[:2] == (kind, at)
        assert {fact[3].get(name) for name in ("serial", "udid", "mdm_id")} == {"F9F", "U", number}
        assert not skipped
    assert ("mdm", None) in reaches(read(jamf, dumps(record))[0])


@pytest.mark.parametrize(
    "data",
    [
        classic("mobile_device", managed=True, enrollment_method="", last_enrollment_utc=""),
        classic("computer", remote_management={"managed": True}),
        {"mobile_devices": [{"id": 53, "name": "n", "udid": "U", "serial_number": "F9F", "username": "u"}]},
    ],
)
def test_a_record_of_the_classic_api_that_does_not_say_how_is_no_proof(data: object) -> None:
    """If this fails, a device enrolled by ADE counts as one by hand, or nobody learns which export says it."""
    found = recognise(head(dumps(data)))
    assert found is not None
    assert found.id == "jamf"
    facts, skipped = read(jamf, dumps(data))
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == ["enrolment_untold"]
    assert [("the Pro API's inventory does" in thing.reason) for thing in skipped] == [True]


@pytest.mark.parametrize("data", [
    b'<?xml version="1.0" encoding="UTF-8"?>\n<mobile_device>\n<general><serial_number>F9F</serial_number></general>',
    b"<computers><size>1</size><computer><id>1</id></computer></computers>",
])  # fmt: skip
def test_xml_of_the_classic_api_is_named_with_what_to_do(data: bytes) -> None:
    """If this fails, somebody who saved the API's usual notation is told that no format reads it."""
    found = recognise(head(data))
    assert found is not None
    assert found.id == "jamf"
    facts, skipped = read(jamf, data)
    assert not facts
    assert ["Accept: application/json" in thing.reason for thing in skipped] == [True]


COLUMNS = "Serial Number,Managed,Last Enrollment,Application Title,Enrollment Method: PreStage enrollment"
WAYS = f"{COLUMNS},Enrollment Method: User-initiated - invitation\n"


def test_the_ways_to_enrol_may_be_columns_and_rows_of_their_own() -> None:
    """If this fails, each managed device of such a table counts as enrolled by hand, and its verdict as a failure."""
    rows = (
        "F9F,Managed,2026-05-17 08:47:12,,,\n,,,Some App,,\n,,,,Clinics,\n"
        "F9G,Managed,2026-05-17 08:47:12,,,\n,,,,,x@example.org\n"
        "F9H,Managed,2026-05-17 08:47:12,,,y@example.org\nF9J,Unmanaged,,,,\n,,,,Clinics,\n"
    )
    facts, skipped = read(jamf, (WAYS + rows).encode())
    assert [(fact.kind, fact.attrs["serial"], fact.at is None) for fact in facts if fact.kind != "coverage"] == [
        ("enrolled", "F9F", False), ("enrolled", "F9F", False),
        ("enrolled", "F9G", False), ("enrolled_by_hand", "F9G", False),
        ("enrolled_by_hand", "F9H", False), ("mdm_row", "F9J", True),
    ]  # fmt: skip
    assert {fact.attrs["method"] for fact in facts if "method" in fact.attrs} == {
        "prestage enrollment: Clinics", "user-initiated - invitation: x@example.org",
        "user-initiated - invitation: y@example.org",
    }  # fmt: skip
    assert [thing.line for thing in skipped] == [3, 9]
