"""HTTP captures as NDJSON."""

import json

import pytest
from tests.formats.exports.reading import head, read, reasons

from abm_trace.formats.exports import capture_ndjson

ASK = {
    "at": "2026-05-17T08:47:12Z",
    "method": "POST",
    "url": "https://EU-West.abm.apple.com/v1/devices?token=secret",
    "status": 202,
    "token_region": "us-east",
    "serial": "F9FXQ1ABCD",
    "response": {"status": "accepted", "requestId": "req_1", "devices": []},
}
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "request_id": "req_1",
    "endpoint": "eu-west.abm.apple.com",
    "token_region": "us-east",
    "url": "https://eu-west.abm.apple.com/v1/devices",
}


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, [("requested", ""), ("accepted", ""), ("response_empty", "")]),
        ({"response": json.dumps(ASK["response"])}, [("requested", ""), ("accepted", ""), ("response_empty", "")]),
        ({"response": {"requestId": "r", "devices": [{"device_id": "dev_1"}]}}, [("requested", ""), ("accepted", "")]),
        ({"response": {"requestId": "r"}}, [("requested", ""), ("accepted", ""), ("response_empty", "")]),
        ({"response": None}, [("requested", "")]),
        ({"status": 204, "response": None}, [("requested", ""), ("response_204", "")]),
        ({"status": "503", "response": "<html>"}, [("requested", ""), ("http_error", "503")]),
        ({"method": "GET", "status": 200}, []),
        (
            {"url": "https://eu-west.abm.apple.com/v2/devices/"},
            [("requested", ""), ("accepted", ""), ("response_empty", "")],
        ),
    ],
)
def test_what_an_exchange_proves(change: dict[str, object], kinds: list[tuple[str, str]]) -> None:
    """If this fails, an answer of ABM proves something else than it says."""
    data = json.dumps({**ASK, **change}).encode()
    assert capture_ndjson.score(head(data)) > 0.8
    facts, skipped = read(capture_ndjson, data)
    assert [(fact.kind, fact.value) for fact in facts] == kinds
    assert not skipped


def test_other_hosts_are_counted() -> None:
    """If this fails, a stranger's answer counts as ABM's, or is dropped silently."""
    other = {**ASK, "url": "https://abm.apple.com.evil.example/v1/devices"}
    facts, skipped = read(capture_ndjson, "\n".join(json.dumps(each) for each in (other, ASK, other)).encode())
    assert {fact.origin.line for fact in facts} == {2}
    assert reasons(skipped) == [
        (3, "2 exchanges with other hosts than ABM's that no format reads: not used, the last one here"),
    ]


def test_attributes() -> None:
    """If this fails, an exchange is given to another device, or a secret of its URL is kept."""
    facts, _ = read(capture_ndjson, json.dumps(ASK).encode())
    assert [dict(fact.attrs) for fact in facts] == [ATTRS] * 3


def test_a_serial_in_the_url_counts_where_no_field_has_it() -> None:
    """If this fails, an exchange without a serial field belongs to nobody."""
    for url in (
        "https://x.abm.apple.com/v1/devices?serialNumber=F9FXQ1ABCD",
        "https://x.abm.apple.com/v2/devices/F9FXQ1ABCD",
    ):
        facts, _ = read(capture_ndjson, json.dumps({**ASK, "serial": None, "url": url}).encode())
        assert {fact.attrs["serial"] for fact in facts} == {"F9FXQ1ABCD"}


def test_a_url_that_cannot_be_is_named() -> None:
    """If this fails, a broken URL ends the reading."""
    data = json.dumps({**ASK, "url": "https://[::1/v1/devices"}).encode() + b"\n" + json.dumps(ASK).encode()
    facts, skipped = read(capture_ndjson, data)
    assert len(facts) == 3
    assert skipped[0].line == 1


def test_a_status_that_is_none_is_named() -> None:
    """If this fails, an answer that cannot be read is silently none."""
    facts, skipped = read(capture_ndjson, json.dumps({**ASK, "status": "abc"}).encode())
    assert [fact.kind for fact in facts] == ["requested"]
    assert skipped[0].line == 1


CUT = '{"status":"accepted","requ'
CUT_LATER = '{"status":"accepted","requestId":"req_1","devices":[{"device_id":"dev_1","ser'
TWICE = '{"requestId":"req_1","devices":[{"device_id":"dev_1"}],"devices":[]}'


@pytest.mark.parametrize(
    ("change", "kinds", "reason"),
    [
        ({"response": CUT}, ["requested"], "the body of an answer breaks off, it is not used"),
        ({"response": CUT_LATER}, ["requested", "accepted"], "the body of an answer breaks off, only its"),
        ({"response": "<html>"}, ["requested"], "the body of an answer is no JSON object, it is not used"),
        ({"response": [7]}, ["requested"], "the body of an answer is no JSON object, it is not used"),
        ({"response": TWICE}, ["requested", "accepted"], "the body of an answer is not used in full"),
        ({"response": {"requestId": 7}}, ["requested", "response_empty"], "a field of an answer is of another kind"),
        ({"response": {"devices": [{"device_id": 7}]}}, ["requested"], "a field of an answer is of another kind"),
        ({"response": {"devices": {"device_id": "dev_1"}}}, ["requested"], "a field of an answer is of another kind"),
        ({"status": "503", "response": CUT}, ["requested", "http_error"], "the body of an answer breaks off"),
        ({"at": None}, ["requested", "accepted", "response_empty"], "an exchange has no time: at"),
        ({"at": []}, ["requested", "accepted", "response_empty"], "a field is no text: at"),
        ({"method": 7}, ["accepted", "response_empty"], "a method is none of HTTP, the exchange shows no request: 7"),
        ({"status": None}, ["requested"], "an exchange has no status"),
        ({"url": "ftp://eu-west.abm.apple.com/v1/devices", "status": 204}, [], "an exchange is not used, its URL"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_named_and_proves_nothing(change: dict[str, object], kinds: list[str], reason: str) -> None:
    """If this fails, what an exchange lost is lost in silence, or half an answer proves that no device was in it."""
    facts, skipped = read(capture_ndjson, json.dumps({**ASK, **change}).encode())
    assert [fact.kind for fact in facts] == kinds
    assert skipped[0].reason.startswith(reason)
    assert len(skipped) == 1


def test_a_list_of_devices_that_is_given_twice_proves_nothing() -> None:
    """If this fails, an answer that shows a device counts as one that shows none."""
    data = json.dumps({**ASK, "response": 0}).replace("0}", TWICE + "}").encode()
    for each in (data, data + b"\n" + data):
        facts, skipped = read(capture_ndjson, each)
        assert {fact.kind for fact in facts} == {"requested", "accepted"}
        assert skipped[0].reason.startswith("a record is not used in full")
    facts, skipped = read(capture_ndjson, json.dumps({**ASK, "response": {"devices": None}}).encode())
    assert [fact.kind for fact in facts] == ["requested", "response_empty"]
    assert not skipped


def test_a_miss() -> None:
    """If this fails, other records are taken for a capture."""
    assert capture_ndjson.score(head(b'{"url":"x","status":"pending"}')) == 0
