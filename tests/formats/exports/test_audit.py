"""The audit export, and with it every shape in which JSON records come."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.core.values import TOO_MANY, VALUES_MAX
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import audit

EVENT = {
    "id": "evt_01",
    "event_type": "device_enrollment_requested",
    "occurred_at": "2026-05-17T08:47:12.883Z",
    "region": "eu-west",
    "token_id": "tok_1",
    "request_id": "req_8a3f1b2c",
    "serial_number": "F9FXQ1ABCD",
    "device_identifier": "9c1e",
}
RAW = json.dumps(EVENT, separators=(",", ":")).encode()
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "request_id": "req_8a3f1b2c",
    "device_identifier": "9c1e",
    "region": "eu-west",
    "token_id": "tok_1",
}
FACT = ("requested", "2026-05-17T08:47:12.883Z", "", ATTRS)


@pytest.mark.parametrize(
    "data",
    [
        RAW + b"\n" + RAW + b"\n",
        RAW + b"\r\n\r\n" + RAW,
        b"[" + RAW + b",\n" + RAW + b"]",
        b'{"events":[' + RAW + b"," + RAW + b'],"next":"cur_2"}',
        b'{"events":[' + RAW + b'],"next":"c"}\n{"events":[' + RAW + b'],"next":null}\n',
        b'[{"events":[' + RAW + b']},\n {"events":[' + RAW + b"]}]",
        json.dumps({"events": [EVENT, EVENT]}, indent=2).encode(),
        json.dumps(EVENT, indent=2).encode() + b"\n" + json.dumps(EVENT, indent=2).encode(),
        RAW + RAW,
    ],
)
def test_every_shape_gives_the_same_facts(data: bytes) -> None:
    """If this fails, an export is read in one notation and lost in another."""
    facts, skipped = read(audit, data)
    assert audit.score(head(data)) > 0.8
    assert said(facts) == [FACT, FACT]
    assert [fact.origin.record for fact in facts] == [0, 1]
    assert not skipped


@pytest.mark.parametrize(
    ("event", "kind", "value"),
    [
        ("device_enrollment_registered", "registered", ""),
        ("device_registered", "registered", ""),
        ("profile_assigned", "profile", ""),
        ("enrollment_complete", "enrolled", ""),
        ("device_enrollment_rejected", "rejected", "clock_drift_exceeded"),
        ("dep_device_synced", "synced", ""),
        ("device_repainted", "audit_event", "device_repainted"),
    ],
)
def test_event_types(event: str, kind: str, value: str) -> None:
    """If this fails, an event proves another rung than the guide says."""
    data = json.dumps({**EVENT, "event_type": event, "reason": "clock_drift_exceeded"}).encode()
    assert said(read(audit, data)[0]) == [(kind, FACT[1], value, ATTRS)]


def test_csv() -> None:
    """If this fails, the CSV of /v1/audit/events is not read."""
    data = b"id,event_type,occurred_at,serial_number\r\n1,device_registered,2026-05-17T08:47:12Z, f9f \r\n"
    facts, skipped = read(audit, data)
    assert audit.score(head(data)) > 0.8
    assert said(facts) == [("registered", "2026-05-17T08:47:12Z", "", {"serial": "f9f"})]
    assert (facts[0].origin.line, facts[0].origin.record, skipped) == (2, 0, [])


def test_a_first_record_longer_than_the_head() -> None:
    """If this fails, an export is not recognised for the length of a field that nobody needs."""
    for note in (b'"' + b"A" * 100_000 + b'"', b"9" * 100_000, b"[" * 100_000 + b"]" * 100_000):
        data = RAW[:-1] + b',"note":' + note + b"}"
        assert audit.score(head(data)) > 0.8
        facts, _ = read(audit, data)
        assert said(facts) == [FACT]


@pytest.mark.parametrize("written", ['="F9FXQ1ABCD"', '"=""F9FXQ1ABCD"""'])
def test_a_field_that_a_spreadsheet_left_alone_is_what_it_shows(written: str) -> None:
    """Its row would be of a device that does not exist, and the device itself have none."""
    data = (
        f"id,event_type,occurred_at,serial_number\nevt_01,device_registered,2026-05-17T08:47:12Z,{written}\n".encode()
    )
    facts, skipped = read(audit, data)
    assert [fact.attrs["serial"] for fact in facts if fact.kind == "registered"] == ["F9FXQ1ABCD"]
    assert skipped == []


@pytest.mark.parametrize("behind", [b"", b" ", b"\r"])
def test_a_last_line_that_is_cut_anywhere_is_cut(behind: bytes) -> None:
    """The export would be taken for whole, and a device whose registration stood in the rest for one that ABM lacks."""
    for end in range(1, len(RAW)):
        _, skipped = read(audit, RAW + b"\n" + RAW[:end] + behind)
        assert [reason.split(":")[0] for _, reason in reasons(skipped)] == ["cut off, or damaged from here to its end"]


def test_a_miss() -> None:
    """If this fails, other exports are taken for audit exports."""
    for data in (b'{"device_id":"dev_1","status":"pending"}', b"serial,site\nA,b\n", b"2026-05-17 log line", b""):
        assert audit.score(head(data)) == 0


def test_coverage() -> None:
    """If this fails, an export that says how far it reaches is taken to reach to the end of the case."""
    data = b'{"events":[' + RAW + b'],\n"exported_at":"2026-05-18T00:00:00Z"}'
    facts, _ = read(audit, data)
    assert said(facts)[1] == ("coverage", "2026-05-18T00:00:00Z", "audit", {})
    assert facts[1].origin.line == 2


@pytest.mark.parametrize(
    ("data", "count", "line"),
    [
        (RAW + b"\n" + RAW[:50] + b"\n" + RAW, 2, 2),  # A damaged line.
        (RAW + b"\n" + RAW[:50], 1, 2),  # A cut one.
        (RAW[90:] + b"\n" + RAW, 1, 1),  # The beginning is gone.
        (RAW[:50] + b"\n" + RAW + b"\n" + RAW, 2, 1),
        (b"[" + RAW + b",\n" + RAW[:40], 1, 2),
        (b'{"events":[' + RAW + b",\n" + RAW[:40], 1, 2),
        (b"[\n" + RAW + b",\n" + RAW[:40] + b",\n" + RAW + b"\n]", 2, 3),
        (b"[" + RAW + b"] and more", 1, 1),
        (b"[17, " + RAW + b"]", 1, 1),
        (RAW + b"\nnull\n", 1, 2),
        (RAW + b"\n" + RAW.replace(b"2026", b"0000"), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"2026-05-17T08:47:12.883Z"', b"null"), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b"NaN"), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b"1e999"), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b"9" * 5000), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b'"9c\xff"'), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b"[" * 100_000 + b"]" * 100_000), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', b'"' + b"9" * 2_000_000 + b'"'), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"9c1e"', rb'"\ud800"'), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"serial_number"', b'"id":"evt_2","serial_number"'), 2, 2),
        (RAW + b"\n" + RAW.replace(b'"event_type"', b'"kind"'), 1, 2),
        (RAW + b'\n{"event_type":"profile_assigned","occurred_at":"2026-05-17T08:47:12Z"}', 1, 2),
        (RAW + b"\n" + b"[" * 100_000, 1, 2),
    ],
)
def test_damage_is_named_and_the_rest_is_read(data: bytes, count: int, line: int) -> None:
    """If this fails, one bad record hides its neighbours, or is dropped without a word."""
    facts, skipped = read(audit, data)
    assert len(facts) == count
    assert line in {thing.line for thing in skipped}


def test_deep_nesting_from_the_first_byte() -> None:
    """If this fails, a file of brackets takes the tracer down."""
    for data in (b"[" * 100_000, b'{"a":' * 100_000, b'{"events":[' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        facts, skipped = read(audit, data)
        assert not facts
        assert skipped


@pytest.mark.parametrize(
    ("inner", "flawed"),
    [
        (r'{"b":1,"b":2}', True),
        (r'[[{"b":1},{"b":1,"b":2}]]', True),
        (r'{"c\\":1,"b":1,"b":2}', True),
        (r'{"b":1,"b" :2}', True),
        (r'{"b":1,"c":{"b":2}}', False),
        (r'"{\"b\":1,\"b\":2}"', False),
        (r'{"c\\":1,"b":1}', False),
    ],
)
def test_a_repeated_key_is_found_however_deep(inner: str, flawed: bool) -> None:
    """One of two values would be believed, or honest text be named as damaged."""
    data = b'{"event_type":"device_registered","serial_number":"A","more":%b}' % inner.encode()
    _, skipped = read(audit, data)
    assert any("is repeated" in reason for _, reason in reasons(skipped)) is flawed


def test_a_key_with_two_values_has_none() -> None:
    """If this fails, the second of two serial numbers in one record wins silently."""
    data = RAW[:-1] + b',"serial_number":"OTHER"}'
    facts, skipped = read(audit, data)
    assert "serial" not in facts[0].attrs
    assert "serial_number" in skipped[0].reason


def test_the_same_complaint_is_counted_after_a_hundred() -> None:
    """If this fails, a damaged file of a million lines gives a million messages, or hides where its damage ends."""
    _, skipped = read(audit, b"{}\n" + b'{"id":\n' * 100_000)
    damaged = [thing for thing in skipped if "damaged JSON" in thing.reason]
    assert len(damaged) == 101
    assert "99,900 more" in damaged[-1].reason
    assert damaged[-1].line == 100_001


def test_a_piece_counts_on() -> None:
    """If this fails, evidence in the later pieces of a large file leads to the wrong line."""
    data = RAW + b"\n" + RAW + b"\n"
    facts, _ = read(audit, data, Content("x", data, UTC, line=11, offset=5000, record=10))
    origin = facts[1].origin
    assert (origin.line, origin.record, origin.offset) == (12, 11, 5000 + len(RAW) + 1)


@given(st.lists(st.sampled_from([RAW, RAW[:-20], b"", b"null", b"{}", b"\xff\xfe", b"[1]", b"]", b"\x00"]), max_size=6))
def test_any_mixture_of_lines(lines: list[bytes]) -> None:
    """If this fails, a line's damage reaches the lines beside it."""
    facts, _ = read(audit, b"\n".join([RAW, *lines]))
    assert len(facts) == 1 + lines.count(RAW)


OTHER_EVENT = st.text(min_size=1).filter(lambda text: text.strip() not in audit._KINDS)
"""A word that asks for no device: hypothesis also draws those that the reader knows, out of its source."""


@given(st.lists(st.fixed_dictionaries({"event_type": OTHER_EVENT, "serial_number": st.text(), "x": st.text()})))
def test_what_is_written_is_read(events: list[dict[str, str]]) -> None:
    """If this fails, some text in a field breaks the record that it stands in."""
    wanted = [event for event in events if event["event_type"].strip(" \t\r\n\v\f\"'\u00a0\ufeff\u200b")]
    for data in (json.dumps(events), json.dumps({"events": events}, indent=1), json.dumps(events, ensure_ascii=False)):
        facts, _ = read(audit, data.encode("utf-8", "replace"))
        assert len(facts) == len(wanted)


def test_reasons_carry_line_and_detail() -> None:
    """If this fails, a person cannot find the damage that is spoken of."""
    _, skipped = read(audit, RAW + b"\n" + RAW.replace(b"2026-05-17", b"2026-02-30"))
    assert reasons(skipped)[0] == (2, "a time is not used: occurred_at, impossible time: '2026-02-30T08:47:00Z'")


FLOODS = {
    "objects": b'{"events":[' + RAW + b'],"x":[' + b"{}," * VALUES_MAX + b'0],"events":[' + RAW + b"]}",
    "numbers": b'{"events":[' + RAW + b'],"x":[' + b"0," * VALUES_MAX + b"0]}",
    "deep": b'{"events":[' + RAW + b'],"x":' + b"[" * 3 * VALUES_MAX,
    "no JSON": b'{"events":[' + RAW + b'],"x":[NaN' + b",{}" * VALUES_MAX + b"]}",
    "a record": b'{"events":[' + RAW + b',{"x":[' + b"{}," * VALUES_MAX + b"0]}]}",
    "records": b'{"events":[' + RAW + b",{}" * VALUES_MAX + b"," + RAW + b"]}",
    "no records": b'{"events":[' + RAW + b",0" * VALUES_MAX + b"]}",
    "keys": b'{"events":[' + RAW + b"]" + b',"x":0' * VALUES_MAX + b"}",
    "documents": RAW + b"{}" * VALUES_MAX + RAW,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_what_would_become_too_many_objects_is_named(flood: str) -> None:
    """If this fails, a document of 63 MiB takes 1.6 GB and minutes, or something of it is not used and not named."""
    facts, skipped = read(audit, FLOODS[flood])
    assert said(facts) == [FACT]
    assert (1, f"not read: {TOO_MANY}") in reasons(skipped)


def test_a_line_of_too_many_values_costs_itself_alone() -> None:
    """If this fails, one line of an export hides the others."""
    flood = b'{"x":[' + b"{}," * VALUES_MAX + b"0]}"
    facts, skipped = read(audit, RAW + b"\n" + flood + b"\n" + RAW + b"\n")
    assert said(facts) == [FACT, FACT]
    assert reasons(skipped) == [(2, f"not read: {TOO_MANY}")]


@pytest.mark.parametrize("beside", [b"", b'"x":"' + b"{}," * VALUES_MAX + b'",'], ids=["much", "a text like JSON"])
def test_a_large_document_of_small_values_is_read(beside: bytes) -> None:
    """If this fails, a real list of many devices, or one beside a long text, is called too large."""
    long = RAW[:-1] + b',"y":[' + b"[]," * 9000 + b"0]}"  # Longer than what is looked at without counting.
    rows = b",".join([RAW, long] * 60)
    facts, skipped = read(audit, b"{" + beside + b'"events":[' + rows + b"]}")
    assert said(facts) == [FACT] * 120
    assert skipped == []


NOTHING = (
    (b"{}", "a record is not used, it has no event_type"),
    (b'{"event_type":"profile_assigned","occurred_at":"never"}', "a record is not used, it names no device"),
    (b'{"id":', "damaged JSON"),
)


@pytest.mark.parametrize(("row", "reason"), NOTHING)
def test_a_flood_of_rows_that_say_nothing_is_counted(row: bytes, reason: str) -> None:
    """Three million of them would take half a minute, be miscounted, or move the number of the record behind them."""
    facts, skipped = read(audit, RAW + b"\n" + (row + b"\n") * 500 + b"  " + row + b"\n" + RAW)
    assert [fact.origin.record for fact in facts] == [0, 502]
    found = [each for each in skipped if each.reason.startswith(reason)]
    assert [each.line for each in found] == [*range(2, 102), 502]
    assert found[-1].reason == f"{reason}: … and 401 more like this, the last one here"
    assert found[-1].offset == len(RAW) + 1 + 500 * (len(row) + 1) + 2


def test_a_row_that_says_nothing_hides_no_other() -> None:
    """One row would be taken for the one before it, for something else in it, or for a page of its own."""
    rows = [b"{}", b'{"a":1}', b'{"event_type":""}', b'{"events":[{}]}'] * 200
    facts, skipped = read(audit, b"\n".join([RAW, *rows, RAW]))
    assert [fact.origin.record for fact in facts] == [0, 801]
    assert len(skipped) == 101
    assert "… and 700 more like this" in skipped[-1].reason


@pytest.mark.parametrize("row", [b"e,profile_assigned,,\n", b"e,profile_assigned,,\r\n", b'e,"profile_assigned","",\n'])
def test_rows_of_a_table_that_say_nothing_are_counted(row: bytes) -> None:
    """A table of two million rows without a serial number would take half a minute."""
    head = b"id,event_type,occurred_at,serial_number\n"
    good = b"e,profile_assigned,2026-05-17T08:47:12Z,F9FXQ1ABCD\n"
    facts, skipped = read(audit, head + row * 300 + b"e,,\n" * 300 + good)
    assert [(fact.origin.record, fact.origin.line) for fact in facts] == [(600, 602)]
    assert [each.reason.partition("more")[0] for each in skipped if "more like" in each.reason] == [
        "a record is not used, it names no device: … and 200 ",
        "a row is not used, it has not as many fields as the header: … and 200 ",
    ]


@pytest.mark.parametrize(("month", "named"), [(b"05", []), (b"99", ["500", "500"])])
def test_a_flood_of_one_row_is_read_some_thousand_times(
    month: bytes, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """400,000 times one event took 22 s; a row would be lost, or the number of the record behind them be moved."""
    monkeypatch.setattr("abm_trace.formats.exports._interface._entry._TOLD_FROM", 200)
    row = (
        b'{"id":"e","event_type":"device_registered","serial_number":"F9FXQ1ABCE","occurred_at":"2026-%b-17T08:00:05Z"}'
        % month
    )
    facts, skipped = read(audit, b"\n".join([RAW, *[row] * 300, RAW, *[row] * 300, RAW, b""]))
    serials = [fact.attrs["serial"] for fact in facts]
    assert serials.count("F9FXQ1ABCE") in {200, 201}
    assert [fact.origin.record for fact in facts if fact.attrs["serial"] == "F9FXQ1ABCD"] == [0, 301, 602]
    counts = [each.reason.partition("… and ")[2].split(" ")[0] for each in skipped if "more like" in each.reason]
    assert counts == named


def test_few_rows_of_a_large_table_are_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of rows would grow with the table."""
    monkeypatch.setattr("abm_trace.formats.exports._interface._entry._TOLD_FROM", 0)
    monkeypatch.setattr("abm_trace.formats.exports._interface._entry._TOLD_MAX", 2)
    rows = [RAW.replace(b"evt_01", b"evt_%d" % number) for number in range(4)]
    assert [fact.origin.record for fact in read(audit, b"\n".join(rows * 2 + [b""]))[0]] == [0, 1, 2, 3, 6, 7]
    long = RAW[:-1] + b',"x":"' + b"y" * 1024 + b'"}'
    assert len(read(audit, b"\n".join([long, long, b""]))[0]) == 2
