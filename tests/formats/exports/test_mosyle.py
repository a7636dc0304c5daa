"""Mosyle's answers to `listdevices`."""

import json
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
from tests.formats.exports.reading import head, read

from abm_trace.formats import recognise, unrecognised
from abm_trace.formats.exports import mosyle
from abm_trace.formats.exports._interface import PART

AT, EPOCH = "2026-05-17T08:47:12Z", "1779007632"


def page(records: Sequence[Record]) -> object:
    """An answer of Mosyle Business."""
    return {"status": "OK", "response": [{"devices": list(records), "rows": len(records), "page": 1}]}


def page_of_manager(records: Sequence[Record]) -> object:
    """An answer of Mosyle Manager."""
    return {"status": "OK", "response": {"devices": list(records), "rows": len(records)}}


def device(serial: str, date: object, **more: object) -> Record:
    """A device."""
    return {"serial_number": serial, "deviceudid": f"U-{serial}", "os": "ios", "date_enroll": date, **more}


@pytest.mark.parametrize("wrap", [page, page_of_manager, list])
def test_devices_in_every_shape(wrap: type[list[Record]]) -> None:
    """If this fails, a device that never enrolled counts as enrolled, or an answer is not read."""
    records = [
        device("F9F", EPOCH, is_supervised="1", enrollment_type="DEP"),
        device("F9G", None, status="Pending"),
        device("F9H", int(EPOCH), enrollment_type="Manual"),
        device("F9J", "0"),
    ]
    base = [{"serial": s, "udid": f"U-{s}", "mdm": "mosyle"} for s in ("F9F", "F9G", "F9H", "F9J")]
    posture = {"serial": "F9F", "udid": "U-F9F", "item": "supervision", "state": "on"}
    check_shapes(mosyle, records, wrap, [
        ("enrolled", AT, "", {**base[0], "method": "DEP", "supervised": "yes"}),
        ("posture", None, "supervision on", posture),
        ("mdm_row", None, "Pending", base[1]),
        ("enrolled_by_hand", AT, "", {**base[2], "method": "Manual"}),
        ("mdm_row", None, "", base[3]),
    ])  # fmt: skip
    assert reaches(read(mosyle, dumps(wrap(records)))[0]) == []


@pytest.mark.parametrize("said", ['{"EnrolledViaDEP":%s,"IsUserEnrollment":false}', None])
def test_a_device_that_did_not_come_by_ade(said: str | None) -> None:
    """If this fails, a Mac that somebody enrolled by hand passes for one of ADE."""
    kinds = []
    for by_ade in (False, True):
        status = {"EnrolledViaDEP": by_ade} if said is None else said % str(by_ade).lower()
        record = device("F9F", EPOCH, enrollment_type="GENERAL", ManagementStatus=status)
        kinds += [fact.kind for fact in read(mosyle, dumps(page([record])))[0] if fact.source == "mdm"]
    assert kinds[:1] == ["enrolled_by_hand"]
    assert "enrolled" in kinds[1:]


@pytest.mark.parametrize(
    "left", [{"is_deleted": "1"}, {"date_checkout": str(int(EPOCH) + 9)}, {"date_checkout": EPOCH, "is_deleted": "1"}]
)
def test_a_device_that_left(left: Record) -> None:
    """If this fails, a device that was taken out of the MDM counts as enrolled."""
    facts, _ = read(mosyle, dumps(page([device("F9F", EPOCH, **left)])))
    assert [(fact.kind, fact.value) for fact in facts if fact.kind != "coverage"] == [("mdm_row", "removed")]
    back = device("F9F", EPOCH, is_deleted="0", date_checkout=str(int(EPOCH) - 9))
    assert "enrolled" in {fact.kind for fact in read(mosyle, dumps(page([back])))[0]}


@pytest.mark.parametrize(
    "date", ["99999999999999999999", "253402300800", "-5", "soon", "1779007632.5", "١٧٧٩", "9" * 5000]
)
def test_impossible_dates_are_named(date: str) -> None:
    """If this fails, a count of seconds beyond the calendar breaks the reader, or the device is one that never came."""
    facts, skipped = read(mosyle, dumps(page([device("F9F", date), device("F9G", EPOCH)])))
    assert [(fact.kind, fact.at is None) for fact in facts] == [("enrolled", True), ("enrolled", False)]
    assert "a time is not used: date_enroll" in named(skipped)


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("2026-05-17 08:47:12", "2026-05-17T08:47:12Z"),
        ("2026-05-17T10:47:12+02:00", "2026-05-17T08:47:12Z"),
    ],
)
def test_dates_that_some_tenants_are_sent_as_text(date: str, at: str) -> None:
    """If this fails, a device is enrolled at no time, though the answer says when."""
    facts, skipped = read(mosyle, dumps(page([device("F9F", date)])))
    assert told(facts)[0][:2] == ("enrolled", at)
    assert not skipped


@pytest.mark.parametrize("date", ["2026-13-45 08:47:12", "2026-05-17T", "2026-05-17 soon"])
def test_impossible_texts_are_named(date: str) -> None:
    """If this fails, a date that cannot be is lost without a word."""
    facts, skipped = read(mosyle, dumps(page([device("F9F", date)])))
    assert [(fact.kind, fact.at) for fact in facts if fact.kind != "coverage"] == [("enrolled", None)]
    assert "a time is not used: date_enroll" in named(skipped)


@pytest.mark.parametrize(
    ("date", "at"),
    [
        (EPOCH, AT),
        (f"{EPOCH}000", AT),
        ("946684800", "2000-01-01T00:00:00Z"),
        ("99999999999", "5138-11-16T09:46:39Z"),
        ("253402300799999", "9999-12-31T23:59:59.999Z"),
        ("946684799", None),
        ("100000000000", None),
        ("253402300800000", None),
    ],
)
def test_seconds_and_milliseconds_are_told_apart(date: str, at: str | None) -> None:
    """If this fails, a device enrolled in 1970 or in the year 56000, or one from before there were such devices."""
    facts, skipped = read(mosyle, dumps(page([device("F9F", date)])))
    assert told(facts)[0][:2] == ("enrolled", at)
    assert bool(skipped) == (at is None)


def test_a_table_and_an_empty_answer() -> None:
    """If this fails, a table of Mosyle's fields is not read, or an empty answer is unknown."""
    facts, skipped = read(mosyle, f"serial_number,deviceudid,date_enroll\nF9F,U,{EPOCH}\nF9G,V,\n".encode())
    assert [(fact.kind, fact.attrs["udid"]) for fact in facts] == [("enrolled", "U"), ("mdm_row", "V")]
    assert not skipped
    assert mosyle.score(head(dumps(page([])))) > 0.5
    assert read(mosyle, dumps(page([]))) == ([], [])


def test_a_page_that_the_head_cuts() -> None:
    """If this fails, a real answer, which is longer than the head, is not recognised."""
    data = dumps(page([device(f"F9F{n}", EPOCH, note="x" * 200) for n in range(1000)]))
    assert mosyle.score(head(data)) > 0.9
    assert len(read(mosyle, data)[0]) == 1000


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    check_order(mosyle, [device("F9F", EPOCH), device("F9G", None), device("F9H", "1")], page)
    check_wrong_types(mosyle, device("F9F", EPOCH, is_supervised="1", enrollment_type="DEP"), page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Mosyle's, or the reverse."""
    check_exclusive(mosyle)


def test_a_table_of_jamf_school_is_none_of_mosyle_s() -> None:
    """If this fails, somebody is sent to look for Mosyle's date of enrolment in a table of Jamf School."""
    table = b"DeviceUDID;EnrollType;EnrollmentDate;IsManaged;SerialNumber\nU;dep;2026-05-17T08:47:12Z;true;F9FXQ1ABCD\n"
    assert mosyle.score(head(table)) == 0
    assert recognise(head(table)) is None
    assert "if an MDM's inventory" in unrecognised(head(table))[0]


def test_a_device_of_which_nothing_is_told_is_not_one_that_never_came() -> None:
    """If this fails, a healthy device in a list without its date is wiped."""
    bare = device("F9F", None)
    del bare["date_enroll"]
    facts, skipped = read(mosyle, dumps(page([bare, device("F9G", None)])))
    assert [(fact.kind, fact.attrs["serial"]) for fact in facts if fact.kind != "coverage"] == [
        ("enrolment_untold", "F9F"), ("mdm_row", "F9G"),
    ]  # fmt: skip
    assert "it has no date_enroll" in named(skipped)


def numbered(records: Sequence[Record], rows: object, page: object, size: object) -> Record:
    """An answer that says which of how many pages it is."""
    return {"status": "OK", "response": [{"devices": list(records), "rows": rows, "page_size": size, "page": page}]}


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([(1, 2, 1, 1)], "mdm ios: 1 of 2"),
        ([(1, "2", "1", "1")], "mdm ios: 1 of 2"),
        ([(1, 2, 2, 1)], "mdm ios: 1 of 2"),
        ([(1, None, "2", "50")], "mdm ios: 1 of 51"),
        ([(2, 0, 3, 50)], "mdm ios: 2 of 102"),
        ([(0, "9", "1", "50")], "0 of 9"),
        ([(1, 2, 1, 1), (1, 2, 2, 1)], ""),
        ([(1, "1", "1", "50")], ""),
        ([(1, None, None, None)], ""),
        ([(1, "many", [], {})], ""),
        ([(1, "9" * 400, 1, 1)], ""),
    ],
)
def test_a_page_says_how_many_devices_there_are(pages: list[tuple[int, object, object, object]], says: str) -> None:
    """If this fails, the first of two pages counts as the whole list, and who stands on the second as lost."""
    answers = [
        numbered([device(f"F9{n}{m}", EPOCH) for m in range(count)], rows, page, size)
        for n, (count, rows, page, size) in enumerate(pages)
    ]
    _, skipped = read(mosyle, b"\n".join(map(dumps, answers)))
    said = [thing.reason for thing in skipped if thing.reason.startswith(PART)]
    assert said == ([f"{PART}: {says}"] if says else [])


def test_the_lists_of_two_systems_are_counted_apart() -> None:
    """If this fails, the Macs that a file has make up for the iPads that it lacks."""
    macs = numbered([device(f"F9M{n}", EPOCH, os="mac") for n in range(3)], "3", "1", "50")
    pads = numbered([device("F9P", EPOCH)], "3", "1", "1")
    _, skipped = read(mosyle, dumps(macs) + b"\n" + dumps(pads))
    assert [thing.reason for thing in skipped] == [f"{PART}: mdm ios: 1 of 3"]


@pytest.mark.parametrize("wrap", [page, page_of_manager])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_answer_that_breaks_off_gives_its_whole_rows(wrap: type[list[Record]], indent: int | None) -> None:
    """If this fails, an answer on one line that was cut gives nothing, or the devices that it lacks never came."""
    records = [device(f"F9F{n}", EPOCH) for n in range(3)]
    data = json.dumps(wrap(records), indent=indent).encode()
    for kept, whole in ((data.index(b"F9F2") + 2, 2), (data.index(b"F9F0") + 2, 0), (data.index(b"rows") - 1, 3)):
        cut = data[:kept]
        assert mosyle.score(head(cut)) > 0.5
        facts, skipped = read(mosyle, cut)
        assert [fact.attrs["serial"] for fact in facts if fact.kind == "enrolled"] == ["F9F0", "F9F1", "F9F2"][:whole]
        assert reaches(facts) == [("mdm", None)]
        assert len(skipped) == 1


def test_a_list_that_breaks_off_is_read_in_time() -> None:
    """If this fails, a hostile answer of pages inside of pages takes the time of its square."""
    data = b'{"status":"OK","response":[' + b'{"devices":[' * 100_000
    assert not [fact for fact in read(mosyle, data)[0] if fact.kind != "coverage"]
