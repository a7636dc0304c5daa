"""Logs of serials that belong to nobody."""

from pathlib import Path

from abm_lab.fleet import serial_number
from abm_lab.truth import read_truth


def test_strays_have_a_log_and_no_truth(poisoned: Path) -> None:
    """Inventing a device out of a stray log would not be seen."""
    serials = {serial_number(3, 300 + extra) for extra in range(6)}
    logs = {path.stem for path in (poisoned / "case/logs").rglob("*.log")}
    assert serials <= logs
    assert serials.isdisjoint(device.serial for device in read_truth(poisoned / "truth.json").devices)
    exports = [path for path in (poisoned / "case").rglob("*") if path.is_file() and "logs" not in path.parts]
    assert not any(serial.encode() in path.read_bytes() for path in exports for serial in serials)
