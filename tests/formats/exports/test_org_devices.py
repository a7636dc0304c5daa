"""Apple's own list of an organisation's devices."""

import json
from datetime import UTC

import pytest
from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats._interface import Content
from abm_trace.formats.exports import org_devices
from abm_trace.formats.exports._interface import MORE, PART, Notes, PageReader

SAID = {
    "serialNumber": "F9FXQ1ABCD",
    "addedToOrgDateTime": "2026-05-01T09:00:00.000Z",
    "updatedDateTime": "2026-05-02T09:00:00.000Z",
    "deviceModel": "iPad Pro",
    "productFamily": "iPad",
    "productType": "iPad16,3",
    "status": "ASSIGNED",
    "imei": ["350000000000001", "350000000000002"],
    "meid": "35000000000000",
    "eid": "8904",
    "wifiMacAddress": "AA:BB:CC:00:11:22",
    "bluetoothMacAddress": "AA:BB:CC:00:11:23",
}
RELATED = {"assignedServer": {"links": {"related": "https://api-business.apple.com/v1/orgDevices/x/assignedServer"}}}
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "model": "iPad Pro",
    "product_type": "iPad16,3",
    "eid": "8904",
    "wifi_mac": "AA:BB:CC:00:11:22",
    "bluetooth_mac": "AA:BB:CC:00:11:23",
    "added_at": "2026-05-01T09:00:00.000Z",
    "imei": "350000000000001",
    "meid": "35000000000000",
}
LINK = "https://api-business.apple.com/v1/orgDevices?limit=100"


def row(**others: object) -> dict[str, object]:
    """A row as Apple writes it."""
    said_ = {name: value for name, value in (SAID | others).items() if value is not None}
    return {
        "type": "orgDevices",
        "id": str(said_.get("serialNumber", "X")),
        "attributes": said_,
        "relationships": RELATED,
    }


def page(*rows: object, more: bool = False) -> dict[str, object]:
    """A page as Apple writes it."""
    links = {"self": LINK, "first": LINK} | ({"next": LINK + "&cursor=abc"} if more else {})
    paging = {"limit": 100} | ({"nextCursor": "abc"} if more else {})
    return {"data": list(rows), "links": links, "meta": {"paging": paging}}


def test_a_row() -> None:
    """If this fails, what Apple's own list says of a device is lost."""
    data = json.dumps(page(row())).encode()
    assert claims(data) == "org-devices"
    facts, skipped = read(org_devices, data)
    assert said(facts) == [
        ("known", "2026-05-01T09:00:00Z", "", ATTRS),
        ("assigned", "2026-05-02T09:00:00Z", "ASSIGNED", ATTRS),
    ]
    assert {fact.source for fact in facts} == {"abm"}
    assert not skipped


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "UNASSIGNED"}, [("known", ""), ("unassigned", "UNASSIGNED")]),
        ({"releasedFromOrgDateTime": "2026-05-03T00:00:00Z"}, [("known", ""), ("released", "")]),
        ({"releasedFromOrgDateTime": None}, [("known", ""), ("assigned", "ASSIGNED")]),
        ({"releasedFromOrgDateTime": ""}, [("known", ""), ("assigned", "ASSIGNED")]),
        ({"status": None}, [("known", "")]),
        ({"status": "LOST"}, [("known", "")]),
        ({"mdmMigrationStatus": "STARTED"}, [("known", ""), ("assigned", "ASSIGNED"), ("migration", "STARTED")]),
    ],
)
def test_what_a_row_proves(change: dict[str, object], expected: list[tuple[str, str]]) -> None:
    """If this fails, a released device passes for an assigned one, or the like."""
    facts, _ = read(org_devices, json.dumps(page(row(**change))).encode())
    assert [(fact.kind, fact.value) for fact in facts] == expected


def test_an_unknown_status_is_quoted_as_it_stands() -> None:
    """If this fails, who looks for the word in the file does not find it."""
    _, skipped = read(org_devices, json.dumps(page(row(status="enrolled"))).encode())
    assert [thing.reason for thing in skipped] == ["a status is none of those that are known: enrolled"]


def test_a_migration() -> None:
    """If this fails, a device that moves to another MDM has no deadline."""
    change = {"mdmMigrationStatus": "REQUESTED", "mdmMigrationDeadlineDateTime": "2026-06-01T00:00:00+02:00"}
    facts, _ = read(org_devices, json.dumps(page(row(**change))).encode())
    assert facts[-1].at is None
    assert facts[-1].attrs == ATTRS | {"migration_deadline": "2026-05-31T22:00:00Z"}


def test_the_server_of_a_row() -> None:
    """If this fails, a device's server is not known although its row says it."""
    one = row() | {"relationships": {"assignedServer": {"data": {"type": "mdmServers", "id": "U1"}}}}
    facts, _ = read(org_devices, json.dumps(page(one)).encode())
    assert {fact.attrs["server_id"] for fact in facts} == {"U1"}


@pytest.mark.parametrize("how", ["single", "rows", "row", "lines"])
def test_other_shapes(how: str) -> None:
    """If this fails, an answer about one device, or rows without their page, are not read."""
    shapes = {
        "single": json.dumps({"data": row(), "links": {"self": LINK.replace("?limit=100", "/F9FXQ1ABCD")}}),
        "rows": json.dumps([row()], indent=2),
        "row": json.dumps(row()),
        "lines": json.dumps(row()) + "\n",
    }
    data = shapes[how].encode()
    assert claims(data) == "org-devices"
    facts, skipped = read(org_devices, data)
    # The answer about one device says nothing of the others; a row by itself may be one of a list that was split.
    assert [fact.kind for fact in facts] == ["known", "assigned", *["coverage"] * (how == "single")]
    assert all(fact.at is None for fact in facts if fact.kind == "coverage")
    assert not skipped


def test_the_id_is_the_serial_number_where_no_field_is() -> None:
    """If this fails, a row of chosen fields belongs to nobody."""
    one = {"type": "orgDevices", "id": "F9FXQ1ABCD", "attributes": {"status": "ASSIGNED"}}
    facts, _ = read(org_devices, json.dumps(page(one)).encode())
    assert [fact.attrs for fact in facts] == [{"serial": "F9FXQ1ABCD"}] * 2


def test_what_a_row_contradicts_or_lacks_is_named() -> None:
    """SPEC T4: if this fails, a row of two devices counts as one of them in silence."""
    other = {**row(), "id": "F9FXQ9ZZZZ"}
    bare = {"type": "orgDevices", "id": "F9FXQ1ABCD", "attributes": None}
    opaque = {**row(), "id": "7b6e0d0c-94f5-4d43-9d9a-0c5b1a3f6c11"}
    spelled = {**row(), "id": "f9fxq1abcd"}
    facts, skipped = read(org_devices, json.dumps(page(other, bare, opaque, spelled)).encode())
    assert {fact.attrs["serial"] for fact in facts if fact.kind == "known"} == {"F9FXQ1ABCD"}
    assert [reason for _, reason in reasons(skipped)] == [
        "the id of a row is not its serialNumber, which counts: F9FXQ9ZZZZ, F9FXQ1ABCD",
        "a row of a device has no attributes, only its id is used",
    ]


def test_a_time_that_is_none_is_named_by_its_own_field() -> None:
    """If this fails, the complaint names a field that the file does not have."""
    _, skipped = read(org_devices, json.dumps({**page(row()), "exported_at": "never"}).encode())
    assert [reason.partition(",")[0] for _, reason in reasons(skipped)] == ["a time is not used: exported_at"]


def test_a_page_that_others_follow() -> None:
    """If this fails, devices of the pages that were not saved pass for none of the organisation's."""
    facts, skipped = read(org_devices, json.dumps(page(row(), more=True)).encode())
    assert [(f.kind, f.at, f.source) for f in facts if f.kind == "coverage"] == [("coverage", None, "org")]
    assert reasons(skipped) == [(1, "more pages follow this one, the list is not whole")]
    facts, skipped = read(org_devices, json.dumps([page(row(), more=True), page(row())]).encode())
    assert not [fact for fact in facts if fact.kind == "coverage"]
    assert not skipped


def test_very_many_pages_in_one_file_are_counted_together() -> None:
    """If this fails, all 150 pages of a list, each of which has fewer rows than there are, pass for a part of it."""
    pages = [{**page(row(), more=number < 149), "meta": {"paging": {"total": 150}}} for number in range(150)]
    assert read(org_devices, json.dumps(pages).encode())[1] == []
    skipped = read(org_devices, json.dumps(pages[20:]).encode())[1]
    assert [thing.reason for thing in skipped] == [f"{PART}: orgDevices: 130 of 150"]


def test_a_page_of_other_rows_does_not_end_the_list() -> None:
    """If this fails, the servers' only page, saved beside the first of the devices, makes strangers of the others."""
    servers = {"data": [], "links": {"self": "https://api-business.apple.com/v1/mdmServers"}}
    facts, skipped = read(org_devices, json.dumps([page(row(), more=True), servers]).encode())
    assert [(f.at, f.source) for f in facts if f.kind == "coverage"] == [(None, "org")]
    assert reasons(skipped) == [(1, MORE)]


def test_the_time_of_an_export_counts() -> None:
    """If this fails, a list that says when it was made is taken for one of today."""
    facts, _ = read(org_devices, json.dumps(page() | {"exported_at": "2026-05-18T00:00:00Z"}).encode())
    assert said(facts) == [("coverage", "2026-05-18T00:00:00Z", "org", {})]


def test_an_error_among_pages_is_named() -> None:
    """If this fails, the page that failed looks as if it had been empty."""
    error = {"errors": [{"status": "429", "code": "RATE_LIMIT", "title": "Too many"}]}
    facts, skipped = read(org_devices, json.dumps([page(row()), error]).encode())
    assert len(facts) == 2
    assert reasons(skipped) == [(1, "an answer holds an error instead of rows: 429 RATE_LIMIT Too many")]


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how somebody saved the pages, or a wrong value breaks the reader."""
    pages = [page(*(row(serialNumber=f"S{number}{each}") for each in range(3)), more=number < 3) for number in range(4)]
    assert_split(org_devices, [*pages, page()])
    assert_hostile(
        org_devices, page(row(mdmMigrationStatus="STARTED", mdmMigrationDeadlineDateTime="2026-06-01T00:00:00Z"))
    )


def test_an_empty_page_and_a_long_one() -> None:
    """If this fails, an organisation without devices, or with many, is not recognised."""
    assert claims(json.dumps(page()).encode()) == "org-devices"
    long = page(*(row(serialNumber=f"S{number}") for number in range(300)))
    for data in (
        json.dumps(long).encode(),
        json.dumps([long, long]).encode(),
        json.dumps(long, sort_keys=True).encode(),
    ):
        assert len(data) > 65536
        assert claims(data) == "org-devices"


def test_a_miss() -> None:
    """If this fails, other rows are taken for devices."""
    for data in (
        b'{"data":[]}',
        b'{"data":[{"type":"mdmServers","id":"1","attributes":{}}]}',
        b"type\norgDevices\n",
        b"[]",
    ):
        assert org_devices.score(head(data)) == 0
    facts, skipped = read(org_devices, b'{"data":[{"type":"users","id":"1"}]}')
    assert not facts
    assert reasons(skipped) == [(1, "a record is no orgDevices row and is not used: users")]


NAMES = ("serialNumber", "addedToOrgDateTime", "releasedFromOrgDateTime", "updatedDateTime", "productFamily", "status")


def table(*rows: dict[str, str], names: tuple[str, ...] = NAMES) -> bytes:
    """What a script writes of the attributes (`… | Export-Csv`)."""
    lines = [names, *(tuple(row.get(name, "") for name in names) for row in rows)]
    return "".join(",".join(f'"{text}"' for text in line) + "\r\n" for line in lines).encode()


FLAT = {
    "serialNumber": "F9FXQ1ABCD", "addedToOrgDateTime": "2026-05-01T09:00:00Z", "deviceModel": "iPad Pro",
    "updatedDateTime": "2026-05-02T09:00:00Z", "productFamily": "iPad", "status": "ASSIGNED",
}  # fmt: skip


def test_attributes_alone_say_as_much() -> None:
    """If this fails, who has Apple's list through a script has Apple's side unread."""
    for data in (json.dumps([SAID]).encode(), json.dumps(SAID).encode(), table(FLAT)):
        assert claims(data) == "org-devices"
        facts, skipped = read(org_devices, data)
        assert [fact[:3] for fact in said(facts) if fact[0] != "coverage"] == [
            ("known", "2026-05-01T09:00:00Z", ""), ("assigned", "2026-05-02T09:00:00Z", "ASSIGNED"),
        ]  # fmt: skip
        assert {fact.attrs["serial"] for fact in facts if fact.kind != "coverage"} == {"F9FXQ1ABCD"}
        assert not skipped


def test_of_what_attributes_alone_lack_nothing_follows() -> None:
    """If this fails, a script that kept some of the devices says of all others that Apple does not know them."""
    for data in (json.dumps([SAID, SAID]).encode(), table(FLAT, FLAT)):
        facts, _ = read(org_devices, data)
        assert {(fact.value, fact.at) for fact in facts if fact.kind == "coverage"} == {("org", None)}


def test_a_table_with_few_columns_or_odd_rows() -> None:
    """If this fails, the least that scripts keep is refused, or an odd row breaks the reader or is lost in silence."""
    few = ("serialNumber", "productFamily", "deviceModel", "status")
    data = table(FLAT, {"serialNumber": "", "status": "ASSIGNED"}, {**FLAT, "status": "LOST"}, names=few)
    assert claims(data) == "org-devices"
    facts, skipped = read(org_devices, data)
    assert [fact.kind for fact in facts if fact.kind != "coverage"] == ["known", "assigned", "known"]
    assert [line for line, _ in reasons(skipped)] == [3, 4]
    released = {**FLAT, "status": "", "releasedFromOrgDateTime": "2026-05-03T09:00:00Z"}
    assert [fact.kind for fact in read(org_devices, table(released))[0]] == ["known", "released", "coverage"]
    for kept in range(0, len(data), 11):
        org_devices.score(head(data[:kept]))
        read(org_devices, data[:kept])


def test_another_table_is_none_of_apples() -> None:
    """If this fails, an MDM's table or a manifest is taken for Apple's list."""
    for data in (
        b"serialNumber,status\nF,ASSIGNED\n",
        b"serial,model,status\nF,x,y\n",
        b'{"serialNumber":"F","status":"x"}',
    ):
        assert org_devices.score(head(data)) == 0


def test_a_page_that_has_fewer_rows_than_there_are_says_so() -> None:
    """Who saves the first hundred of a thousand would make nine hundred devices into strangers."""
    for total, named in ((7, ["1 of 7"]), (1, [])):
        data = json.dumps(page(row()) | {"meta": {"paging": {"limit": 100, "total": total}}}).encode()
        assert [thing.reason.rpartition(": ")[2] for thing in read(org_devices, data)[1]] == named


@pytest.mark.parametrize(("total", "named"), [(9, []), (10, [f"{PART}: orgDevices: 9 of 10"])])
def test_rows_that_are_known_again_count_as_rows_of_their_list(
    total: int, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list would be called not whole, and what it lacks be left open."""
    monkeypatch.setattr("abm_trace.formats.exports._interface._entry._TOLD_FROM", 3)
    data = json.dumps(page(*[row()] * 9) | {"meta": {"paging": {"total": total}}}).encode()
    facts, skipped = read(org_devices, data)
    assert len({fact.origin.record for fact in facts}) < 9
    assert [thing.reason for thing in skipped] == named


def test_what_stands_between_rows_is_not_held_for_the_row_above() -> None:
    """A list of one row and six million numbers would take 50 MB to say that they are none."""
    notes = Notes("x.json")
    data = json.dumps([row(), *[1] * 300]).encode()
    assert len(list(PageReader(Content("x.json", data, UTC), "x", notes).entries())) == 1
    assert not notes._why
    assert [each.reason.partition("…")[2] for each in notes][-1].startswith(" and 200 more")
