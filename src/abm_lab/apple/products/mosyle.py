"""Mosyle: its device lists, whose times are seconds since 1970, as text."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import Wrapper, state
from abm_lab.apple.unit import Unit
from abm_lab.moments import SECOND

_WRAP = Wrapper('{"status":"OK","response":[{"devices":[', '],"rows":"{count}","page_size":"50","page":"1"}]}')


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """The device's row, where it is enrolled."""
    known = state(unit, until)
    if known.at is None:
        return
    is_mac = unit.kind.family == "Mac"
    row = {
        "serial_number": unit.device.serial,
        "deviceudid": known.udid,
        "device_name": f"{unit.kind.family} {unit.device.serial}",
        "device_model": unit.device.model,
        "os": "mac" if is_mac else "ios",
        "osversion": unit.device.os_version,
        "status": "Supervised",
        "enrollment_type": "DEP",
        "is_supervised": "1",
        "date_enroll": str(known.at // SECOND),
        "date_last_beat": str(known.at // SECOND),
    }
    yield record(f"mdm/{unit.server.name}/{'mac' if is_mac else 'ios'}-devices", row, _WRAP)
