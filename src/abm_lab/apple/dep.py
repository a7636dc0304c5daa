"""The enrolment service's side: device records in saved answers of fetch and sync, or in a syncer's webhooks."""

import base64
from collections.abc import Iterator

from abm_lab.apple.pieces import Page, Piece, Wrap, line, record
from abm_lab.apple.server import Server
from abm_lab.apple.unit import MIGRATED_FROM, SEEN_AFTER, Unit
from abm_lab.moments import DAY, MINUTE, rfc3339_whole


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """What the server's side of the enrolment service tells of the unit, read until that instant."""
    server, folder = unit.server, f"dep/{unit.server.name}"
    if unit.profile == "throttled":
        answer = {
            "profile_uuid": profile_uuid(unit.server),
            "devices": {unit.device.serial: "THROTTLED"},
            "retry_after_seconds": 3600,
        }
        yield line(f"{folder}/assign-profile.ndjson", answer)
    if unit.migration:
        for change in (("added", unit.added_at + DAY, "assigned"), ("deleted", unit.assigned_at - MINUTE, "assigned")):
            yield _posted(unit, MIGRATED_FROM, *change)
    if unit.profile in {"unsynced", "throttled"} or not server.told:
        return
    if server.dep in {"fetch", "both"} and unit.listed(until):
        yield record(f"{folder}/devices", device_record(unit, unit.status(until)), _Wrap(until))
    for op_type, op_at, status in changes(unit, until):
        if server.dep in {"sync", "both"}:
            yield record(f"{folder}/sync", device_record(unit, status, op_type, op_at), _Wrap(until))
        elif server.dep == "webhooks":
            yield _posted(unit, server.name, op_type, op_at, status)


def listings(servers: list[Server], until: int) -> Iterator[tuple[str, Wrap]]:
    """The paged answers of the servers' side, each of which has a page a chunk, though it be empty."""
    for server in servers:
        if server.told and server.dep in {"fetch", "both"}:
            yield f"dep/{server.name}/devices", _Wrap(until)
        if server.told and server.dep in {"sync", "both"}:
            yield f"dep/{server.name}/sync", _Wrap(until)


def _posted(unit: Unit, name: str, op_type: str, at: int, status: str) -> Piece:
    response = {
        "cursor": cursor(at),
        "devices": [device_record(unit, status, op_type, at)],
        "fetched_until": rfc3339_whole(at),
        "more_to_follow": False,
    }
    return line(f"dep/{name}/webhooks.ndjson", webhook(name, at, response))


def changes(unit: Unit, until: int) -> Iterator[tuple[str, int, str]]:
    """The changes that a sync brings: kind of operation, its instant, and the status then."""
    if unit.assigned_at > until:
        return
    first = unit.profile if unit.changed_at == unit.assigned_at else "assigned"
    if unit.reassigned:
        yield "added", unit.assigned_at - 40 * MINUTE, "assigned"
        yield "deleted", unit.assigned_at - 20 * MINUTE, "assigned"
    # A device that comes back is `modified`, never `added` again.
    yield "modified" if unit.reassigned else "added", unit.assigned_at, first
    if unit.pushed_at is not None and unit.pushed_at + SEEN_AFTER <= until:
        yield "modified", unit.pushed_at + SEEN_AFTER, "pushed"
    if unit.assigned_at < unit.changed_at <= until:
        deleted = unit.profile == "deleted"
        yield "deleted" if deleted else "modified", unit.changed_at, "assigned" if deleted else unit.profile


def device_record(unit: Unit, status: str, op_type: str | None = None, op_at: int = 0) -> dict[str, object]:
    """A device as fetch and sync give it; `op_type` belongs to a sync alone."""
    kind = unit.kind
    told: dict[str, object] = {
        "serial_number": unit.device.serial,
        "model": kind.name,
        "description": f"{kind.name.upper()} 128GB (SIMULATED)",
        "color": "SILVER",
        "device_family": kind.family,
        "os": kind.os,
        "profile_status": status,
        "device_assigned_by": "rollout@example.org",
        "device_assigned_date": rfc3339_whole(unit.assigned_at),
    }
    if status != "empty":
        told["profile_uuid"] = profile_uuid(unit.server)
        told["profile_assign_time"] = rfc3339_whole(unit.assigned_at)
    if status in {"pushed", "removed"} and unit.pushed_at is not None:
        told["profile_push_time"] = rfc3339_whole(unit.pushed_at)
    if op_type is not None:
        told |= {"op_type": op_type, "op_date": rfc3339_whole(op_at)}
    return told


def profile_uuid(server: Server) -> str:
    """The profile of a server's devices."""
    return server.id[::-1]


def webhook(name: str, at: int, response: dict[str, object]) -> dict[str, object]:
    """The event that a syncer posts of one answer."""
    return {
        "topic": "dep.SyncDevices",
        "event_id": f"{at:x}",
        "created_at": rfc3339_whole(at),
        "device_response_event": {"dep_name": name, "device_response": response},
    }


def cursor(at: int) -> str:
    """A cursor, as opaque as the service's own."""
    return base64.b64encode(f"0:0:{at}:{at}:true:{at}".encode()).decode().rstrip("=")


class _Wrap:
    """Wraps a page that was fetched at that instant."""

    def __init__(self, until: int) -> None:
        self.until = until

    def __call__(self, page: Page) -> tuple[str, str]:
        more = "false" if page.is_last else "true"
        tail = (
            f'],"fetched_until":"{rfc3339_whole(self.until)}","more_to_follow":{more},'
            f'"cursor":"{cursor(self.until + page.number)}"}}'
        )
        return '{"devices":[', tail
