"""Webhooks of nanodep's depsyncer."""

import json

from tests.formats.exports.apple import assert_hostile, assert_split, bare, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import depsyncer_webhook

RECORD = {
    "serial_number": "F9FXQ1ABCD",
    "op_type": "added",
    "op_date": "2026-05-17T07:00:00Z",
    "profile_status": "empty",
    "profile_assign_time": "0001-01-01T00:00:00Z",
    "profile_push_time": "0001-01-01T00:00:00Z",
    "device_assigned_date": "2026-05-17T06:59:00Z",
}
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "server": "mdm 1",
    "phase": "sync",
    "op_type": "added",
    "assigned_at": "2026-05-17T06:59:00Z",
}


def call(
    *records: object, topic: str = "dep.SyncDevices", more: bool = False, server: str = "mdm 1", minute: int = 0
) -> dict[str, object]:
    """A call as depsyncer makes it."""
    return {
        "topic": topic,
        "event_id": "",
        "created_at": f"2026-05-17T08:{minute:02}:00.123456789-05:00",
        "device_response_event": {
            "dep_name": server,
            "device_response": {
                "cursor": "x",
                "fetched_until": f"2026-05-17T12:{minute:02}:00Z",
                "more_to_follow": more,
                "devices": list(records),
            },
        },
    }


def test_a_sync() -> None:
    """If this fails, what a server learnt of a device is lost, or is given to no server."""
    data = json.dumps(call(RECORD)).encode()
    assert claims(data) == "depsyncer-webhook"
    facts, skipped = read(depsyncer_webhook, data)
    assert said(facts) == [
        ("sync_ok", "2026-05-17T13:00:00.123456Z", "", {"server": "mdm 1"}),
        ("dep_record", "2026-05-17T07:00:00Z", "empty", ATTRS),
        ("assigned", "2026-05-17T06:59:00Z", "", ATTRS),
        ("synced", "2026-05-17T07:00:00Z", "", ATTRS),
        ("coverage", "2026-05-17T12:00:00Z", "dep", {"server": "mdm 1"}),
    ]
    assert {fact.source for fact in facts} == {"dep"}
    assert not skipped


def test_a_fetch_is_dated_by_its_page() -> None:
    """If this fails, a fetched record is no older or younger than another."""
    record = {"serial_number": "A1", "profile_status": "pushed", "profile_push_time": "2026-05-17T07:30:00Z"}
    facts, _ = read(depsyncer_webhook, json.dumps(call(record, topic="dep.FetchDevices")).encode())
    assert [(kind, at) for kind, at, _, _ in said(facts)] == [
        ("sync_ok", "2026-05-17T13:00:00.123456Z"),
        ("dep_record", "2026-05-17T12:00:00Z"),
        ("assigned", None),
        ("synced", "2026-05-17T12:00:00Z"),
        ("pushed", "2026-05-17T07:30:00Z"),
        ("coverage", "2026-05-17T12:00:00Z"),
    ]
    assert facts[1].attrs["phase"] == "fetch"


def test_more_to_follow_counts_for_each_server() -> None:
    """If this fails, a list that is not whole proves that devices are absent."""
    first = call(RECORD, more=True)
    facts, skipped = read(depsyncer_webhook, json.dumps([first, call(server="other")]).encode())
    assert [(f.at is None, f.attrs) for f in facts if f.kind == "coverage"] == [
        (False, {"server": "other"}),
        (True, {"server": "mdm 1"}),
    ]
    assert reasons(skipped) == [(1, "more pages follow this one, the list is not whole")]
    facts, skipped = read(depsyncer_webhook, json.dumps([first, call(minute=1)]).encode())
    assert [f.at is None for f in facts if f.kind == "coverage"] == [False]
    assert not skipped


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how calls were saved, or a wrong value breaks the reader."""
    calls = [call(RECORD | {"serial_number": f"S{number}"}, more=number == 1, minute=number) for number in range(5)]
    assert_split(depsyncer_webhook, [*calls, call(), call(RECORD, server="other", topic="dep.FetchDevices")])
    assert_hostile(depsyncer_webhook, call(RECORD))
    assert bare(read(depsyncer_webhook, json.dumps(call()).encode())[0])


def test_a_list_of_something_else_is_named() -> None:
    """If this fails, a record that is none is silently dropped."""
    facts, skipped = read(depsyncer_webhook, json.dumps(call(3, {"model": "x"}, RECORD)).encode())
    assert sum(fact.kind == "dep_record" for fact in facts) == 1
    assert [reason for _, reason in reasons(skipped)] == [
        "a list holds something that is no object",
        "a record is not used, it names no device",
    ]


def test_a_miss() -> None:
    """If this fails, another webhook is taken for depsyncer's."""
    for data in (b'{"topic":"mdm.Authenticate"}', b'{"topic":[]}', b"{}", b"topic\ndep.SyncDevices\n"):
        assert depsyncer_webhook.score(head(data)) == 0
    facts, skipped = read(depsyncer_webhook, b'{"topic":"mdm.Authenticate"}')
    assert not facts
    assert skipped[0].reason.startswith("a record is no answer of a fetch or a sync")
