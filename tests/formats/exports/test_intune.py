"""Microsoft Intune: managed devices, ADE identities, DEP tokens, failed enrolments, and its table."""

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
from abm_trace.formats.exports import intune
from abm_trace.formats.exports._interface import MORE

AT, CREATED = "2026-05-17T08:47:12Z", "2026-05-15T08:00:00Z"
NEVER = "0001-01-01T00:00:00Z"
CONTEXT = "https://graph.microsoft.com/beta/$metadata#deviceManagement/"


def page(records: Sequence[Record]) -> Record:
    """A page of Microsoft Graph."""
    return {"@odata.context": CONTEXT + "managedDevices", "value": list(records)}


def device(serial: str, type_: str | None, at: str | None = AT, **more: object) -> Record:
    """A managedDevice."""
    fields = {"id": f"guid-{serial}", "serialNumber": serial, "operatingSystem": "iOS", "enrolledDateTime": at}
    return {**fields, "deviceEnrollmentType": type_, "managementAgent": "mdm", **more}


def identity(serial: str, state: str, **more: object) -> Record:
    """An importedAppleDeviceIdentity."""
    return {
        "id": "1", "serialNumber": serial, "requestedEnrollmentProfileId": "p", "isDeleted": False, "platform": "ios",
        "discoverySource": "deviceEnrollmentProgram", "createdDateTime": CREATED, "enrollmentState": state, **more,
    }  # fmt: skip


def test_managed_devices_in_every_shape() -> None:
    """If this fails, a device enrolled by hand counts as enrolled by ADE, or a page of Graph is not read."""
    records = [
        device("F9F", "appleBulkWithoutUser", isSupervised=True),
        device("F9G", "appleBulkWithUser"),
        device("F9H", "userEnrollment"),
        device("F9J", "userEnrollment", NEVER),
    ]
    attrs = [{"serial": s, "mdm_id": f"guid-{s}", "mdm": "intune"} for s in ("F9F", "F9G", "F9H", "F9J")]
    on = {"serial": "F9F", "mdm_id": "guid-F9F", "item": "supervision", "state": "on"}
    check_shapes(intune, records, page, [
        ("enrolled", AT, "", {**attrs[0], "method": "appleBulkWithoutUser", "supervised": "yes"}),
        ("enrolled", AT, "", {**attrs[1], "method": "appleBulkWithUser"}),
        ("enrolled_by_hand", AT, "", {**attrs[2], "method": "userEnrollment"}),
        ("mdm_row", None, "userEnrollment", {**attrs[3], "method": "userEnrollment"}),
        ("posture", None, "supervision on", on),
    ])  # fmt: skip
    assert reaches(read(intune, dumps(page(records)))[0]) == []


def test_other_systems_are_no_devices_of_ours() -> None:
    """If this fails, every Windows computer of the tenant gets a verdict."""
    records = [device("WIN", "windowsAzureADJoin", operatingSystem="Windows"), device("F9F", "appleBulkWithUser")]
    facts, skipped = read(intune, dumps(page(records)))
    assert [fact.attrs["serial"] for fact in facts] == ["F9F"]
    assert "of no Apple device" in named(skipped)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        ("notContacted", ["dep_record", "assigned", "synced", "mdm_row"]),
        ("failed", ["dep_record", "assigned", "synced", "mdm_row"]),
        ("enrolled", ["dep_record", "assigned", "synced"]),
        ("unknown", ["dep_record", "assigned", "synced"]),
    ],
)
def test_the_ade_list_shows_no_push(state: str, kinds: list[str]) -> None:
    """If this fails, Intune's list, which never shows a push, proves that Apple's side is missing."""
    data = dumps(page([identity("F9F", state), identity("F9F", state)]))
    assert intune.score(head(data)) > 0.9
    facts, skipped = read(intune, data)
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == kinds * 2
    assert {fact.value for fact in facts if fact.kind == "dep_record"} == {""}
    assert {fact.at for fact in facts if fact.kind == "synced"} == {facts[0].at}
    assert all(source != "dep" for source, _ in reaches(facts))
    assert set(reaches(facts)) == {("mdm", None)}
    assert not skipped


def test_an_identity_that_is_deleted_or_typed_in() -> None:
    """If this fails, a device that left Apple's list counts as assigned."""
    records = [
        identity("F9F", "notContacted", isDeleted=True),
        identity("F9G", "notContacted", discoverySource="adminImport"),
        identity("F9H", "enrolled", discoverySource="adminImport"),
    ]
    facts, skipped = read(intune, dumps(page(records)))
    assert ["typed it in" in thing.reason and "F9H" in thing.reason for thing in skipped] == [True]
    assert [(f.kind, f.value, f.attrs["serial"]) for f in facts if f.kind != "coverage"] == [
        ("dep_record", "deleted", "F9F"),
        ("mdm_row", "notContacted", "F9F"),
        ("mdm_row", "notContacted", "F9G"),
    ]


@pytest.mark.parametrize(
    ("code", "cause"), [(0, None), (None, None), (401, "token_expired"), (429, "throttled"), (3, ""), ("3", "")]
)
def test_dep_tokens(code: object, cause: str | None) -> None:
    """If this fails, a token that Apple refuses does not explain why a server's devices never came."""
    record = {
        "id": "d", "appleIdentifier": "a@example.com", "tokenName": "Clinics", "tokenExpirationDateTime": AT,
        "lastSuccessfulSyncDateTime": CREATED, "lastSyncTriggeredDateTime": AT, "lastSyncErrorCode": code,
    }  # fmt: skip
    facts, skipped = read(intune, dumps(page([record, record])))
    attrs = {"server": "Clinics", "mdm": "intune", "server_id": "intune/d"}
    failed = ("sync_failed", AT, str(code), {**attrs, "status": str(code)})
    expected = [("sync_ok", CREATED, "", attrs), ("server_token", None, "", {**attrs, "expires_at": AT})]
    assert told(facts[:3] if cause is not None else facts[:2]) == sorted(
        [*expected, *([failed] if cause is not None else [])], key=repr
    )
    assert [(f.cause, f.layer) for f in facts if f.kind == "sync_failed"][:1] == (
        [(cause, "L0" if cause else "")] if cause is not None else []
    )
    assert set(reaches(facts)) == {("mdm", None)}
    assert not skipped


def test_failed_enrolments() -> None:
    """If this fails, what Intune itself says of a failed enrolment is lost."""
    record: Record = {
        "eventDateTime": AT, "managedDeviceIdentifier": "guid-F9F", "operatingSystem": "iOS", "osVersion": "18.4",
        "failureCategory": "authentication", "failureReason": "x",
    }  # fmt: skip
    facts, _ = read(intune, dumps(page([record, {**record, "managedDeviceIdentifier": None}])))
    attrs = {"mdm_id": "guid-F9F", "os_version": "18.4", "mdm": "intune", "event": "enrollmentTroubleshootingEvent"}
    assert told(facts) == [("mdm_error", AT, "authentication: x", attrs)]


def test_the_table_of_all_devices() -> None:
    """If this fails, the CSV of the admin centre is not read, or its devices count as enrolled by hand."""
    names = "Device ID,Device name,Enrollment date,Last check-in,OS version,Serial number,Supervised,Encrypted,OS"
    rows = "g,n,2026-05-17 08:47:12.0000000,x,18.4,F9F,True,False,iOS/iPadOS\nw,n,,x,11,WIN,,,Windows\n"
    facts, skipped = read(intune, f"{names}\n{rows}".encode())
    attrs = {"serial": "F9F", "mdm_id": "g", "os_version": "18.4", "mdm": "intune", "supervised": "yes"}
    assert said(facts)[0] == ("enrolled", AT, "", attrs)
    assert [fact.value for fact in facts[1:]] == ["supervision on", "disk encryption off"]
    assert "of no Apple device" in named(skipped)


def shelled(record: Record) -> Record:
    """A record of Graph as PowerShell's ConvertTo-Json writes it."""
    return {"AadRegistered": None} | {name[0].upper() + name[1:]: value for name, value in record.items()}


@pytest.mark.parametrize("at", ["/Date(1779007632000)/", AT])
def test_records_of_powershell_in_every_shape(at: str) -> None:
    """If this fails, what most administrators of Intune export is refused, or without its times."""
    records = [
        shelled(device("F9F", "appleBulkWithUser", at, osVersion="18.4") | {"Udid": "U"}),
        shelled(device("F9G", "userEnrollment", at)),
    ]
    for whole in (records, {"value": records}):
        data = dumps(whole)
        found = recognise(head(data))
        assert found is not None
        assert found.id == "intune"
        facts, skipped = read(intune, data)
        assert told([fact for fact in facts if fact.kind != "coverage"]) == [
            ("enrolled", AT, "", {"serial": "F9F", "mdm_id": "guid-F9F", "udid": "U", "os_version": "18.4",
                                  "mdm": "intune", "method": "appleBulkWithUser"}),
            ("enrolled_by_hand", AT, "", {"serial": "F9G", "mdm_id": "guid-F9G", "mdm": "intune",
                                          "method": "userEnrollment"}),
        ]  # fmt: skip
        assert not skipped
    assert read(intune, dumps(records[0]))[0][0].kind == "enrolled"


def test_one_by_itself() -> None:
    """If this fails, Graph's answer about one token is not read, or that about one device is a list of all."""
    token = {"appleIdentifier": "a", "tokenName": "t", "lastSyncErrorCode": 401, "lastSyncTriggeredDateTime": AT}
    for record, kind in ((token, "sync_failed"), (device("F9F", "appleBulkWithUser"), "enrolled")):
        for around in ({}, {"@odata.context": CONTEXT + "x"}):
            data = dumps({**around, "value": record})
            assert intune.score(head(data)) > 0.9
            facts, skipped = read(intune, data)
            assert [fact.kind for fact in facts if fact.kind != "coverage"] == [kind]
            assert set(reaches(facts)) == {("mdm", None)}
            assert not skipped


def test_identities_and_tokens_of_powershell() -> None:
    """If this fails, Apple's side of an export by PowerShell is lost."""
    token = {"Id": "1", "TokenName": "t", "LastSyncErrorCode": 401, "LastSyncTriggeredDateTime": AT}
    facts, skipped = read(intune, dumps([shelled(identity("F9F", "notContacted")), token]))
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == [
        "dep_record", "assigned", "synced", "mdm_row", "sync_failed",
    ]  # fmt: skip
    assert not skipped


@pytest.mark.parametrize(
    "at",
    [
        "/Date(99999999999999999999)/",
        "/Date(-99999999999999)/",
        "/Date(soon)/",
        "/Date()/",
        "/Date(1779007632000+0200)/",
    ],
)
def test_an_impossible_time_of_powershell_is_named(at: str) -> None:
    """If this fails, a time beyond the calendar breaks the reader, or makes the device one that never came."""
    facts, skipped = read(intune, dumps([shelled(device("F9F", "appleBulkWithUser", at))]))
    assert [(fact.kind, fact.at) for fact in facts if fact.kind != "coverage"] == [("enrolled", None)]
    assert "a time is not used" in named(skipped)


def test_a_table_with_the_type_above_its_header() -> None:
    """If this fails, what `Export-Csv` of Windows PowerShell writes is refused whole."""
    table = (
        '#TYPE Microsoft.Graph.PowerShell.Models.MicrosoftGraphManagedDevice\r\n"DeviceEnrollmentType",'
        f'"EnrolledDateTime","Id","SerialNumber","OperatingSystem"\r\n"appleBulkWithUser","{AT}","g","F9F","iOS"\r\n'
    ).encode()
    assert intune.score(head(table)) > 0.8
    facts, skipped = read(intune, table)
    assert told(facts)[0][:2] == ("enrolled", AT)
    assert facts[0].origin.line == 3
    assert not skipped
    for kept in range(0, len(table), 7):
        intune.score(head(table[:kept]))
        read(intune, table[:kept])


def test_a_row_whose_date_is_in_another_form_is_in_the_mdm_all_the_same() -> None:
    """The portal writes dates as its reader's country does: a managed device would pass for one that never came."""
    row = '"F9F","5/17/2024, 8:40:00 AM","iOS"'
    facts, skipped = read(intune, f'"Serial number","Enrollment date","OS"\n{row}\n"F9G","","iOS"\n'.encode())
    assert [(fact.kind, fact.at) for fact in facts if fact.kind != "coverage"] == [
        ("enrolled", None),
        ("mdm_row", None),
    ]
    assert "a time is not used" in skipped[0].reason


def test_a_page_that_others_follow_proves_no_absence() -> None:
    """If this fails, the first thousand devices of a tenant prove that the others are not there."""
    first = {"@odata.nextLink": "https://graph.microsoft.com/x", "value": [device("F9F", "appleBulkWithUser")]}
    facts, skipped = read(intune, dumps(first))
    assert set(reaches(facts)) == {("mdm", None)}
    assert "more pages follow" in named(skipped)
    facts, skipped = read(intune, dumps(first) + b"\n" + dumps(page([device("F9G", "appleBulkWithUser")])) + b"\n")
    assert len(told(facts)) == 2
    last = {"value": [device("F9G", "appleBulkWithUser")], "@odata.nextLink": None}
    assert reaches(read(intune, dumps(first) + dumps(last))[0]) == []


def identities(records: Sequence[Record]) -> Record:
    """The only page of a token's ADE list."""
    return {"@odata.context": CONTEXT + "depOnboardingSettings('x')/importedAppleDeviceIdentities", "value": records}


FIRST = {
    "@odata.context": CONTEXT + "managedDevices",
    "@odata.nextLink": "https://graph.microsoft.com/x",
    "value": [device("F9F", "appleBulkWithUser")],
}
LAST = page([device("F9G", "appleBulkWithUser")])
ADE = identities([identity("F9H", "notContacted")])


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        pytest.param([FIRST, LAST], True, id="in order"),
        pytest.param([LAST, FIRST], True, id="backwards"),
        pytest.param([FIRST, ADE, LAST], True, id="another list between"),
        pytest.param([FIRST, page([])], True, id="an empty last page"),
        pytest.param([FIRST], False, id="the first alone"),
        pytest.param([FIRST, ADE], False, id="another list behind"),
        pytest.param([ADE, FIRST], False, id="another list before"),
        pytest.param([FIRST, identities([])], False, id="another, empty list"),
        pytest.param(
            [{k: v for k, v in each.items() if k != "@odata.context"} for each in (FIRST, ADE)],
            False,
            id="another list, neither says what it is",
        ),
    ],
)
def test_the_page_without_a_link_ends_its_own_list_alone(pages: list[Record], whole: bool) -> None:
    """If this fails, a whole list proves nothing, or half a one that the other half is not there."""
    for data in (dumps(pages), b"".join(map(dumps, pages)), b"".join(dumps(each) + b"\n" for each in pages)):
        facts, skipped = read(intune, data)
        assert reaches(facts) == ([] if whole else [("mdm", None)])
        assert named(skipped) == ("" if whole else MORE)


def test_an_empty_page_is_a_list_of_nobody() -> None:
    """If this fails, an inventory without a device is taken for no inventory, or an empty ADE list for an inventory."""
    data = dumps(page([]))
    assert intune.score(head(data)) > 0.8
    assert read(intune, data) == ([], [])
    assert reaches(read(intune, dumps(identities([])))[0]) == [("mdm", None)]


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    records = [device("F9F", "appleBulkWithUser"), device("F9G", "userEnrollment"), identity("F9H", "notContacted")]
    check_order(intune, records, page)
    check_wrong_types(intune, device("F9F", "appleBulkWithUser", isSupervised=True), page)
    check_wrong_types(intune, identity("F9F", "notContacted"), page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Intune's, or the reverse."""
    check_exclusive(intune)


@pytest.mark.parametrize(
    ("more", "kinds", "lacks"),
    [
        ({"enrolledDateTime": AT}, ["enrolment_untold"], "deviceEnrollmentType"),
        ({"enrolledDateTime": AT, "deviceEnrollmentType": None}, ["enrolment_untold"], "deviceEnrollmentType"),
        ({"complianceState": "compliant"}, ["enrolment_untold"], "enrolledDateTime"),
        ({"deviceEnrollmentType": "userEnrollment"}, ["enrolment_untold"], "enrolledDateTime"),
        ({"deviceEnrollmentType": "appleBulkWithoutUser"}, ["enrolled"], ""),
        ({"enrolledDateTime": AT, "deviceEnrollmentType": "unknown"}, ["enrolled_by_hand"], ""),
        ({"enrolledDateTime": None, "deviceEnrollmentType": None}, ["mdm_row"], ""),
    ],
    ids=range(7),
)
def test_what_was_not_selected_says_nothing(more: Record, kinds: list[str], lacks: str) -> None:
    """If this fails, `$select` makes a device one that never came, or one that came by ADE."""
    record = {"id": "1", "serialNumber": "F9F", "managementAgent": "mdm", **more}
    facts, skipped = read(intune, dumps({"value": [record]}))
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == kinds
    assert set(reaches(facts)) == ({("mdm", None)} if lacks else set())
    assert (f"it has no {lacks}" in named(skipped)) == bool(lacks)
