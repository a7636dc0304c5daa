"""The guide's ABM API, asked by curl."""

import csv
import io
import json
from typing import Any

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab

ROOT = "/abm/us-east"


@pytest.fixture
def token(curl: Curl) -> str:
    """The region's bearer token."""
    return str(curl.about["abm"]["us-east"]["token"])


def _all(curl: Curl, path: str, key: str, token: str) -> list[dict[str, Any]]:
    records, following = [], path
    while following:
        page = curl.json(ROOT + following, token=token)
        records += page[key]
        following = page["next"]
    return records


def test_pages_hold_every_device_once(mixed: Lab, curl: Curl, token: str) -> None:
    """A poller would miss devices between pages, or count them twice."""
    listed = _all(curl, "/v1/devices?limit=7", "devices", token)
    known = [row["serial_number"] for row in listed if not row["serial_number"].startswith("CANARY")]
    assert known == [row.serial for row in mixed.world.registered["us-east"]]
    assert {row["region"] for row in listed} == {"us-east"}
    assert {row["status"] for row in listed} == {"registered", "pending"}


def test_audit_is_in_order_since_a_time_and_of_a_type(curl: Curl, token: str) -> None:
    """A poller's cursor would lose events, or its filter would not filter."""
    events = _all(curl, "/v1/audit/events?limit=60", "events", token)
    times = [event["occurred_at"] for event in events]
    assert times == sorted(times)
    since = times[len(times) // 2]
    path = f"/v1/audit/events?limit=9&since={since}&eventType=device_registered"
    assert _all(curl, path, "events", token) == [
        event for event in events if event["occurred_at"] >= since and event["event_type"] == "device_registered"
    ]
    status, body = curl.one(f"{ROOT}/v1/audit/events?format=csv", token=token)
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert status == 200
    assert [row["id"] for row in rows] == [event["id"] for event in events]


def test_another_regions_token_gets_204_and_no_audit(curl: Curl, token: str) -> None:
    """L4 could not be tried: the wrong region would answer, or leave a record."""
    for path in ("/v1/devices", "/v1/audit/events", "/v2/devices/x/lifecycle"):
        assert curl.one(f"/abm/eu-west{path}", token=token) == (204, b"")
    given = {"serial_number": "CANARY0042"}
    assert curl.post("/abm/eu-west/v1/devices", given, token=token) == (204, b"")
    own = curl.about["abm"]["eu-west"]["token"]
    status, body = curl.one("/abm/eu-west/v1/audit/events?format=csv", token=own)
    assert status == 200
    assert b"CANARY0042" not in body
    assert curl.one(f"{ROOT}/v1/devices", token="wrong")[0] == 401  # noqa: S106 - It is meant to be wrong.


def test_tokens_and_health(curl: Curl, token: str) -> None:
    """The checklist's first step would have nothing to ask."""
    told = curl.json(f"{ROOT}/v1/tokens/tok_eu_west", token=token)
    assert (told["region"], set(told)) == ("eu-west", {"id", "region", "tokenExpiry", "lastUsedAt", "createdAt"})
    assert curl.one(f"{ROOT}/v1/tokens/tok_none", token=token)[0] == 404
    health = curl.json(f"{ROOT}/v1/health")
    assert health == {"status": "ok", "region": "us-east", "version": "3.2.1", "simulated": True}


def test_an_enrolment_gets_the_answer_of_its_fate(mixed: Lab, curl: Curl, token: str) -> None:
    """A 202 that names no device, the heart of L2, could not be had over the wire."""
    world = mixed.world
    regions = {serial: region for serial, (region, _) in world.lifecycles.items()}
    well = next(serial for serial, region in regions.items() if region == "us-east")
    empty = next(serial for serial, truth in world.truths.items() if truth.layer == "L2")
    for serial, count in ((well, 1), (empty, 0)):
        status, body = curl.post(f"{ROOT}/v1/devices", {"serial_number": serial}, token=token)
        assert (status, len(json.loads(body)["devices"])) == (202, count)


def test_a_canary_is_recorded_and_registered(mixed: Lab, curl: Curl, token: str) -> None:
    """A canary's golden path would never be seen in the audit."""
    mixed.clock.set(mixed.clock.end - 60_000_000)
    given = {"serial_number": "CANARY0001", "deviceIdentifier": "9c1e"}
    status, body = curl.post(f"{ROOT}/v1/devices", given, token=token)
    device = json.loads(body)["devices"][0]["device_id"]
    mixed.clock.set(mixed.clock.end)
    path = "/v1/audit/events?limit=1000&since=2026-05-17T08:40:00Z"
    events = [each for each in _all(curl, path, "events", token) if each["serial_number"] == "CANARY0001"]
    assert status == 202
    assert [event["event_type"] for event in events] == ["device_enrollment_requested", "device_registered"]
    assert (
        curl.json(f"{ROOT}/v2/devices/{device}/lifecycle", token=token)["registrationStatus"]["state"] == "registered"
    )
    assert curl.post(f"{ROOT}/v1/devices", {"serial_number": "no serial"}, token=token)[0] == 400


def test_predeclaring_twice_is_a_duplicate_in_every_region(curl: Curl, token: str) -> None:
    """De-duplication before staging could not be tried."""
    given = {"fingerprint": "ab" * 32}
    assert curl.post(f"{ROOT}/v1/devices/predeclare", given, token=token)[0] == 201
    own = curl.about["abm"]["eu-west"]["token"]
    status, body = curl.post("/abm/eu-west/v1/devices/predeclare", given, token=own)
    assert (status, json.loads(body)["duplicate"]) == (200, True)
    assert curl.post(f"{ROOT}/v1/devices/predeclare", {"fingerprint": "short"}, token=token)[0] == 400


def test_a_client_certificate_can_be_demanded(mixed: Lab, curl: Curl, token: str) -> None:
    """Mutual TLS could not be tried; a stranger's certificate would pass."""
    curl.post("/lab/client-certificates", {"demanded": True})
    try:
        status, body = curl.one(f"{ROOT}/v1/devices", token=token)
        assert (status, json.loads(body)["error"]["code"]) == (403, "client_certificate_required")
        own = curl.about["client_certificate"]
        assert curl.one(f"{ROOT}/v1/devices?limit=1", "--cert", own, token=token)[0] == 200
        pair = str(mixed.folder / "server.pem"), str(mixed.folder / "server.key")
        assert curl.one(f"{ROOT}/v1/devices", "--cert", pair[0], "--key", pair[1], token=token)[0] == 0
    finally:
        curl.post("/lab/client-certificates", {"demanded": False})


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=!", "cursor=MTIz"])
def test_bad_parameters_are_named(query: str, curl: Curl, token: str) -> None:
    """A client's mistake would end as a failure of the server."""
    status, body = curl.one(f"{ROOT}/v1/devices?{query}", token=token)
    assert status == 400
    assert query.partition("=")[0] in json.loads(body)["error"]["message"]
