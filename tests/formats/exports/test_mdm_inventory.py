"""The MDM's inventory in the guide's columns."""

import json

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import mdm_inventory
from abm_trace.formats.exports._interface import CUT

HEADER = "serial_number,udid,created_at,enrolled_at,enrollmentMethod,abmTokenId,supervised,mdm"
NAMES = HEADER.split(",")
CREATED, ENROLLED = "2026-05-17T08:40:00Z", "2026-05-17T08:48:00Z"
BASE = {"serial": "F9F", "created_at": CREATED}


@pytest.mark.parametrize(
    ("row", "kind", "attrs"),
    [
        ((ENROLLED, "abm", "tok_1"), "enrolled", {"method": "abm", "token_id": "tok_1"}),
        ((ENROLLED, "ABM", "tok_1"), "enrolled", {"method": "ABM", "token_id": "tok_1"}),
        ((ENROLLED, "", "tok_1"), "enrolled_without_token", {"token_id": "tok_1"}),
        ((ENROLLED, "abm", ""), "enrolled_without_token", {"method": "abm"}),
        ((ENROLLED, "manual", ""), "enrolled_by_hand", {"method": "manual"}),
        ((ENROLLED, "manual", "tok_1"), "enrolled_by_hand", {"method": "manual", "token_id": "tok_1"}),
        (("", "abm", ""), "mdm_row", {"method": "abm"}),
        (("null", "", ""), "mdm_row", {}),
    ],
)
def test_one_fact_a_row(row: tuple[str, str, str], kind: str, attrs: dict[str, str]) -> None:
    """If this fails, a device counts as enrolled by ABM that is not, or the reverse."""
    cells = ["F9F", "", CREATED, *row, "true", "jamf"]
    fields = {name: value or None for name, value in zip(NAMES, cells, strict=True)}
    at = CREATED if kind == "mdm_row" else ENROLLED
    csv = f"{HEADER}\n{','.join(cells)}\n"
    for data in (csv, json.dumps([fields]), json.dumps({"results": [fields]}), json.dumps(fields)):
        facts, skipped = read(mdm_inventory, data.encode())
        assert mdm_inventory.score(head(data.encode())) > 0.8
        assert said(facts) == [(kind, at, "", {**BASE, "supervised": "true", "mdm": "jamf", **attrs})]
        assert not skipped


def test_without_the_columns_a_time_is_enough() -> None:
    """If this fails, an inventory that has no method and no token enrols nobody."""
    facts, _ = read(mdm_inventory, f"serial_number,enrolled_at\nF9F,{ENROLLED}\n".encode())
    assert said(facts) == [("enrolled", ENROLLED, "", {"serial": "F9F"})]


def test_coverage_is_that_of_the_newest_row() -> None:
    """If this fails, an inventory is taken to reach further, or less far, than it says."""
    rows = "F9F,,2026-05-18T00:00:00Z\nF9G,,2026-05-19T00:00:00Z\nF9H,,2026-05-17T00:00:00Z\n"
    facts, _ = read(mdm_inventory, f"serial_number,enrolled_at,exported_at\n{rows}".encode())
    assert said(facts)[3:] == [("coverage", "2026-05-19T00:00:00Z", "mdm", {})]


def test_an_impossible_time_is_named_and_the_row_goes_on() -> None:
    """If this fails, a row with a bad stamp is lost without a word, or is proof of an enrolment."""
    facts, skipped = read(mdm_inventory, f"{HEADER}\nF9F,,{CREATED},2026-13-45T00:00:00Z,abm,tok_1,,\n".encode())
    assert [(fact.kind, fact.at) for fact in facts] == [("enrolment_untold", None)]
    assert skipped[0].line == 2


def test_a_miss() -> None:
    """If this fails, the manifest or an audit export is taken for an inventory."""
    for data in (b"serial,site\nA,b\n", b"event_type,serial_number,created_at\nx,A,\n", b'{"serial_number":"A"}'):
        assert mdm_inventory.score(head(data)) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"serial_number,created_at\nF9F,2026-05-17T08:47:12Z\n",
        b'[{"serial_number":"F9F","created_at":"2026-05-17T08:47:12Z"}]',
    ],
    ids=["csv", "json"],
)
def test_a_list_without_the_column_says_nothing_of_enrolments(data: bytes) -> None:
    """If this fails, a list of serial numbers says that no device ever enrolled."""
    facts, skipped = read(mdm_inventory, data)
    assert [(fact.kind, fact.at) for fact in facts] == [("enrolment_untold", None)]
    assert "it has no enrolled_at" in reasons(skipped)[0][1]


@pytest.mark.parametrize(("end", "named"), [("", True), ("\n", False), ("\nF9F\n", False)])
def test_a_table_that_ends_in_its_header_is_cut(end: str, *, named: bool) -> None:
    """It would prove that no device is in the MDM: each confirmed one be half confirmed."""
    _, skipped = read(mdm_inventory, (HEADER[:-9] + end).encode())
    assert any(each.reason.startswith(CUT) and "header" in each.reason for each in skipped) is named
