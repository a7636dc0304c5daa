"""MicroMDM: its list of devices, and mdmctl's tables."""

import json

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import micromdm

OLD = {
    "serial_number": "C04W00D3HTD0", "udid": "U", "enrollment_status": True,
    "last_seen": "2018-08-13T14:30:16.529223669Z", "dep_profile_status": "pushed",
}  # fmt: skip
NEW = {
    "uuid": "6a", "udid": "U", "serial_number": "C04W00D3HTD0", "os_version": "14.4", "build_version": "23E214",
    "product_name": "MacBookPro16,1", "push_magic": "SECRET", "token": "SECRET", "unlock_token": "SECRET",
    "enrolled": True, "model": "MacBook Pro", "dep_profile_status": "assigned", "dep_profile_uuid": "P",
    "dep_profile_assign_time": "2026-05-17T08:47:12Z", "dep_profile_push_time": "0001-01-01T00:00:00Z",
    "dep_profile_assigned_date": "2026-05-16T08:47:12Z", "last_seen": "2026-05-17T09:00:00Z",
}  # fmt: skip
DEVICES = b"""UDID                                  SerialNumber  EnrollmentStatus  LastSeen
A5EF1BA1-586D-4F29-B4F3-759DADAC2DDD  C04W00D3HTD0  true              2018-08-13 14:30:16.529223669 +0000 UTC
                                      C04W00D3HTD1  false             0001-01-01 00:00:00 +0000 UTC
"""
DEP_DEVICES = b"""SerialNumber  Model         DeviceFamily  ProfileStatus  ProfileUUID
C04W00D3HTD1  MacBook Pro   Mac           assigned       43277A13FBCA0CFC
C04W00D3HTD2  MacBook\xc2\xa0Pro   Mac           empty
"""


def page(*records: object) -> bytes:
    """An answer to /v1/devices."""
    return json.dumps({"devices": records}).encode()


def kinds(data: bytes) -> list[tuple[str, str | None, str]]:
    """(kind, serial, value) of each fact but those of the coverage."""
    facts, _ = read(micromdm, data)
    return [(fact.kind, fact.attrs.get("serial"), fact.value) for fact in facts if fact.kind != "coverage"]


def test_an_older_answer() -> None:
    """If this fails, what MicroMDM knows of both sides is refused."""
    data = page(
        OLD, {**OLD, "serial_number": "C04W00D3HTD1", "enrollment_status": False, "dep_profile_status": "empty"}
    )
    found = recognise(head(data))
    assert found is not None
    assert found.id == "micromdm"
    assert kinds(data) == [
        ("dep_record", "C04W00D3HTD0", "pushed"), ("assigned", "C04W00D3HTD0", ""), ("synced", "C04W00D3HTD0", ""),
        ("pushed", "C04W00D3HTD0", ""), ("enrolled", "C04W00D3HTD0", ""),
        ("dep_record", "C04W00D3HTD1", "empty"), ("assigned", "C04W00D3HTD1", ""), ("synced", "C04W00D3HTD1", ""),
        ("mdm_row", "C04W00D3HTD1", "not enrolled"),
    ]  # fmt: skip


def test_a_newer_answer_leaves_out_what_is_false_and_holds_secrets() -> None:
    """If this fails, a device that never enrolled is lost, or a device's unlock token stands in a report."""
    data = page(NEW, {key: NEW[key] for key in ("uuid", "serial_number", "last_seen", "dep_profile_status")})
    facts, skipped = read(micromdm, data)
    assert "SECRET" not in str(facts)
    assert not skipped
    told = said(facts)
    assert ("synced", "2026-05-17T08:47:12Z") in [fact[:2] for fact in told]
    assert ("assigned", "2026-05-16T08:47:12Z") in [fact[:2] for fact in told]
    assert not [fact for fact in told if fact[0] == "pushed"]
    assert [(fact[0], fact[3].get("build")) for fact in told if fact[0] in {"enrolled", "mdm_row"}] == [
        ("enrolled", "23E214"), ("mdm_row", None),
    ]  # fmt: skip


def test_the_tables_of_mdmctl() -> None:
    """If this fails, a pasted table is refused, or a device's serial number stands as its UDID."""
    for data in (DEVICES, DEP_DEVICES, b"$ mdmctl get devices\n" + DEVICES):
        found = recognise(head(data))
        assert found is not None
        assert found.id == "micromdm"
    assert kinds(DEVICES) == [("enrolled", "C04W00D3HTD0", ""), ("mdm_row", "C04W00D3HTD1", "not enrolled")]
    facts, skipped = read(micromdm, DEP_DEVICES)
    assert [(fact.kind, fact.value) for fact in facts if fact.kind == "dep_record"] == [
        ("dep_record", "assigned"), ("dep_record", "empty"),
    ]  # fmt: skip
    assert facts[2].attrs["profile_uuid"] == "43277A13FBCA0CFC"
    assert not skipped


def test_of_what_a_table_lacks_nothing_follows() -> None:
    """If this fails, a table of some devices blames Apple's side, or the MDM, of all others."""
    for data in (DEVICES, DEP_DEVICES):
        facts, _ = read(micromdm, data)
        assert [(fact.value, fact.at) for fact in facts if fact.kind == "coverage"] == [("dep", None), ("mdm", None)]


def test_what_is_no_row_is_named() -> None:
    """If this fails, a torn table puts one device's words into another column, or loses a line without a word."""
    facts, skipped = read(micromdm, DEVICES + b"C04W00D3HTD5 is not in any column of that table, see above\nx" * 2)
    assert len(facts) == 4
    assert [line for line, _ in reasons(skipped)] == [4, 5, 6]


@pytest.mark.parametrize("kept", range(0, len(DEVICES), 17))
def test_a_cut_anywhere(kept: int) -> None:
    """If this fails, half a table breaks the reader."""
    read(micromdm, DEVICES[:kept])
    read(micromdm, page(OLD)[: kept % 150])


@pytest.mark.parametrize("value", [None, 1, 1.5, True, "", "x", [], {}, ["x"], "x" * 100_000])
@pytest.mark.parametrize("name", NEW)
def test_wrong_types(name: str, value: object) -> None:
    """If this fails, a value of an unexpected type breaks the reader."""
    for record in ({**OLD, name: value}, {**NEW, name: value}):
        facts, skipped = read(micromdm, page(record))
        assert facts or skipped


def test_a_miss() -> None:
    """If this fails, another product's list, or a text that speaks of the table, is read as MicroMDM's."""
    for data in (
        b"", b"UDID SerialNumber\n", b"x UDID  SerialNumber  EnrollmentStatus  LastSeen\n",
        page({"serial_number": "F", "profile_status": "empty"}), page({"serial_number": "F", "last_seen": "x"}),
    ):  # fmt: skip
        assert micromdm.score(head(data)) == 0
