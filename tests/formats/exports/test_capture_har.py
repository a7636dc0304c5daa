"""HTTP Archives."""

import json
from base64 import b64encode

from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import capture_har

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


def test_a_hit() -> None:
    """If this fails, a proxy's capture proves nothing."""
    encoded = b64encode(BODY.encode()).decode()
    for data in (har(entry(URL, 202, BODY)), har(entry(URL, 202, encoded, encoding="base64"))):
        assert capture_har.score(head(data)) > 0.8
        facts, skipped = read(capture_har, data)
        assert said(facts) == [(kind, AT, "", ATTRS) for kind in ("requested", "accepted", "response_empty")]
        assert facts[0].origin.record == 0
        assert not skipped


def test_204_and_other_hosts() -> None:
    """If this fails, a 204 is not seen, or a stranger's one is."""
    data = har(entry("https://example.org/v1/devices", 204, ""), entry(URL, 204, ""))
    facts, _ = read(capture_har, data)
    assert [(fact.kind, fact.origin.record) for fact in facts] == [("requested", 1), ("response_204", 1)]


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


def test_a_miss() -> None:
    """If this fails, other JSON is taken for a HAR."""
    for data in (b'{"log":"text"}', b'{"events":[]}', b"[]"):
        assert capture_har.score(head(data)) == 0
