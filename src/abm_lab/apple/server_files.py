"""Files of the MDM servers themselves: ABM's list of them, their tokens and accounts, what their syncers logged."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec

from abm_lab.apple.dep import cursor, webhook
from abm_lab.apple.server import TROUBLE_BEFORE, Server
from abm_lab.moments import DAY, HOUR, MINUTE, SECOND, rfc3339_whole, to_datetime, wall, zone_offset_s

_EVERY = HOUR
_REFUSALS = {
    "terms": 'error syncing {at} err=DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"',
    "recovered": 'error syncing {at} err=DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"',
    "token": 'error syncing {at} err=DEP auth error: 401 Unauthorized: "token_expired"',
    "cursor": 'cursor error, retrying with empty cursor {at} err=DEP HTTP error: 400 Bad Request: "EXPIRED_CURSOR"',
}
_encode = msgspec.json.encode


def org_files(servers: list[Server], until: int, as_of: int) -> Iterator[tuple[str, bytes]]:
    """ABM's list of the servers."""
    yield "abm/mdm-servers.json", _encode(mdm_servers(servers, until, as_of))


def files(servers: list[Server], start: int, until: int, as_of: int, zone: ZoneInfo) -> Iterator[tuple[str, bytes]]:
    """The files of all servers, each syncer read until that instant."""
    for server in servers:
        if not server.told:
            continue
        yield f"tokens/{server.name}.json", _encode(server_token(server, as_of))
        if server.dep in {"webhooks", "fetch", "sync", "both"}:
            yield f"dep/{server.name}/account.json", _encode(account(server))
        if server.dep == "webhooks" or server.trouble:
            yield f"dep/{server.name}/depsyncer.log", syncer_log(server, start, until, as_of, zone)
        if (last := last_webhook(server, until, as_of)) is not None:
            yield f"dep/{server.name}/webhooks.ndjson", _encode(last) + b"\n"


def last_webhook(server: Server, until: int, as_of: int) -> dict[str, object] | None:
    """What its syncer posts at the end: that nothing is new; None where it fails, or posts nothing at all."""
    if server.dep != "webhooks" or _failing(server, until, as_of):
        return None
    response = {"cursor": cursor(until), "devices": [], "fetched_until": rfc3339_whole(until), "more_to_follow": False}
    return webhook(server.name, until, response)


def mdm_servers(servers: list[Server], until: int, as_of: int) -> dict[str, object]:
    """The mdmServers page."""
    url = "https://api-business.apple.com/v1/mdmServers"
    rows = [
        {
            "type": "mdmServers",
            "id": server.id,
            "attributes": {
                "serverName": server.name,
                "serverType": "MDM",
                "status": "ACTIVE",
                "deviceCount": 0,
                "defaultProductFamilies": ["IPAD"] if number == 0 else [],
                "enableMdmDisownFlag": False,
                "lastConnectedDateTime": rfc3339_whole(_connected(server, until, as_of)),
                "lastConnectedIp": "192.0.2.10",
                "createdDateTime": rfc3339_whole(as_of - 300 * DAY),
                "updatedDateTime": rfc3339_whole(as_of - 165 * DAY),
            },
            "relationships": {"devices": {"links": {"self": f"{url}/{server.id}/relationships/devices"}}},
        }
        for number, server in enumerate(servers)
    ]
    paging = {"paging": {"limit": 100, "total": len(rows)}}
    return {"data": rows, "links": {"self": url}, "meta": paging}


def server_token(server: Server, as_of: int) -> dict[str, str]:
    """The decrypted server token; it is past its expiry where that is the server's trouble."""
    tail = server.id[-8:].lower()
    expires_at = as_of - TROUBLE_BEFORE if server.trouble == "token" else as_of + 200 * DAY
    return {
        "consumer_key": f"CK_simulated{tail}",
        "consumer_secret": "CS_simulated",
        "access_token": "AT_simulated",
        "access_secret": "AS_simulated",
        "access_token_expiry": rfc3339_whole(expires_at),
    }


def account(server: Server) -> dict[str, object]:
    """The answer of `/account`."""
    return {
        "server_name": server.name,
        "server_uuid": server.id,
        "facilitator_id": "rollout@example.org",
        "admin_id": "rollout@example.org",
        "org_name": "Example Clinics (simulated)",
        "org_email": "rollout@example.org",
        "org_phone": "5550100",
        "org_address": "1 Example Street",
        "org_id": "1000001",
        "org_id_hash": "0" * 64,
        "org_type": "org",
        "org_version": "v2",
        "urls": [{"uri": "/devices/sync", "http_method": ["POST"], "limit": {"default": 1000, "maximum": 5000}}],
    }


def syncer_log(server: Server, start: int, until: int, as_of: int, zone: ZoneInfo) -> bytes:
    """What depsyncer logs, an answer an hour; its stamps are wall time of the case's zone."""
    lines = []
    for at in (*range(start, until - MINUTE, _EVERY), until - MINUTE):
        refused = _failing(server, at, as_of) or (server.trouble == "recovered" and at < start + 30 * HOUR)
        place = f"phase=sync cursor={cursor(at // DAY * DAY)}"
        if refused:
            message = _REFUSALS[server.trouble].replace("{at}", place)
        else:
            message = (
                f"device sync {place.replace(' cursor', ' more=false cursor')} devices=0 fetched_until={_go(at, zone)}"
            )
        stamp = wall(at // SECOND + zone_offset_s(zone, at), "%Y/%m/%d %H:%M:%S")
        lines.append(f"{stamp} level=info component=syncer name={server.name} msg={message}\n")
    return "".join(lines).encode()


def _failing(server: Server, at: int, as_of: int) -> bool:
    return server.trouble in {"terms", "token", "cursor"} and at >= as_of - TROUBLE_BEFORE


def _connected(server: Server, until: int, as_of: int) -> int:
    return min(until, as_of - TROUBLE_BEFORE) if _failing(server, until, as_of) else until - 2 * MINUTE


def _go(at: int, zone: ZoneInfo) -> str:
    return to_datetime(at // SECOND * SECOND).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z %Z")
