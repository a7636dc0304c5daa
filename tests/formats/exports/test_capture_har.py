"""HTTP Archives."""

import gzip
import json
import tracemalloc
from base64 import b64encode
from datetime import UTC

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.core.instants import parse
from abm_trace.core.values import TOO_MANY, VALUES_MAX
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import capture_har
from abm_trace.formats.exports._interface import _json

BODY = '{"status":"accepted","requestId":"req_1","devices":[]}'


def entry(url: str, status: int, text: str, **content: str) -> dict[str, object]:
    """One exchange of a HAR."""
    request = {
        "method": "POST",
        "url": url,
        "headers": [{"name": "X-ABM-Token-Region", "value": "us-east"}],
        "postData": {
            "mimeType": "application/json",
            "text": '{"serial_number":"F9FXQ1ABCD","deviceIdentifier":"9c1e"}',
        },
    }
    response = {"status": status, "content": {"text": text, **content}}
    return {"startedDateTime": "2026-05-17T10:47:12.5+02:00", "request": request, "response": response}


def har(*entries: dict[str, object]) -> bytes:
    """A HAR of these exchanges."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "proxy"}, "entries": entries}}, indent=1).encode()


URL = "https://eu-west.abm.apple.com/v1/devices"
AT = "2026-05-17T08:47:12.500Z"
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "request_id": "req_1",
    "device_identifier": "9c1e",
    "endpoint": "eu-west.abm.apple.com",
    "token_region": "us-east",
    "url": URL,
}


EVENTS = """{"events":[
{"id":"evt_1","event_type":"device_registered","occurred_at":"2026-05-17T08:47:20Z","serial_number":"F9FXQ1ABCD"}]}"""
ROWS = """{"devices":[
{"device_id":"dev_1","serial_number":"F9FXQ1ABCD","status":"registered","status_since":"2026-05-17T08:47:30Z"}]}"""
ONE = """{"device_id":"dev_1","serial_number":"F9FXQ1ABCD",
"registrationStatus":{"state":"registered","reason":null,"timestamp":"2026-05-17T08:47:30Z"}}"""


@pytest.mark.parametrize(
    ("path", "body", "source", "reaches"),
    [
        ("v1/audit/events", EVENTS, "audit", True),
        ("v1/audit/events?since=2026-05-17", EVENTS, "audit", False),
        ("v1/devices", ROWS, "abm", True),
        ("v2/devices/dev_1/lifecycle", ONE, "abm", False),
    ],
)
def test_what_abm_was_asked_to_show_is_read(path: str, body: str, source: str, reaches: bool) -> None:
    """A registration in the capture would be missed; or what was chosen would prove that the rest is absent."""
    shown = entry(f"https://eu-west.abm.apple.com/{path}", 200, body)
    shown["request"] = {"method": "GET", "url": f"https://eu-west.abm.apple.com/{path}", "headers": []}
    facts, skipped = read(capture_har, har(shown))
    assert [(each.kind, each.source) for each in facts if each.kind != "coverage"] == [("registered", source)]
    assert [each.source for each in facts if each.kind == "coverage"] == ([source] if reaches else [])
    assert skipped == []


def test_a_hit() -> None:
    """If this fails, a proxy's capture proves nothing."""
    encoded = b64encode(BODY.encode()).decode()
    for data in (har(entry(URL, 202, BODY)), har(entry(URL, 202, encoded, encoding="base64"))):
        assert capture_har.score(head(data)) > 0.8
        facts, skipped = read(capture_har, data)
        assert said(facts) == [(kind, AT, "", ATTRS) for kind in ("requested", "accepted", "response_empty")]
        assert facts[0].origin.record == 0
        assert not skipped


def test_an_endless_answer_of_abm_is_named_and_proves_nothing() -> None:
    """If this fails, one body takes all memory, or its 202 counts as one that named no device."""
    body = json.dumps({"requestId": "req_1", "devices": [{"serial_number": "x" * 5 * 1024 * 1024}]})
    facts, skipped = read(capture_har, har(entry(URL, 202, body)))
    assert [fact.kind for fact in facts] == ["requested"]
    assert any("too long" in reason for _, reason in reasons(skipped))


def test_204_and_other_hosts() -> None:
    """If this fails, a 204 is not seen, or a stranger's one is."""
    data = har(entry("https://example.org/v1/devices", 204, ""), entry(URL, 204, ""))
    facts, skipped = read(capture_har, data)
    assert [(fact.kind, fact.origin.record) for fact in facts] == [("requested", 1), ("response_204", 1)]
    assert [reason for _, reason in reasons(skipped)] == [
        "1 exchange with other hosts than ABM's that no format reads: not used, the last one here",
    ]


def got(url: str, body: str) -> dict[str, object]:
    """An exchange with another host: what it was asked for, and what it said."""
    asked = {"method": "GET", "url": url}
    return {
        "startedDateTime": "2023-03-10T13:37:39.740Z",
        "request": asked,
        "response": {"status": 200, "content": {"text": body}},
    }


def test_an_export_inside_of_an_exchange_is_read_as_what_it_is() -> None:
    """If this fails, what an MDM or Apple answered in a tenant's capture is dropped silently."""
    page = {
        "devices": [
            {
                "serial_number": "F9FXQ1ABCD",
                "profile_status": "assigned",
                "device_assigned_date": "2022-03-03T08:16:27Z",
            }
        ],
        "fetched_until": "2025-04-28T08:03:42Z",
        "more_to_follow": False,
        "cursor": "c",
    }
    kandji = [
        {"device_id": "d", "serial_number": "[REDACTED]", "platform": "Mac", "mdm_enabled": True,
         "first_enrollment": "2022-06-24 14:20:19.961496+00:00", "last_enrollment": "2022-06-24 14:20:19.961496+00:00",
         "blueprint_name": "Default"},
    ]  # fmt: skip
    data = har(
        got("https://mdmenrollment.apple.com/server/devices", json.dumps(page)),
        got("https://acme.api.kandji.io/api/v1/devices?limit=1", json.dumps(kandji)),
        got("https://business.apple.com/main.css", "body{}"),
        got("https://idmsa.apple.com/appleauth", '{"a":1,"b":[2]}'),
        got("https://mdm.example/x", "ok"),
    )
    facts, skipped = read(capture_har, data)
    assert [(fact.kind, fact.source, fact.attrs.get("serial"), fact.origin.record) for fact in facts] == [
        ("dep_record", "dep", "F9FXQ1ABCD", 0),
        ("assigned", "dep", "F9FXQ1ABCD", 0),
        ("synced", "dep", "F9FXQ1ABCD", 0),
        ("coverage", "dep", None, 0),
        ("enrolled", "mdm", None, 1),
    ]
    assert [reason.split(":")[0] for _, reason in reasons(skipped)] == [
        "a serial number is not used, it stands for one that was left out",
        "3 exchanges with other hosts than ABM's that no format reads",
    ]


GRAPH = "https://graph.microsoft.com/beta/$batch"
MANAGED = {
    "value": [{
        "id": "705c034c-034c-705c-4c03-5c704c035c71", "serialNumber": "F9FXQ1ABCD", "operatingSystem": "iOS",
        "enrolledDateTime": "2026-05-17T08:40:00Z", "deviceEnrollmentType": "appleBulkWithUser",
    }]
}  # fmt: skip


def test_the_answers_of_a_batch_are_read_each_by_itself() -> None:
    """If this fails, a capture of Intune's portal, which asks in batches, says nothing of any device."""
    answers = [{"id": "1", "status": 200, "body": MANAGED}, {"id": "2", "status": 404, "body": {"error": {}}}]
    facts, skipped = read(capture_har, har(entry(GRAPH, 200, json.dumps({"responses": answers}))))
    assert [(fact.kind, fact.attrs.get("serial")) for fact in facts] == [("enrolled", "F9FXQ1ABCD")]
    assert not skipped


def test_a_batch_that_is_none() -> None:
    """If this fails, a batch of the wrong types, or one of a million answers, breaks the reader or costs its time."""
    odd: list[object] = [1, None, "x", {}, {"body": 1}, {"id": [], "body": {}}, {"id": {}, "body": [[]]}]
    shapes: tuple[object, ...] = (odd, {}, "x", 7, [], odd * 2000)
    for responses in shapes:
        facts, skipped = read(capture_har, har(entry(GRAPH, 200, json.dumps({"responses": responses}))))
        assert not facts
        assert skipped
    answers = [{"id": "1", "body": {"value": "x"}}] * 5000
    facts, skipped = read(capture_har, har(entry(GRAPH, 200, json.dumps({"responses": answers}))))
    assert any("5,000" in thing.reason for thing in skipped)


def test_what_a_server_says_of_now_has_the_time_of_the_exchange() -> None:
    """If this fails, an error of Apple's service stands outside of time, or is dropped silently."""
    facts, skipped = read(capture_har, har(got("https://mdmenrollment.apple.com/devices/sync", '"EXPIRED_CURSOR"')))
    assert said(facts) == [("sync_failed", "2023-03-10T13:37:39.740Z", "EXPIRED_CURSOR", {})]
    assert (facts[0].layer, facts[0].cause) == ("L0", "cursor_expired")
    assert not skipped


def test_damage_inside_of_an_exchange_is_named_with_it() -> None:
    """If this fails, a page that a capture cut off looks whole, or ends the reading of the archive."""
    body = '{"devices":[{"serial_number":"F9FXQ1ABCD","profile_status":"assigned"},{"serial_num'
    facts, skipped = read(capture_har, har(got("https://mdmenrollment.apple.com/server/devices", body)))
    assert {fact.attrs["serial"] for fact in facts if fact.kind != "coverage"} == {"F9FXQ1ABCD"}
    assert [fact.at for fact in facts if fact.kind == "coverage"] == [None]
    assert [reason.split(":")[0] for _, reason in reasons(skipped)] == ["cut off, or damaged from here to its end"]


ORG = {"data": [{"type": "orgDevices", "id": "F9FXQ1ABCD", "attributes": {"serialNumber": "F9FXQ1ABCD"}}]}
MORE_PAGES = {**ORG, "links": {"next": "https://api-business.apple.com/v1/orgDevices?cursor=c"}}
IRU_ROW = {
    "device_id": "d",
    "serial_number": "F9FXQ1ABCD",
    "platform": "iPad",
    "mdm_enabled": True,
    "blueprint_name": "x",
}
API, IRU = "https://api-business.apple.com/v1/orgDevices", "https://acme.api.kandji.io/api/v1/devices"
ASKED, SENT = "2023-03-10T13:37:39.740Z", "2023-03-10T13:37:41.000Z"


@pytest.mark.parametrize(
    ("url", "answer", "until"),
    [
        (API, ORG, {"org": ASKED}),
        (f"{API}?limit=1000&fields%5BorgDevices%5D=status", ORG, {"org": ASKED}),
        (f"{API}?cursor=abc", ORG, {}),
        (f"{API}?filter=x", ORG, {}),
        (f"{API}?limit=1000", MORE_PAGES, {"org": None}),
        (f"{API}/F9FXQ1ABCD", {"data": ORG["data"][0]}, {}),
        (IRU, [IRU_ROW], {"mdm": ASKED}),
        (f"{IRU}?limit=300&offset=0", [IRU_ROW], {"mdm": ASKED}),
        (f"{IRU}?limit=1", [IRU_ROW], {}),
        (f"{IRU}?limit=300&offset=300", [IRU_ROW], {}),
        (f"{IRU}?serial_number=F9FXQ1ABCD", [IRU_ROW], {}),
    ],
)
def test_a_whole_list_was_read_up_to_the_date_of_the_answer(
    url: str, answer: object, until: dict[str, str | None]
) -> None:
    """CASE.md: if this fails, what a capture's list lacks proves nothing, or a search's answer that all others lack."""
    facts, _ = read(capture_har, har(got(url, json.dumps(answer))))
    covered = {fact.source: fact.at for fact in facts if fact.kind == "coverage"}
    assert covered == {source: None if at is None else parse(at) for source, at in until.items()}


@pytest.mark.parametrize(
    ("date", "until"),
    [("Fri, 10 Mar 2023 13:37:41 GMT", SENT), ("yesterday", ASKED), ("Fri, 99 Mar 2023 13:37:41 GMT", ASKED)],
)
def test_the_servers_own_date_goes_before_the_clients(date: str, until: str) -> None:
    """If this fails, a laptop's wrong clock says how far a list was read, or a wrong date ends the reading."""
    exchange = got(API, json.dumps(ORG))
    exchange["response"] = {"content": {"text": json.dumps(ORG)}, "headers": [7, {"name": "Date", "value": date}]}
    facts, _ = read(capture_har, har(exchange))
    assert [fact.at for fact in facts if fact.kind == "coverage"] == [parse(until)]


@pytest.mark.parametrize(("asked", "reached"), [("", 1), ('{"limit":1000}', 1), ('{"cursor":"c"}', 0)])
def test_a_fetch_of_dep_is_whole_where_it_begins_at_none(asked: str, reached: int) -> None:
    """If this fails, a later page of DEP's passes for the whole list."""
    body = '{"devices":[{"serial_number":"F9FXQ1ABCD","profile_status":"assigned"}],"more_to_follow":false}'
    exchange = got("https://mdmenrollment.apple.com/server/devices", body)
    exchange["request"] = {
        "method": "POST", "url": "https://mdmenrollment.apple.com/server/devices", "postData": {"text": asked},
    }  # fmt: skip
    facts, _ = read(capture_har, har(exchange))
    assert sum(fact.kind == "coverage" for fact in facts) == reached


def test_a_cut_file_gives_what_is_whole() -> None:
    """If this fails, a capture that was cut off is lost altogether."""
    data = har(entry(URL, 204, ""), entry(URL, 202, BODY))
    facts, skipped = read(capture_har, data[:-200])
    assert [fact.kind for fact in facts] == ["requested", "response_204"]
    assert skipped


def test_bad_base64_and_missing_parts_are_named() -> None:
    """If this fails, an exchange that cannot be read is silently none."""
    facts, skipped = read(capture_har, har(entry(URL, 202, "!!!", encoding="base64"), {"request": 7, "response": []}))
    assert [fact.kind for fact in facts] == ["requested"]
    assert len(skipped) == 4


def packed(data: bytes) -> dict[str, object]:
    """The content of an answer of these bytes."""
    return {"text": b64encode(data).decode(), "encoding": "base64"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"text": BODY[:20]}, "the body of an answer breaks off"),
        ({"text": "eyJ9", "encoding": "rot13"}, "the body of an answer has an encoding that is not read: rot13"),
        ({"text": 7}, "the body of an answer is no text"),
        (packed(gzip.compress(BODY.encode())[:-40]), "the body of an answer is a gzip that breaks off"),
        (packed(b"\x1f\x8b\x08" + b"\xff" * 40), "the body of an answer is a gzip that is damaged"),
        (packed(gzip.compress(b" " * 10**7)), "the body of an answer is a gzip that holds too much"),
    ],
)  # fmt: skip
def test_a_damaged_answer_is_named_and_proves_nothing(content: dict[str, object], reason: str) -> None:
    """If this fails, an answer is lost in silence, or half of one proves that ABM showed no device."""
    exchange = {**entry(URL, 202, ""), "response": {"status": 202, "content": content}}
    facts, skipped = read(capture_har, har(exchange))
    assert [fact.kind for fact in facts] == ["requested"]
    assert skipped[0].reason.startswith(reason)


def test_an_answer_that_was_kept_compressed_is_read() -> None:
    """If this fails, of a proxy that keeps answers as they came nothing is read."""
    text = b64encode(gzip.compress(BODY.encode())).decode()
    facts, skipped = read(capture_har, har(entry(URL, 202, text, encoding="BASE64")))
    assert said(facts) == [(kind, AT, "", ATTRS) for kind in ("requested", "accepted", "response_empty")]
    assert not skipped


def test_compressed_answers_have_a_budget() -> None:
    """If this fails, an archive of some MB expands to gigabytes."""
    body = b'{"devices":[],"x":"' + b" " * 3_000_000 + b'"}'
    exchange = {**entry(URL, 202, ""), "response": {"status": 202, "content": packed(gzip.compress(body))}}
    facts, skipped = read(capture_har, har(*[exchange] * 30))
    assert sum(fact.kind == "requested" for fact in facts) == 30
    assert 3 <= sum(fact.kind == "response_empty" for fact in facts) <= 6
    assert sum("holds too much" in reason for _, reason in reasons(skipped)) >= 24


def test_what_an_exchange_lacks_is_named() -> None:
    """If this fails, an exchange without an answer, a time or one request id counts as whole."""
    whole = entry(URL, 202, BODY)
    twice = BODY.replace('"requestId"', '"requestId":"req_0","requestId"')
    for exchange, kinds, reason in (
        ({**whole, "response": None}, ["requested"], "an exchange has no status"),
        ({**whole, "startedDateTime": None}, ["requested", "accepted", "response_empty"], "an exchange has no time"),
        (entry(URL, 202, twice), ["requested", "response_empty"], "the body of an answer is not used in full"),
        (entry(URL.replace("https", "ftp"), 204, ""), [], "an exchange is not used, its URL is of another scheme"),
    ):
        facts, skipped = read(capture_har, har(exchange))
        assert [fact.kind for fact in facts] == kinds
        assert [why.startswith(reason) for _, why in reasons(skipped)] == [True]


def test_a_damaged_question_is_named() -> None:
    """If this fails, a device's identifier is lost in silence with the request that breaks off."""
    exchange = entry(URL, 202, BODY)
    exchange["request"] = {"method": "POST", "url": URL, "postData": {"text": '{"deviceIdentifier":"9c'}}
    _, skipped = read(capture_har, har(exchange))
    assert [reason for _, reason in reasons(skipped)] == ["the body of a request breaks off, it is not used"]


PLAIN = json.loads(har(entry(URL, 204, ""), entry(URL, 202, BODY), entry("https://example.com/", 200, "x")))
ROW = json.dumps(entry(URL, 202, BODY)).encode()
DEEP = ROW[:-1] + b',"a":' + b"[" * 3000 + b"]" * 3000 + b"}"
SHAPES = {
    "pretty": json.dumps(PLAIN, indent=4).encode(),
    "compact": json.dumps(PLAIN, separators=(",", ":")).encode(),
    "nothing": har(),
    "cut": json.dumps(PLAIN).encode()[:-300],
    "followed": har(entry(URL, 202, BODY)) + b"x",
    "twice": b'{"log":{"entries":[' + ROW + b'],"entries":[' + ROW + b"]}}",
    "two": har(entry(URL, 202, BODY)) + har(entry(URL, 204, "")),
    "unwrapped": b'{"entries":[' + ROW + b"]}",
    "others": b'{"log":{"entries":[7,"x",null,[],' + ROW + b"]}}",
    "pages": b'{"log":{"entries":[{"value":[' + ROW + b"]}," + ROW + b"]}}",
    "deep": b'{"log":{"entries":[' + ROW + b"," + DEEP + b"," + ROW + b"]}}",
    "repeated": b'{"log":{"entries":[' + ROW[:-1] + b',"startedDateTime":"2026-05-17T09:00:00Z"}]}}',
    "wrong": b'{"log":{"entries":[' + ROW.replace(b"req_1", b"req_\xff") + b"," + ROW + b"]}}",
    "dated": b'{"log":{"entries":[' + ROW + b'],"exported_at":"2026-05-17T09:00:00Z"}}',
    "escaped": b'{"log":{"entr\\u0069es":[' + ROW + b',{}]},"x":{"entries":[' + ROW + b"]}}",
    "elsewhere": b'{"log":{"entries":[' + ROW + b'],"comment":"entries"},"x":{"y":[{}]}}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_archive_is_read_as_a_small_one(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, what an archive says depends on how large it is."""
    small = read(capture_har, SHAPES[shape])
    monkeypatch.setattr(_json, "_LARGE_BYTES", 0)
    large = read(capture_har, SHAPES[shape])
    if shape == "escaped":  # Nobody writes that; all that counts is that it is read without an untyped error.
        return
    assert large == small
    assert small[0] or shape == "nothing"


def test_a_large_answer_is_held_only_so_often() -> None:
    """If this fails, an archive of 60 MB, most of it one answer, takes more than 300 MB."""
    rows = [{"type": "orgDevices", "id": f"F9F{n}", "attributes": {"x": "y" * 100_000}} for n in range(100)]
    data = har(entry("https://api-business.apple.com/v1/orgDevices", 200, json.dumps({"data": rows})))
    tracemalloc.start()
    try:
        count = sum(1 for _ in capture_har.read(Content("x", data, UTC)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count >= 100
    assert peak < 2.5 * len(data)


FLOOD = b'{"x":[' + b"[]," * 3 * VALUES_MAX + b"0]}"


@pytest.mark.parametrize(
    ("rows", "count"),
    [(ROW + b"," + FLOOD + b"," + ROW, 2), (ROW + b"," + FLOOD.replace(b"[]", b"{}"), 1),
     (ROW + b",{ }" * 3 * VALUES_MAX, 1), (ROW + b",0" * 5 * VALUES_MAX, 1)],
    ids=["a list", "an object", "entries", "no entries"],
)  # fmt: skip
def test_what_would_become_too_many_objects_is_named(rows: bytes, count: int) -> None:
    """If this fails, a capture of 60 MB takes 1.6 GB, or what is not used of it is not named."""
    data = b'{"log":{"entries":[' + rows + b"]," + b" " * _json._LARGE_BYTES + b'"version":"1.2"}}'
    few = read(capture_har, b'{"log":{"entries":[' + ROW + b"]}}")[0]
    facts, skipped = read(capture_har, data)
    assert len(facts) == count * len(few) > 0
    assert f"not read: {TOO_MANY}" in [reason for _, reason in reasons(skipped)]


@pytest.mark.parametrize("path", ["/v1/orgDevices", "/v1.0/$batch"])
def test_an_answer_of_too_many_values_is_named(path: str) -> None:
    """If this fails, a capture's answer is expanded whole, or not used and not named."""
    row = '{"type":"orgDevices","id":"F9FXQ1ABCD","attributes":{"serialNumber":"F9FXQ1ABCD"}}'
    body = f'{{"data":[{row}],"x":[' + "{}," * VALUES_MAX + "0]}"
    _, skipped = read(capture_har, har(entry(f"https://graph.microsoft.com{path}", 200, body)))
    assert any(TOO_MANY in reason for _, reason in reasons(skipped))


def test_a_miss() -> None:
    """If this fails, other JSON is taken for a HAR."""
    for data in (b'{"log":"text"}', b'{"events":[]}', b"[]"):
        assert capture_har.score(head(data)) == 0
