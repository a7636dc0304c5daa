"""Which device is assigned to which server."""

import json

import pytest
from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import server_devices

BASE = "https://api-business.apple.com/v1"


def page(server: str, *serials: str, more: bool = False) -> dict[str, object]:
    """The devices of a server, as Apple writes them."""
    link = f"{BASE}/mdmServers/{server}/relationships/devices?limit=100"
    rows = [{"type": "orgDevices", "id": serial} for serial in serials]
    return {"data": rows, "links": {"self": link} | ({"next": link + "&cursor=x"} if more else {})}


def test_the_devices_of_a_server() -> None:
    """If this fails, it is not known which server a device belongs to."""
    data = json.dumps(page("U1", "A1", "B2")).encode()
    assert claims(data) == "server-devices"
    facts, skipped = read(server_devices, data)
    assert said(facts) == [
        ("assigned", None, "", {"serial": "A1", "server_id": "U1"}),
        ("assigned", None, "", {"serial": "B2", "server_id": "U1"}),
    ]
    assert {fact.source for fact in facts} == {"abm"}
    assert not skipped
    assert server_devices.FORMAT.covers == ()


@pytest.mark.parametrize(
    ("path", "data", "kind", "attrs"),
    [
        ("relationships/assignedServer", {"type": "mdmServers", "id": "U1"}, "assigned", {"server_id": "U1"}),
        (
            "assignedServer",
            {"type": "mdmServers", "id": "U1", "attributes": {"serverName": "Corp"}},
            "assigned",
            {"server_id": "U1", "server": "Corp"},
        ),
        ("relationships/assignedServer", None, "unassigned", {}),
    ],
)
def test_the_server_of_a_device(path: str, data: object, kind: str, attrs: dict[str, str]) -> None:
    """If this fails, an answer about one device is not read, or is taken for a list of servers."""
    raw = json.dumps({"data": data, "links": {"self": f"{BASE}/orgDevices/F9FXQ1ABCD/{path}"}}).encode()
    assert claims(raw) == "server-devices"
    facts, skipped = read(server_devices, raw)
    assert [(fact.kind, fact.at, fact.attrs) for fact in facts] == [(kind, None, {"serial": "F9FXQ1ABCD"} | attrs)]
    assert not skipped


def test_pages_of_several_servers_do_not_mix() -> None:
    """If this fails, a device is given to the server of another page."""
    facts, skipped = read(server_devices, json.dumps([page("U1", "A1"), page("U2", "B2"), page("U3")]).encode())
    assert {fact.attrs["serial"]: fact.attrs["server_id"] for fact in facts} == {"A1": "U1", "B2": "U2"}
    assert not skipped


def test_what_names_no_pair_is_named() -> None:
    """If this fails, half a statement is silently dropped."""
    for data in (
        {"data": {"type": "mdmServers", "id": "U1"}},
        {"data": [{"type": "users", "id": "U"}]},
        {"type": "orgDevices"},
    ):
        facts, skipped = read(server_devices, json.dumps(data).encode())
        assert not facts
        assert len(skipped) == 1
    assert reasons(read(server_devices, json.dumps(page("U1", "A1", more=True)).encode())[1]) == [
        (1, "more pages follow this one, the list is not whole")
    ]


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how somebody saved the pages, or a wrong value breaks the reader."""
    single = {"data": {"type": "mdmServers", "id": "U9"}, "links": {"self": f"{BASE}/orgDevices/Z9/assignedServer"}}
    assert_split(
        server_devices, [page("U1", "A1", "A2", more=True), page("U1", "A3"), page("U2", "B1"), page("U3"), single]
    )
    assert_hostile(server_devices, page("U1", "A1"))
    assert_hostile(server_devices, single)


def test_an_empty_page_and_a_miss() -> None:
    """If this fails, a server without devices is not recognised, or a list of devices is taken for one."""
    assert claims(json.dumps(page("U1")).encode()) == "server-devices"
    for data in (b'{"data":[]}', b'{"data":[{"type":"orgDevices","id":"A","attributes":{}}]}', b"type\norgDevices\n"):
        assert server_devices.score(head(data)) == 0
