"""A small case for tests of the whole pipeline."""

from pathlib import Path

from tests.pipeline.building import line, noise, text

EVENT = (
    '{{"id":"e{0}","event_type":"{1}","occurred_at":"2026-05-17T03:47:0{2}Z","region":"eu-west","request_id":"req_{0}",'
    '"serial_number":"F9FXQ{0:05d}"}}\n'
)


def make(folder: Path, devices: int = 6) -> Path:
    """A case of a manifest, logs, an audit export and an MDM inventory; every second device is confirmed."""
    (folder / "logs").mkdir(parents=True)
    manifest, audit, mdm = ["serial,site"], [], ["serial_number,created_at,enrolled_at,enrollmentMethod,abmTokenId"]
    for number in range(devices):
        serial = f"F9FXQ{number:05d}"
        manifest.append(f"{serial},clinic-{number % 3}")
        lines = [*noise(5), line("Sending enrollment request to https://eu-west.abm.apple.com/v1/devices", 6)]
        audit.append(EVENT.format(number, "device_enrollment_requested", 6))
        if number % 2:
            lines.append(line("ABMDeviceRegistered", 8))
            audit.append(EVENT.format(number, "device_registered", 8))
            mdm.append(f"{serial},2026-05-17T03:47:00Z,2026-05-17T03:47:09Z,abm,tok_1")
        else:
            lines.append(line("ABM response: 204", 8))
        (folder / f"logs/{serial}.log").write_bytes(text([*lines, *noise(5)]))
    (folder / "manifest.csv").write_text("\n".join(manifest) + "\n")
    (folder / "audit.ndjson").write_text("".join(audit))
    (folder / "mdm.csv").write_text("\n".join(mdm) + "\n")
    return folder
