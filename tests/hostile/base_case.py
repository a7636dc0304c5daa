"""The small rollout beside which every hostile input is put, in the guide dialect, written from the formats alone."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

CONFIRMED = ("F9FX01HK2C", "F9FXQ3HK2C", "F9FXQ4HK2C", "F9FXQ5HK2C")
AMBIGUOUS = "F9FXQ6HK2C"  # An empty 202 and silence: L2.
UNSTABLE = "F9FXQ7HK2C"  # Two identifiers and Code=4001: L6.
VICTIM = "F9FXQ8HK2C"  # In the manifest alone; hostile input is about this one.
NEWCOMER = "F9FXQ9HK2C"  # Named by hostile input alone.

VICTIM_SITE = "clinic-99"
VICTIM_HOST = "stg-99"

Standing = tuple[str, str | None, str]
"""Verdict, layer and last rung; `ANY` in a place where the requirements leave it open."""

ANY = "*"
NOT_STARTED: Standing = ("not_started", None, "known")
FAILED_L6: Standing = ("vanished", "L6", "requested")
REQUESTED: Standing = ("vanished", ANY, "requested")

EXPECTED: dict[str, Standing] = {
    **dict.fromkeys(CONFIRMED, ("confirmed", None, "enrolled")),
    AMBIGUOUS: ("vanished", "L2", "accepted"),
    UNSTABLE: FAILED_L6,
    VICTIM: NOT_STARTED,
}

START = datetime(2026, 5, 17, 8, 40, tzinfo=UTC)
VICTIM_BOOT_S = 360.0
REJECTED = (
    "ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "
    '"Device identifier rejected: unstable, duplicate, or missing"'
)
SENDING = "Sending enrollment request to https://us-east.abm.apple.com/v1/devices"

MANIFEST_HEADER = ("serial", "model", "os_version", "site", "region", "token_id", "staging_host")
MDM_HEADER = (
    "serial_number",
    "udid",
    "created_at",
    "enrolled_at",
    "enrollmentMethod",
    "abmTokenId",
    "supervised",
    "mdm",
)


def stamp(at_s: float) -> str:
    """The instant that many seconds after the rollout's start, RFC 3339 in UTC."""
    return (START + timedelta(seconds=at_s)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log_line(at_s: float, message: str) -> str:
    """A line in the first of the article's forms; the case names no zone, so its time is UTC."""
    time = stamp(at_s).replace("T", " ").removesuffix("Z")
    return f"{time} INFO com.apple.DeviceManagement.Enrollment [ABM] {message}"


def iso_line(at_s: float, message: str) -> str:
    """A line in the second of the article's forms."""
    return f"{stamp(at_s)} ERROR com.apple.DeviceManagement.Enrollment {message}"


def noise_line(at_s: float, text: str = "link quality changed") -> str:
    """A line that no signature is about."""
    return f"{stamp(at_s)} INFO com.apple.wifi {text}"


def failing_log(boot_s: float = VICTIM_BOOT_S, seed: str = "c3") -> list[str]:
    """The lines of a device whose identifier changed and was rejected."""
    return [
        log_line(boot_s, "Preparing for enrollment…"),
        log_line(boot_s + 5, SENDING),
        log_line(boot_s + 5.5, f"deviceIdentifier={seed * 32}"),
        log_line(boot_s + 25, SENDING),
        log_line(boot_s + 25.5, f"deviceIdentifier={'5e' + seed * 31}"),
        iso_line(boot_s + 26, REJECTED),
    ]


def ambiguous_log(boot_s: float) -> list[str]:
    """The lines of a device that was accepted with no devices, and never heard of again."""
    return [
        log_line(boot_s, "Preparing for enrollment…"),
        log_line(boot_s + 5, "ABMRegistrationStarted"),
        log_line(boot_s + 6, SENDING),
        log_line(boot_s + 7, 'ABM response: 202 {"status":"accepted","requestId":"req_6","devices":[]}'),
    ]


def enrolled_log(boot_s: float, seed: str) -> list[str]:
    """The lines of a device that went the whole way."""
    return [
        log_line(boot_s, "Preparing for enrollment…"),
        log_line(boot_s + 5, "ABMRegistrationStarted"),
        log_line(boot_s + 6, SENDING),
        log_line(boot_s + 6.5, f"deviceIdentifier={seed * 32}"),
        log_line(boot_s + 7, f'ABM response: 202 {{"status":"accepted","requestId":"req_{seed}","devices":[]}}'),
        iso_line(boot_s + 12, "ABMRegistrationSucceeded"),
        log_line(boot_s + 12.5, "ABMDeviceRegistered"),
        log_line(boot_s + 20, "MDMProfileAssigned"),
        log_line(boot_s + 40, "DEPDeviceEnrolled"),
    ]


def event(event_id: str, kind: str, at_s: float, serial: str, **more: object) -> dict[str, object]:
    """An audit event."""
    fixed = {"id": event_id, "event_type": kind, "occurred_at": stamp(at_s), "region": "us-east", "token_id": "tok_1"}
    return {**fixed, "serial_number": serial, **more}


def victim_event(event_id: str = "evt_v1", **more: object) -> dict[str, object]:
    """The event by which a reader shows that it understood a hostile audit export: the victim asked."""
    return event(event_id, "device_enrollment_requested", VICTIM_BOOT_S + 5, VICTIM, **more)


def ndjson(records: Iterable[object]) -> bytes:
    """One JSON value a line."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def table(header: Iterable[str], rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """A CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def text(lines: Iterable[str], end: str = "\n") -> bytes:
    """Lines as bytes, each ended."""
    return "".join(line + end for line in lines).encode()


def manifest_row(serial: str, site: str = VICTIM_SITE, host: str = VICTIM_HOST) -> tuple[str, ...]:
    """A device's row of the manifest."""
    return (serial, "iPad16,3", "18.4", site, "us-east", "tok_1", host)


def mdm_row(serial: str, at_s: float) -> tuple[str, ...]:
    """The MDM row of a device that enrolled then."""
    return (serial, f"udid-{serial}", stamp(at_s - 2), stamp(at_s), "abm", "tok_1", "true", "jamf")


def write_base(case: Path) -> None:
    """Writes the healthy case: four confirmed devices, two vanished ones and the victim."""
    (case / "logs").mkdir(parents=True)
    events: list[dict[str, object]] = []
    mdm = []
    # The last two boot late, so that every other device is past its deadlines by the newest event.
    for number, (serial, boot_s) in enumerate(zip(CONFIRMED, (0.0, 60.0, 1080.0, 1200.0), strict=True)):
        (case / "logs" / f"{serial}.log").write_bytes(text(enrolled_log(boot_s, f"a{number}")))
        steps = (("requested", 6), ("registered", 12.5))
        events += [event(f"evt_{number}{s}", f"device_enrollment_{s}", boot_s + at, serial) for s, at in steps]
        events.append(event(f"evt_{number}p", "profile_assigned", boot_s + 20, serial))
        events.append(event(f"evt_{number}e", "enrollment_complete", boot_s + 40, serial))
        mdm.append(mdm_row(serial, boot_s + 40))
    (case / "logs" / f"{AMBIGUOUS}.log").write_bytes(text(ambiguous_log(240)))
    (case / "logs" / f"{UNSTABLE}.log").write_bytes(text(failing_log(300, "b7")))
    events.append(event("evt_5", "device_enrollment_requested", 246, AMBIGUOUS, request_id="req_6"))
    events.append(event("evt_6", "device_enrollment_requested", 305, UNSTABLE))
    rows = [manifest_row(serial, "clinic-01", "stg-01") for serial in (*CONFIRMED, AMBIGUOUS, UNSTABLE)]
    (case / "manifest.csv").write_text(table(MANIFEST_HEADER, [*rows, manifest_row(VICTIM)]))
    (case / "audit.ndjson").write_bytes(ndjson(events))
    (case / "mdm.csv").write_text(table(MDM_HEADER, mdm))
