"""Apple Business API, asked by curl with assertions signed by PyJWT."""

import json
import re
import time

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab

EVENTS = "/v1/auditEvents?filter[startTimestamp]=2026-01-01T00:00:00Z&filter[endTimestamp]=2026-06-01T00:00:00Z"


@pytest.fixture
def token(curl: Curl) -> str:
    """An access token."""
    status, answer = curl.business_token(curl.assertion())
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    return str(answer["access_token"])


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://account.apple.com/auth/oauth2/token"},
        {"iss": "BUSINESSAPI.other"},
        {"sub": "BUSINESSAPI.other"},
        {"exp": 1},
        {"exp": 4102444800},
        {"jti": None},
    ],
)
def test_an_assertion_that_does_not_hold_is_refused(changed: dict[str, object], curl: Curl) -> None:
    """A tracer that signs wrongly would work here and fail at Apple."""
    status, answer = curl.business_token(curl.assertion(**changed))
    assert (status, answer["error"]) == (400, "invalid_client")
    assert curl.business_token("x.y.z")[1]["error"] == "invalid_client"


def test_without_a_token_there_is_apples_error(curl: Curl) -> None:
    """A client's error handling could not be tried."""
    status, body = curl.one("/business/v1/orgDevices")
    error = json.loads(body)["errors"][0]
    assert (status, error["status"], error["code"]) == (401, "401", "NOT_AUTHORIZED")
    assert set(error) == {"id", "status", "code", "title", "detail"}


def test_links_lead_through_all_devices(mixed: Lab, curl: Curl, token: str) -> None:
    """A listing would be cut, or its links lead to Apple instead of the lab."""
    pages = [json.loads(page) for page in curl.business_pages("/v1/orgDevices?limit=50", token)]
    ids = [row["id"] for page in pages for row in page["data"]]
    there = [serial for serial, unit in mixed.world.units.items() if unit.org != "absent"]
    assert sorted(ids) == sorted(there)
    assert {page["meta"]["paging"]["total"] for page in pages} == {len(there)}
    assert pages[-1]["links"]["next"] is None
    assert pages[0]["links"]["first"] == pages[1]["links"]["first"]
    one = curl.json(f"/business/v1/orgDevices/{ids[0]}", token=token)
    assert one["data"] == pages[0]["data"][0]
    assert curl.one("/business/v1/orgDevices/NONE", token=token)[0] == 404


def test_servers_their_devices_and_a_devices_server_agree(mixed: Lab, curl: Curl, token: str) -> None:
    """A device would be assigned to one server by one address, and to another by the next."""
    assigned: dict[str, str] = {}
    for server in curl.json("/business/v1/mdmServers", token=token)["data"]:
        path = f"/v1/mdmServers/{server['id']}/relationships/devices?limit=1000"
        for page in curl.business_pages(path, token):
            assigned |= {row["id"]: server["attributes"]["serverName"] for row in json.loads(page)["data"]}
    rows = json.loads(next(curl.business_pages("/v1/orgDevices?limit=1000", token)))["data"]
    assert assigned.keys() == {row["id"] for row in rows if row["attributes"]["status"] == "ASSIGNED"}
    serial, name = next(iter(assigned.items()))
    server = curl.json(f"/business/v1/orgDevices/{serial}/assignedServer", token=token)["data"]
    link = curl.json(f"/business/v1/orgDevices/{serial}/relationships/assignedServer", token=token)["data"]
    assert (server["attributes"]["serverName"], link) == (name, {"type": "mdmServers", "id": server["id"]})
    free = next(row["id"] for row in rows if row["attributes"]["status"] == "UNASSIGNED")
    assert curl.one(f"/business/v1/orgDevices/{free}/assignedServer", token=token)[0] == 404


def test_audit_events_need_both_times_and_can_be_filtered(curl: Curl, token: str) -> None:
    """A window of the audit would hold other events than those in it."""
    assert curl.one("/business/v1/auditEvents?filter[endTimestamp]=2026-06-01T00:00:00Z", "-g", token=token)[0] == 400
    events = [each for page in curl.business_pages(f"{EVENTS}&limit=100", token) for each in json.loads(page)["data"]]
    times = [each["attributes"]["eventDateTime"] for each in events]
    assert times == sorted(times)
    path = EVENTS.replace("2026-01-01T00:00:00Z", times[-20]) + "&filter[type]=DEVICE_ASSIGNED_TO_SERVER"
    found = [each for page in curl.business_pages(path, token) for each in json.loads(page)["data"]]
    assert found == [
        each
        for each in events
        if each["attributes"]["eventDateTime"] >= times[-20]
        and each["attributes"]["type"] == "DEVICE_ASSIGNED_TO_SERVER"
    ]


def test_chosen_fields_alone_are_answered(curl: Curl, token: str) -> None:
    """A client that asks for less would get everything."""
    path = "/business/v1/orgDevices?limit=1&fields[orgDevices]=serialNumber,status"
    row = curl.json(path, "-g", token=token)["data"][0]
    assert set(row["attributes"]) == {"serialNumber", "status"}


def test_the_account_may_only_read(curl: Curl, token: str) -> None:
    """The check that says when a key can do more than read would have nothing to be right about."""
    assert curl.post("/business/v1/orgDeviceActivities", {}, token=token)[0] == 403


def test_the_world_is_told_as_it_was(mixed: Lab, curl: Curl, token: str) -> None:
    """In a running world ABM would know what has not happened yet."""
    unit = next(unit for unit in mixed.world.units.values() if unit.org == "released" and unit.left_at)
    path = f"/business/v1/orgDevices/{unit.device.serial}"
    assert curl.json(path, token=token)["data"]["attributes"]["releasedFromOrgDateTime"] is not None
    mixed.clock.set((unit.left_at or 0) - 1)
    attributes = curl.json(path, token=token)["data"]["attributes"]
    assert (attributes["status"], attributes["releasedFromOrgDateTime"]) == ("ASSIGNED", None)
    mixed.clock.set(unit.added_at - 1)
    assert curl.one(path, token=token)[0] == 404


def test_a_limit_says_when_to_come_again(mixed: Lab, curl: Curl, token: str) -> None:
    """A client's request budget could not be tried."""
    service = mixed.service("business")
    service._asked_s.clear()  # Of what other tests asked some may become older than a minute just now.
    service.gets_a_minute = 2
    try:
        found = [curl.one("/business/v1/mdmServers", "-i", token=token) for _ in range(3)]
        assert [status for status, _ in found] == [200, 200, 429]
        (wait_s,) = re.findall(rb"retry-after: (\d+)", found[2][1].lower())
        assert 0 < int(wait_s) <= 60
    finally:
        service.gets_a_minute = 0


def test_a_token_is_needed_again_after_an_hour(mixed: Lab, curl: Curl, token: str) -> None:
    """A client that never renews its token would work here and fail at Apple."""
    service = mixed.service("business")
    service.tokens[token] = time.monotonic()
    assert curl.one("/business/v1/orgDevices", token=token)[0] == 401
