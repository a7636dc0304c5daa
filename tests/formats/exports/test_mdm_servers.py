"""The MDM servers of an organisation."""

import json

from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import mdm_servers

LINK = "https://api-business.apple.com/v1/mdmServers"


def row(name: str = "Corp MDM", server_id: str = "U1") -> dict[str, object]:
    """A row as Apple writes it."""
    attributes = {
        "serverName": name,
        "serverType": "MDM",
        "status": "ACTIVE",
        "deviceCount": 12400,
        "lastConnectedDateTime": "2026-05-17T08:00:00Z",
        "lastConnectedIp": "203.0.113.7",
    }
    return {"type": "mdmServers", "id": server_id, "attributes": attributes, "relationships": {}}


def page(*rows: object) -> dict[str, object]:
    """A page as Apple writes it."""
    return {"data": list(rows), "links": {"self": LINK}, "meta": {"paging": {"limit": 100}}}


def test_a_row() -> None:
    """If this fails, it is not known when a server last talked to Apple."""
    data = json.dumps(page(row())).encode()
    assert claims(data) == "mdm-servers"
    facts, skipped = read(mdm_servers, data)
    attrs = {"server": "Corp MDM", "status": "ACTIVE", "server_type": "MDM", "device_count": "12400", "server_id": "U1"}
    assert said(facts) == [("server", "2026-05-17T08:00:00Z", "Corp MDM", attrs)]
    assert not skipped


def test_one_server() -> None:
    """If this fails, an answer about one server is not read."""
    data = json.dumps({"data": row(), "links": {"self": LINK + "/U1"}}).encode()
    assert claims(data) == "mdm-servers"
    assert len(read(mdm_servers, data)[0]) == 1


def test_what_was_asked_for_beside_the_servers_is_named() -> None:
    """`include=devices` puts devices beside the servers: they would be left out in silence."""
    device = {"type": "orgDevices", "id": "F9F", "attributes": {"serialNumber": "F9F", "status": "ASSIGNED"}}
    for data in ({**page(row()), "included": [device]}, {"data": row(), "included": [device], "links": {"self": LINK}}):
        facts, skipped = read(mdm_servers, json.dumps(data).encode())
        assert [fact.kind for fact in facts] == ["server"]
        assert [reason for _, reason in reasons(skipped)] == [
            'what stands under "included" is not used: export those rows by themselves'
        ]


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how somebody saved the pages, or a wrong value breaks the reader."""
    assert_split(
        mdm_servers, [page(row(), row("Two", "U2")), page(), page(row("Three", "U3")), page(row("Four", "U4"))]
    )
    assert_hostile(mdm_servers, page(row()))


def test_an_empty_page_and_a_miss() -> None:
    """If this fails, an organisation without servers is not recognised, or other rows are taken for servers."""
    assert claims(json.dumps(page()).encode()) == "mdm-servers"
    for data in (b'{"data":[]}', b'{"data":[{"type":"mdmServers","id":"1"}]}', b"type\nmdmServers\n"):
        assert mdm_servers.score(head(data)) == 0
    facts, skipped = read(mdm_servers, b'{"data":[{"type":"users","id":"1"},{"type":"mdmServers"}]}')
    assert not facts
    assert [reason for _, reason in reasons(skipped)] == [
        "a record is no mdmServers row and is not used: users",
        "a record is not used, it names no server",
    ]
