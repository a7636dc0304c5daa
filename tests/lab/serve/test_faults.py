"""Faults, as a client meets them."""

import json
import time
from collections import Counter

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.abm import _late
from abm_lab.serve.faults import KINDS, Faults
from abm_lab.serve.lab import Lab

HEALTH = "/abm/us-east/v1/health"


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("429_bare", 429), ("500", 500), ("503", 503)])
def test_refusals(kind: str, status: int, curl: Curl) -> None:
    """A client's back-off could not be tried, with and without Retry-After."""
    curl.post("/lab/faults", {"kind": kind, "service": "abm/us-east", "count": 2})
    for _ in range(2):
        found, body = curl.one(HEALTH, "-i")
        assert found == status
        assert (b"retry-after" in body.lower()) == (kind == "429")
    assert curl.one(HEALTH)[0] == 200


def test_a_redirect_leads_inward(curl: Curl) -> None:
    """A client that goes wherever it is led could not be found."""
    for service, path in (("abm/us-east", HEALTH), ("dep", "/dep/session"), ("business", "/business/v1/orgDevices")):
        curl.post("/lab/faults", {"kind": "redirect", "service": service})
        status, body = curl.one(path, "-i")
        assert (status, b"location: http://169.254.169.254/" in body.lower()) == (302, True)


@pytest.mark.parametrize("kind", ["half", "reset"])
def test_broken_connections(kind: str, curl: Curl) -> None:
    """A client that takes half a page for a whole one could not be found."""
    curl.post("/lab/faults", {"kind": kind, "service": "abm"})
    assert curl.one(HEALTH)[0] == 0
    assert curl.one(HEALTH)[0] == 200


def test_garbage_is_of_the_right_length_and_no_json(curl: Curl) -> None:
    """A client that does not look at what it gets could not be found."""
    curl.post("/lab/faults", {"kind": "garbage", "service": "abm"})
    status, body = curl.one(HEALTH)
    assert (status, body[:6]) == (200, b"<html>")


def test_a_slow_answer_comes_byte_by_byte(curl: Curl) -> None:
    """A client without a limit of time could not be found."""
    curl.post("/lab/faults", {"kind": "slow", "service": "abm", "bytes_per_s": 60})
    begun = time.monotonic()
    assert json.loads(curl.one(HEALTH)[1])["status"] == "ok"
    assert time.monotonic() - begun > 1


def test_a_refusal_of_the_services_own(curl: Curl) -> None:
    """An error of one protocol, such as T_C_NOT_SIGNED, could not be set at any moment."""
    session = curl.dep("fleet-main")
    curl.post("/lab/faults", {"service": "dep", "path": "/devices/sync", "status": 403, "code": "T_C_NOT_SIGNED"})
    assert session.ask("/account", None, "GET")[0] == 200
    assert session.ask("/devices/sync", {"cursor": "x"}) == (403, "T_C_NOT_SIGNED")


def test_cursors_that_lie(mixed: Lab, curl: Curl) -> None:
    """Endless paging could not be found: by the same cursor again, or by one that leads to the start."""
    token = curl.about["abm"]["us-east"]["token"]
    first = curl.json("/abm/us-east/v1/devices?limit=5", token=token)
    second = curl.json(f"/abm/us-east{first['next']}&limit=5", token=token)
    curl.post("/lab/faults", {"kind": "cursor_repeats", "service": "abm"})
    again = curl.json(f"/abm/us-east{first['next']}&limit=5", token=token)
    assert (again["devices"], again["next"]) == (second["devices"], first["next"])
    curl.post("/lab/faults", {"kind": "cursor_loops", "service": "abm"})
    looped = curl.json(f"/abm/us-east{first['next']}&limit=5", token=token)
    assert curl.json(f"/abm/us-east{looped['next']}&limit=5", token=token)["devices"] == first["devices"]
    for kind in ("shuffled", "doubled"):
        curl.post("/lab/faults", {"kind": kind, "service": "abm"})
        shown = curl.json("/abm/us-east/v1/devices?limit=5", token=token)["devices"]
        assert shown != first["devices"]
        assert {row["serial_number"] for row in shown} == {row["serial_number"] for row in first["devices"]}


def test_drawn_faults_are_the_seeds_and_let_a_client_through() -> None:
    """A run with a seed could not be repeated, or a client that tries again would never come through."""
    runs = []
    for _ in range(2):
        faults, kinds = Faults(7), Counter[str]()
        for number in range(400):
            row = [faults.take("abm/us-east", "/v1/devices", f"GET {number}") for _ in range(3)]
            assert None in row
            kinds.update(fault.kind for fault in row if fault is not None)
        runs.append(kinds)
    assert runs[0] == runs[1]
    assert runs[0].keys() <= KINDS.keys()
    assert len(runs[0]) > 8
    assert 60 < runs[0].total() < 180


def test_late_events_are_all_there_in_the_end(mixed: Lab, curl: Curl) -> None:
    """A poller that never looks back could not be found; or an event would be lost for good."""
    service, rows = mixed.service("abm/us-east"), mixed.world.audit["us-east"]
    token = curl.about["abm"]["us-east"]["token"]
    path = "/abm/us-east/v1/audit/events?format=csv"
    whole = curl.one(path, token=token)[1]
    late = next(row for row in rows if _late(row, 3) > 0)
    name = json.loads(late.content)["id"].encode()
    service.late_seed = 3
    try:
        assert curl.one(path, token=token)[1] == whole
        for at, is_there in ((late.at + _late(late, 3) - 1, False), (late.at + _late(late, 3), True)):
            mixed.clock.set(at)
            assert (name in curl.one(path, token=token)[1]) is is_there
    finally:
        service.late_seed = None


def test_a_client_that_tries_again_gets_everything(mixed: Lab, curl: Curl) -> None:
    """The drawn faults would keep something from a good client, or make nothing fail."""
    token = curl.about["abm"]["us-east"]["token"]
    mixed.faults.seed = 4
    events: dict[str, object] = {}
    failures = 0
    following: str | None = "/v1/audit/events?limit=9"
    while following is not None:
        status, body = curl.one(f"/abm/us-east{following}", token=token)
        try:
            page = json.loads(body) if status == 200 else None
        except json.JSONDecodeError:
            page = None
        if page is None or page["next"] == following:
            failures += 1
            assert failures < 200
            continue
        events |= {event["id"]: event for event in page["events"]}
        following = page["next"]
    assert {json.loads(row.content)["id"] for row in mixed.world.audit["us-east"]} <= events.keys()
    assert failures > 3


def test_a_poller_that_follows_the_clock_gets_every_event(mixed: Lab, curl: Curl) -> None:
    """A running world would tell an event too early, or never."""
    token = curl.about["abm"]["us-east"]["token"]
    begins_at, ends_at = mixed.world.rollout.span[0], mixed.clock.end
    events: dict[str, str] = {}
    since = "2026-05-01T00:00:00Z"
    for at in (*range(begins_at, ends_at, 12 * 3_600_000_000), ends_at):
        mixed.clock.set(at)
        now = curl.json("/lab/clock")["now"]
        path = f"/abm/us-east/v1/audit/events?limit=1000&since={since}"
        told = {event["id"]: event["occurred_at"] for event in curl.json(path, token=token)["events"]}
        assert max(told.values(), default=now) <= now
        events |= told
        since = max(events.values(), default=since)
    known = {json.loads(row.content)["id"] for row in mixed.world.audit["us-east"]}
    assert known <= events.keys()
    assert len(events) > 50
