"""SimpleMDM: its device list, which also holds the devices that are awaited."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import Wrapper, number, state
from abm_lab.apple.unit import Unit
from abm_lab.moments import rfc3339

_WRAP = Wrapper('{"data":[', '],"has_more":false}')


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """The device's row where it is enrolled; of the others every second is awaited."""
    known = state(unit, until)
    if known.at is None and (number(unit) % 2 or unit.profile != "assigned"):
        return
    attributes = {
        "name": f"{unit.kind.family} {unit.device.serial}",
        "serial_number": unit.device.serial,
        "unique_identifier": None if known.at is None else known.udid,
        "status": "awaiting enrollment" if known.at is None else "enrolled",
        "enrolled_at": None if known.at is None else rfc3339(known.at),
        "last_seen_at": None if known.at is None else rfc3339(known.at),
        "model_name": unit.kind.name,
        "product_name": unit.device.model,
        "os_version": unit.device.os_version,
        "build_version": unit.device.build,
    }
    row = {"type": "device", "id": number(unit), "attributes": attributes}
    yield record(f"mdm/{unit.server.name}/devices", row, _WRAP)
