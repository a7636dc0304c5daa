"""Apple Business Manager's side: orgDevices rows, the servers' device lists, and audit events."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Page, Piece, Wrap, following, record
from abm_lab.apple.server import Server
from abm_lab.apple.unit import MIGRATED_FROM, Unit
from abm_lab.moments import DAY, MINUTE, SECOND, rfc3339_whole

_BASE = "https://api-business.apple.com/v1"
_COLORS = {"iPad": "BLUE", "iPhone": "BLACK", "Mac": "SILVER"}


def pieces(unit: Unit, as_of: int) -> Iterator[Piece]:
    """What ABM knows of the unit at that instant; nothing where it was not in the organisation yet."""
    if unit.org == "absent" or unit.added_at > as_of:
        return
    yield record("abm/org-devices", org_device(unit, as_of), wrap_devices)
    # Every second device is named in its server's list instead of the audit.
    if _is_listed(unit) and is_assigned(unit, as_of):
        row = {"type": "orgDevices", "id": unit.device.serial}
        yield record(f"abm/{unit.server.name}-devices", row, _wrap_relationships(unit.server.id))
    for at, event in _events(unit):
        if at <= as_of:
            yield event


def is_assigned(unit: Unit, at: int) -> bool:
    """Whether the unit is assigned to its server at that instant."""
    left = unit.org != "assigned" and (unit.left_at is None or unit.left_at <= at)
    return unit.org != "absent" and unit.assigned_at <= at and not left


def _is_listed(unit: Unit) -> bool:
    odd = unit.added_at // SECOND % 2 == 1
    return odd and unit.org == "assigned" and not (unit.migration or unit.reassigned)


def _events(unit: Unit) -> Iterator[tuple[int, Piece]]:
    name = unit.server.name
    yield _event(unit, unit.added_at, "DEVICE_ADDED_TO_ORG", {"purchaseSourceType": "APPLE", "purchaseSourceId": "1"})
    if unit.migration:
        yield _event(unit, unit.added_at + DAY, "DEVICE_ASSIGNED_TO_SERVER", {"targetServerName": MIGRATED_FROM})
    if unit.reassigned:
        yield _event(unit, unit.assigned_at - 40 * MINUTE, "DEVICE_ASSIGNED_TO_SERVER", {"targetServerName": name})
        yield _event(unit, unit.assigned_at - 20 * MINUTE, "DEVICE_UNASSIGNED_FROM_SERVER", {})
    if not _is_listed(unit):
        yield _event(unit, unit.assigned_at, "DEVICE_ASSIGNED_TO_SERVER", {"targetServerName": name})
    if unit.left_at is not None and unit.org == "unassigned":
        yield _event(unit, unit.left_at, "DEVICE_UNASSIGNED_FROM_SERVER", {})
    if unit.left_at is not None and unit.org == "released":
        data = {"releaseEntityId": "user-7c1f", "releaseEntityType": "USER"}
        yield _event(unit, unit.left_at, "DEVICE_REMOVED_FROM_ORG", data)


def listings(servers: list[Server]) -> Iterator[tuple[str, Wrap]]:
    """The paged listings of ABM, each of which has a page a chunk, though it be empty: a link never leads nowhere."""
    yield "abm/org-devices", wrap_devices
    yield "abm/audit-events", _wrap_events
    for server in servers:
        yield f"abm/{server.name}-devices", _wrap_relationships(server.id)


def org_device(unit: Unit, as_of: int) -> dict[str, object]:
    """The orgDevices row, as at `as_of`."""
    device, serial = unit.device, unit.device.serial
    left_at = unit.left_at if unit.org != "assigned" and unit.left_at is not None and unit.left_at <= as_of else None
    link = f"{_BASE}/orgDevices/{serial}"
    attributes: dict[str, object] = {
        "serialNumber": serial,
        "addedToOrgDateTime": rfc3339_whole(unit.added_at),
        "releasedFromOrgDateTime": None if left_at is None or unit.org != "released" else rfc3339_whole(left_at),
        "updatedDateTime": rfc3339_whole(left_at or min(unit.assigned_at, as_of)),
        "deviceModel": unit.kind.name,
        "productFamily": unit.kind.family,
        "productType": device.model,
        "deviceCapacity": "128GB",
        "partNumber": "MPQ13LL/A",
        "orderNumber": f"11{unit.added_at // DAY}",
        "orderDateTime": rfc3339_whole(unit.added_at - DAY),
        "color": _COLORS[unit.kind.family],
        "status": "ASSIGNED" if is_assigned(unit, as_of) else "UNASSIGNED",
        "imei": [] if unit.kind.family != "iPhone" else [f"35{unit.added_at % 10**13:013d}"],
        "meid": [],
        "eid": "",
        "wifiMacAddress": "",
        "bluetoothMacAddress": "",
        "purchaseSourceType": "APPLE",
        "purchaseSourceId": "1",
    }
    if unit.migration:
        attributes["isMdmMigrationCapable"] = True
        attributes["mdmMigrationStatus"] = unit.migration
        attributes["mdmMigrationDeadlineDateTime"] = rfc3339_whole(as_of + 7 * DAY)
    relationships = {
        "assignedServer": {
            "links": {"self": f"{link}/relationships/assignedServer", "related": f"{link}/assignedServer"}
        },
        "appleCareCoverage": {"links": {"related": f"{link}/appleCareCoverage"}},
    }
    return {
        "type": "orgDevices",
        "id": serial,
        "attributes": attributes,
        "relationships": relationships,
        "links": {"self": link},
    }


def wrap_devices(page: Page) -> tuple[str, str]:
    """The head and tail of an orgDevices page."""
    return _listing(page, f"{_BASE}/orgDevices?limit=1000")


def _wrap_events(page: Page) -> tuple[str, str]:
    return _listing(page, f"{_BASE}/auditEvents?limit=1000")


def _wrap_relationships(server_id: str) -> "_Relationships":
    return _Relationships(server_id)


class _Relationships:
    """Wraps the device list of one server; its address tells which."""

    def __init__(self, server_id: str) -> None:
        self.url = f"{_BASE}/mdmServers/{server_id}/relationships/devices?limit=1000"

    def __call__(self, page: Page) -> tuple[str, str]:
        return _listing(page, self.url)


def _listing(page: Page, url: str) -> tuple[str, str]:
    own = f"{url}&cursor={page.number}" if page.number else url
    after = following(page, url)
    cursor = "null" if page.is_last else f'"{page.number + 1}"'
    tail = (
        f'],"links":{{"self":"{own}","first":"{url}","next":{after}}},'
        f'"meta":{{"paging":{{"limit":1000,"nextCursor":{cursor},"total":{page.count}}}}}}}'
    )
    return '{"data":[', tail


def _event(unit: Unit, at: int, name: str, data: dict[str, str]) -> tuple[int, Piece]:
    serial = unit.device.serial
    key = "eventData" + "".join(word.capitalize() for word in name.split("_"))
    attributes = {
        "eventDateTime": rfc3339_whole(at),
        "type": name,
        "category": "DEVICE_INVENTORY",
        "actorType": "USER",
        "actorId": "user-7c1f",
        "actorName": "Rollout (simulated)",
        "subjectType": "DEVICE",
        "subjectId": f"device-{serial.lower()}",
        "subjectName": unit.kind.name,
        "outcome": "SUCCESS",
        "groupId": f"group-{at // DAY}",
        "eventDataPropertyKey": key,
        key: {"serialNumber": serial, **data},
    }
    event = {"type": "auditEvents", "id": f"event-{serial}-{at % 10**12}-{len(name)}", "attributes": attributes}
    return at, record("abm/audit-events", event, _wrap_events)
