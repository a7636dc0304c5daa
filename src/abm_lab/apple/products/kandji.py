"""Kandji (Iru): its list of automated enrolment, which holds both sides and no time."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import Wrapper, state
from abm_lab.apple.unit import Unit

_WRAP = Wrapper('{"results":[', '],"next":null}')


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """The device's row, where the token's list holds it."""
    if not unit.listed(until):
        return
    device, known = unit.device, state(unit, until)
    row = {
        "id": device.secure_rom_uuid.lower(),
        "serial_number": device.serial,
        "model": unit.kind.name,
        "description": f"{unit.kind.name.upper()} (SIMULATED)",
        "asset_tag": "",
        "color": "SILVER",
        "blueprint_id": unit.server.id.lower(),
        "user_id": None,
        "dep_account": {"id": unit.server.id.lower(), "server_name": unit.server.name},
        "device_family": unit.kind.family,
        "os": unit.kind.os,
        "profile_status": unit.status(until),
        "is_enrolled": known.at is not None,
        "use_blueprint_routing": False,
    }
    yield record(f"mdm/{unit.server.name}/ade-devices", row, _WRAP)
