"""Pages of the DEP service's device list."""

import json

import pytest
from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said
from tests.samples import sample

from abm_trace.formats.exports import dep_devices

RECORD = {
    "serial_number": "F9FXQ1ABCD",
    "model": "iPad",
    "description": "IPAD WI-FI 64GB",
    "profile_status": "pushed",
    "profile_uuid": "P1",
    "profile_assign_time": "2026-05-16T10:00:00Z",
    "profile_push_time": "2026-05-17T08:00:00Z",
    "device_assigned_date": "2026-05-15T09:00:00Z",
    "device_assigned_by": "a@example.com",
}
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "model": "iPad",
    "profile_uuid": "P1",
    "phase": "fetch",
    "assigned_at": "2026-05-15T09:00:00Z",
    "pushed_at": "2026-05-17T08:00:00Z",
}
UNTIL = "2026-05-18T00:00:00Z"


def page(*records: object, more: bool = False, until: str = UNTIL, **others: object) -> dict[str, object]:
    """A page as Apple writes it."""
    return {"devices": list(records), "fetched_until": until, "more_to_follow": more, "cursor": "MTY1", **others}


def test_a_fetched_record() -> None:
    """If this fails, what DEP knows of a device is lost, or is dated by something else than its page."""
    data = json.dumps(page(RECORD)).encode()
    facts, skipped = read(dep_devices, data)
    assert claims(data) == "dep-devices"
    assert said(facts) == [
        ("dep_record", UNTIL, "pushed", ATTRS),
        ("assigned", "2026-05-15T09:00:00Z", "", ATTRS),
        ("synced", "2026-05-16T10:00:00Z", "", ATTRS),
        ("pushed", "2026-05-17T08:00:00Z", "", ATTRS),
        ("coverage", UNTIL, "dep", {}),
    ]
    assert {fact.source for fact in facts} == {"dep"}
    assert not skipped


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # Empty and fetched: assigned to the server, and no sync of it is proved.
        ({"profile_status": "empty", "profile_push_time": None}, [("dep_record", "empty"), ("assigned", "")]),
        ({"profile_status": "assigned"}, [("dep_record", "assigned"), ("assigned", ""), ("synced", "")]),
        (
            {"profile_status": "removed"},
            [("dep_record", "removed"), ("assigned", ""), ("synced", ""), ("pushed", "")],
        ),
        (
            {"profile_status": "removed", "profile_push_time": None},
            [("dep_record", "removed"), ("assigned", ""), ("synced", "")],
        ),
        (
            {"profile_status": "removed", "profile_push_time": "0001-01-01T00:00:00Z"},
            [("dep_record", "removed"), ("assigned", ""), ("synced", "")],
        ),
        (
            {"profile_status": "pushed", "profile_push_time": None},
            [("dep_record", "pushed"), ("assigned", ""), ("synced", ""), ("pushed", "")],
        ),
        ({"profile_status": "PUSHED", "op_type": "deleted"}, [("dep_record", "deleted"), ("pushed", "")]),
        ({"profile_push_time": None, "op_type": "deleted"}, [("dep_record", "deleted")]),
        (
            {"profile_status": "empty", "op_type": "modified"},
            [("dep_record", "empty"), ("assigned", ""), ("synced", "")],
        ),
        ({"profile_status": "new"}, [("dep_record", ""), ("assigned", "")]),
    ],
)
def test_what_a_record_proves(change: dict[str, object], expected: list[tuple[str, str]]) -> None:
    """If this fails, a status proves something else than it says."""
    facts, _ = read(dep_devices, json.dumps(page(RECORD | change)).encode())
    assert [(fact.kind, fact.value) for fact in facts if fact.kind != "coverage"] == expected


def test_a_synced_record_is_dated_by_its_operation() -> None:
    """If this fails, the later of two records of a device cannot be told."""
    change = {"op_type": "added", "op_date": "2026-05-17T07:00:00Z"}
    facts, skipped = read(dep_devices, json.dumps(page(RECORD | change)).encode())
    assert [(kind, at) for kind, at, _, _ in said(facts)][:3] == [
        ("dep_record", "2026-05-17T07:00:00Z"),
        ("assigned", "2026-05-15T09:00:00Z"),
        ("synced", "2026-05-17T07:00:00Z"),
    ]
    assert facts[0].attrs["phase"] == "sync"
    assert facts[0].attrs["op_type"] == "added"
    assert not skipped


def test_the_page_may_say_its_time_before_or_after_its_records() -> None:
    """If this fails, a record is dated by where its page's time stands."""
    one = {"serial_number": "A1", "profile_status": "empty"}
    before = f'{{"fetched_until":"{UNTIL}","cursor":"x","devices":[{json.dumps(one)}]}}'
    after = f'{{"devices":[{json.dumps(one)}],"fetched_until":"{UNTIL}","cursor":"x"}}'
    for text in (before, after, f"[{before}]", f"{before}\n{after}\n"):
        facts, skipped = read(dep_devices, text.encode())
        assert {at for kind, at, _, _ in said(facts) if kind == "dep_record"} == {UNTIL}
        assert not skipped


def test_a_record_of_a_damaged_page_is_not_dated_by_the_next() -> None:
    """If this fails, a page that is cut gets the time of its neighbour."""
    cut = f'{{\n"devices": [\n{json.dumps({"serial_number": "A1", "profile_status": "empty"})},\n{{"serial_n'
    facts, skipped = read(dep_devices, f"{cut}\n{json.dumps(page(RECORD))}\n".encode())
    found = [(fact.attrs.get("serial"), at) for fact, (_, at, _, _) in zip(facts, said(facts), strict=True)]
    assert [each for fact, each in zip(facts, found, strict=True) if fact.kind == "dep_record"] == [
        ("A1", None),
        ("F9FXQ1ABCD", UNTIL),
    ]
    assert any("damaged" in thing.reason for thing in skipped)
    assert ("coverage", None, "dep", {}) in said(facts)


def test_more_to_follow() -> None:
    """If this fails, the first page of a list passes for all of it, and the devices of the others for absent."""
    first, last = page(RECORD, more=True, until="2026-05-17T00:00:00Z"), page({**RECORD, "serial_number": "B2"})
    facts, skipped = read(dep_devices, json.dumps(first).encode())
    assert [each for each in said(facts) if each[0] == "coverage"] == [("coverage", None, "dep", {})]
    assert reasons(skipped) == [(1, "more pages follow this one, the list is not whole")]
    facts, skipped = read(dep_devices, json.dumps([first, last]).encode())
    assert [each for each in said(facts) if each[0] == "coverage"] == [("coverage", UNTIL, "dep", {})]
    assert not skipped


def test_splitting() -> None:
    """If this fails, a verdict depends on how somebody saved the pages."""
    pages = [
        page(
            *({**RECORD, "serial_number": f"S{number}{row}"} for row in range(3)),
            more=number < 3,
            until=f"2026-05-1{number}T00:00:00Z",
        )
        for number in range(4)
    ]
    assert_split(dep_devices, [*pages, page(), page({"serial_number": "X1", "op_type": "deleted"})])


def test_hostile() -> None:
    """If this fails, a value that should not be there breaks the reader or costs the neighbours."""
    assert_hostile(dep_devices, page(RECORD | {"op_type": "added", "op_date": "2026-05-17T07:00:00Z"}))


def test_bare_records() -> None:
    """If this fails, a list that somebody took out of its page is not read."""
    data = json.dumps([RECORD, {**RECORD, "serial_number": "B2"}]).encode()
    assert claims(data) == "dep-devices"
    facts, _ = read(dep_devices, data)
    assert [fact.at for fact in facts if fact.kind == "dep_record"] == [None, None]


def test_an_empty_page() -> None:
    """If this fails, a sync without changes is not recognised, or is taken for a list of ABM's."""
    data = json.dumps(page()).encode()
    assert claims(data) == "dep-devices"
    assert said(read(dep_devices, data)[0]) == [("coverage", UNTIL, "dep", {})]


@pytest.mark.parametrize("devices", [{}, {"devices": None}])
def test_an_empty_page_without_its_list(devices: dict[str, object]) -> None:
    """If this fails, an empty list that a program left out is not known to be one."""
    rest = {"fetched_until": UNTIL, "cursor": "x"} | devices
    data = json.dumps(rest | {"more_to_follow": False}).encode()
    assert claims(data) == "dep-devices"
    facts, skipped = read(dep_devices, data)
    assert said(facts) == [("coverage", UNTIL, "dep", {})]
    assert not skipped
    facts, skipped = read(dep_devices, json.dumps(rest | {"more_to_follow": True}).encode())
    assert said(facts) == [("coverage", None, "dep", {})]
    assert reasons(skipped) == [(1, "more pages follow this one, the list is not whole")]


def test_a_long_page_and_a_long_array_of_pages() -> None:
    """If this fails, a list that is longer than what the formats see is not recognised."""
    long = page(*(RECORD | {"serial_number": f"S{number}"} for number in range(400)))
    for data in (json.dumps(long).encode(), json.dumps([long, long]).encode(), json.dumps(long, indent=1).encode()):
        assert len(data) > 65536
        assert claims(data) == "dep-devices"


def test_a_record_without_a_serial_number_is_named() -> None:
    """If this fails, a record of nobody is silently dropped."""
    facts, skipped = read(dep_devices, json.dumps(page({"profile_status": "empty"}, RECORD)).encode())
    assert sum(fact.kind == "dep_record" for fact in facts) == 1
    assert reasons(skipped) == [(1, "a record is not used, it names no device")]


def test_a_profile_status_that_is_null_is_named() -> None:
    """If this fails, a record that lost how its profile stands looks like one of a device without a profile."""
    record = {**RECORD, "profile_status": None}
    _, skipped = read(dep_devices, json.dumps(page(record, {**record, "op_type": "deleted"})).encode())
    assert [reason for _, reason in reasons(skipped)] == [
        "a profile_status is empty, the record does not say how the profile stands"
    ]


def test_a_miss() -> None:
    """If this fails, another list is taken for DEP's."""
    for data in (b'{"devices":[]}', b'{"serial_number":"A","enrolled_at":""}', b"serial\nA\n", b'{"devices":{"A":{}}}'):
        assert dep_devices.score(head(data)) == 0


@pytest.mark.parametrize("name", ["device_response", "empty_sync_response"])
def test_samples(name: str) -> None:
    """If this fails, what Apple really sent is not read."""
    data = sample(f"dep/{name}.json")
    assert claims(data) == "dep-devices"
    facts, skipped = read(dep_devices, data)
    assert facts[-1].kind == "coverage"
    assert not skipped


def test_a_key_that_is_given_twice_costs_its_record_alone() -> None:
    """The first record of a page says what the page is: without the key all its neighbours would be lost."""
    first = '{"serial_number": "A1", "serial_number": "B2", "profile_status": "pushed"}'
    data = f'{{"devices": [{first}, {json.dumps(RECORD)}], "more_to_follow": false}}'.encode()
    assert claims(data) == "dep-devices"
    facts, skipped = read(dep_devices, data)
    assert {fact.attrs["serial"] for fact in facts if "serial" in fact.attrs} == {RECORD["serial_number"]}
    assert "repeated" in "".join(thing.reason for thing in skipped)


def test_a_flood_of_one_row_within_a_page_is_read_some_thousand_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """72 MB of one row took 22 s of CPU; a later page would not say that the device still stands there."""
    monkeypatch.setattr("abm_trace.formats.exports._interface._entry._TOLD_FROM", 3)
    undated = {key: value for key, value in RECORD.items() if not key.endswith("_time")}
    other = {**RECORD, "serial_number": "F9FXQ1ABCE"}
    later = "2026-05-19T00:00:00Z"
    pages = page(*[undated] * 50, other, *[undated] * 50), page(*[undated] * 9, until=later)
    facts, skipped = read(dep_devices, "\n".join(map(json.dumps, pages)).encode())
    records = [fact for fact in facts if fact.kind == "dep_record"]
    assert [(fact.attrs["serial"], fact.origin.record) for fact in records] == [
        *[("F9FXQ1ABCD", number) for number in range(4)],
        ("F9FXQ1ABCE", 50),
        ("F9FXQ1ABCD", 101),
    ]
    assert [when for kind, when, *_ in said(facts) if kind == "coverage"] == [UNTIL, later]
    assert not skipped
