"""The enrolment service: sessions signed by hand, cursors and their errors, profiles."""

from collections.abc import Callable

import pytest
from tests.lab.serve.client import Curl

from abm_lab.moments import DAY
from abm_lab.serve.lab import Lab

SERVER = "fleet-main"


def test_a_session_wants_a_good_signature_once(curl: Curl) -> None:
    """A syncer that signs wrongly, or whose clock is wrong, would work here and fail at Apple."""
    assert curl.session(SERVER)[0] == 200
    assert curl.session(SERVER, oauth_timestamp="1000000000") == (401, "timestamp_refused")
    assert curl.session(SERVER, oauth_token="other") == (401, "token_rejected")  # noqa: S106 - It is meant to be wrong.
    assert curl.session(SERVER, oauth_signature_method="PLAINTEXT")[0] == 400
    assert curl.session(SERVER, oauth_nonce="once")[0] == 200
    assert curl.session(SERVER, oauth_nonce="once") == (401, "nonce_used")
    assert curl.one("/dep/session", "-H", 'Authorization: OAuth oauth_token="x"')[0] == 400


def test_a_syncer_finds_its_session_at_the_hosts_root(curl: Curl) -> None:
    """Nanodep makes the session's address of the host alone: below a prefix it would never sign in."""
    assert curl.session(SERVER, base="")[0] == 200


def test_a_fetch_is_whole_and_its_cursor_then_exhausted(mixed: Lab, curl: Curl) -> None:
    """A full fetch would miss devices; a client would never learn that it has them all."""
    session = curl.dep(SERVER)
    pages = list(session.pages("/server/devices", limit=7))
    world = mixed.world
    expected = {row.serial for row in world.dep_devices(world.servers[SERVER], world.dep_until())}
    assert sorted(row["serial_number"] for page in pages for row in page["devices"]) == sorted(expected)
    assert session.ask("/server/devices", {"cursor": pages[-1]["cursor"]}) == (400, "EXHAUSTED_CURSOR")


def test_a_sync_brings_what_changed_since_the_cursor(mixed: Lab, curl: Curl) -> None:
    """A change would be lost between two syncs, or told before it happened."""
    ends_at = mixed.clock.end
    mixed.clock.set(ends_at - 3 * DAY)
    session = curl.dep(SERVER)
    before = list(session.pages("/server/devices"))[-1]["cursor"]
    assert session.ask("/devices/sync", {"cursor": before})[1]["devices"] == []
    mixed.clock.set(ends_at - DAY)
    first = list(session.pages("/devices/sync", before, limit=5))
    mixed.clock.set(ends_at)
    second = list(session.pages("/devices/sync", first[-1]["cursor"], limit=5))
    told = [row["op_date"] for page in (*first, *second) for row in page["devices"]]
    assert told == sorted(told)
    world = mixed.world
    changes = world.dep_changes(world.servers[SERVER], ends_at - 3 * DAY, ends_at)
    assert len(told) == len(changes) > 10
    assert max(row["op_date"] for page in first for row in page["devices"]) <= first[-1]["fetched_until"]


def test_the_errors_of_cursors(mixed: Lab, curl: Curl) -> None:
    """A syncer's recovery from each of them could not be tried."""
    session = curl.dep(SERVER)
    assert session.ask("/devices/sync", {}) == (400, "CURSOR_REQUIRED")
    assert session.ask("/devices/sync", {"cursor": "bm9uZQ"}) == (400, "INVALID_CURSOR")
    assert session.ask("/server/devices", {"cursor": "%"}) == (400, "INVALID_CURSOR")
    mixed.clock.set(mixed.clock.end - 8 * DAY)
    old = list(session.pages("/server/devices"))[-1]["cursor"]
    mixed.clock.set(mixed.clock.end)
    assert session.ask("/devices/sync", {"cursor": old}) == (400, "EXPIRED_CURSOR")


def test_an_unknown_session_and_a_nameless_client_are_refused(mixed: Lab, curl: Curl) -> None:
    """A client that never renews its session would work here and fail at Apple."""
    assert curl.one("/dep/account", "-H", "X-ADM-Auth-Session: none")[0] == 401
    session = curl.dep(SERVER)
    header = f"X-ADM-Auth-Session: {session.session}"
    assert curl.one("/dep/account", "-H", header, "-A", "") == (400, b'"USER_AGENT_MISSING"')
    assert session.ask("/account", None, "GET")[1]["server_name"] == SERVER


def test_profiles_are_defined_assigned_and_read(mixed: Lab, curl: Curl) -> None:
    """A client's assignment would have no effect, or a bad profile pass."""
    session = curl.dep(SERVER)
    assert session.ask("/profile", {"url": "https://x.example"}) == (400, "CONFIG_NAME_REQUIRED")
    assert session.ask("/profile", {"profile_name": "x", "url": "http://x"}) == (400, "CONFIG_URL_INVALID")
    flags = {"profile_name": "x", "url": "https://x.example", "is_mdm_removable": False}
    assert session.ask("/profile", flags) == (400, "FLAGS_INVALID")
    serial = next(iter(session.pages("/server/devices")))["devices"][0]["serial_number"]
    uuid = session.ask("/profile", {"profile_name": "x", "url": "https://x.example"})[1]["profile_uuid"]
    given = {"profile_uuid": uuid, "devices": [serial, "NONE"]}
    for method in ("PUT", "POST"):
        status, answer = session.ask("/profile/devices", given, method)
        assert (status, answer["devices"]) == (200, {serial: "SUCCESS", "NONE": "NOT_ACCESSIBLE"})
    told = session.ask("/devices", {"devices": [serial, "NONE"]})[1]["devices"]
    assert told[serial]["profile_uuid"] == uuid
    assert told["NONE"] == {"response_status": "NOT_ACCESSIBLE"}
    assert session.ask("/profile/devices", {"devices": [serial]}, "DELETE")[1]["devices"] == {serial: "SUCCESS"}
    assert session.ask("/devices", {"devices": [serial]})[1]["devices"][serial]["profile_uuid"] != uuid


@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [("terms-not-accepted", 403, "T_C_NOT_SIGNED"), ("dead-token", 401, "token_expired")],
)
def test_a_servers_trouble_is_met_at_the_wire(
    scenario: str, status: int, code: str, abm_lab_serve: Callable[..., Lab]
) -> None:
    """The classic silence, terms not accepted or a dead token, could not be tried; or it would hit other servers."""
    lab = abm_lab_serve(scenario, devices=100)
    curl, begins_at = Curl(lab), lab.world.rollout.span[0]
    for name in curl.about["dep"]:
        ails = lab.world.servers[name].trouble in {"terms", "token"}
        expected = (status, code) if ails else (200, None)
        found = curl.session(name)
        assert (found[0], found[1] if found[0] != 200 else None) == expected
    lab.clock.set(begins_at + DAY * 2)
    assert {curl.session(name)[0] for name in curl.about["dep"]} == {200}


def test_a_stuck_cursor_never_comes_through(abm_lab_serve: Callable[..., Lab]) -> None:
    """A syncer that is stuck could not be tried."""
    lab = abm_lab_serve("stuck-cursor", devices=100)
    stuck = next(server.name for server in lab.world.servers.values() if server.trouble == "cursor")
    session = Curl(lab).dep(stuck)
    assert session.ask("/server/devices", {}) == (400, "EXPIRED_CURSOR")


def test_a_throttled_assignment_says_when_to_come_again(abm_lab_serve: Callable[..., Lab]) -> None:
    """An assignment that is throttled could not be tried."""
    lab = abm_lab_serve("apple-mixed", devices=600, seed=11)
    unit = next(
        unit
        for unit in lab.world.units.values()
        if unit.profile == "throttled" and unit.server.name in Curl(lab).about["dep"]
    )
    given = {"profile_uuid": unit.server.id[::-1], "devices": [unit.device.serial]}
    status, answer = Curl(lab).dep(unit.server.name).ask("/profile/devices", given, "PUT")
    assert (status, answer["devices"]) == (200, {unit.device.serial: "THROTTLED"})
    assert answer["retry_after_seconds"] == 3600
