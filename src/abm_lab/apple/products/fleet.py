"""Fleet: its hosts, which also hold the devices of the token's list that are pending."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import Wrapper, number, state
from abm_lab.apple.unit import Unit
from abm_lab.moments import rfc3339_whole

_WRAP = Wrapper('{"hosts":[', "]}")
_PLATFORMS = {"Mac": "darwin", "iPad": "ipados", "iPhone": "ios"}


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """The host where it is enrolled, or pending because the token's list holds it."""
    known = state(unit, until)
    if known.at is None and not unit.listed(until):
        return
    status = "Pending" if known.at is None else "On (manual)" if known.by_hand else "On (automatic)"
    mdm: dict[str, object] = {
        "enrollment_status": status,
        "dep_profile_error": False,
        "server_url": None if known.at is None else unit.server.url,
        "name": "Fleet",
        "connected_to_fleet": known.at is not None,
    }
    host: dict[str, object] = {
        "id": number(unit),
        "hostname": "" if known.at is None else f"{unit.kind.family}-{unit.device.serial}",
        "uuid": "" if known.at is None else known.udid,
        "hardware_serial": unit.device.serial,
        "hardware_model": unit.device.model,
        "platform": _PLATFORMS[unit.kind.family],
        "os_version": f"{unit.kind.os} {unit.device.os_version}",
        "created_at": rfc3339_whole(unit.assigned_at),
        "mdm": mdm,
    }
    if known.at is not None:
        host["last_enrolled_at"] = host["last_mdm_enrolled_at"] = rfc3339_whole(known.at)
    yield record(f"mdm/{unit.server.name}/hosts", host, _WRAP)
