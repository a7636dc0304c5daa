"""What the lab writes about a device: rows of exports and lines of logs, before they have a byte form."""

from dataclasses import dataclass, field

import msgspec


class AuditEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event of ABM's audit export; `occurred_at` is RFC 3339."""

    id: str
    event_type: str
    occurred_at: str
    region: str
    token_id: str
    request_id: str | None = None
    serial_number: str = ""
    device_identifier: str | None = None
    reason: str | None = None


class ListedDevice(msgspec.Struct, frozen=True):
    """One row of ABM's device list."""

    device_id: str
    serial_number: str
    status: str
    status_since: str
    region: str
    token_id: str


class RegistrationStatus(msgspec.Struct, frozen=True):
    """The state that the v2 API records for a device."""

    state: str
    reason: str | None
    timestamp: str


class Lifecycle(msgspec.Struct, frozen=True, rename={"registration_status": "registrationStatus"}):
    """One answer of `/v2/devices/{id}/lifecycle`."""

    device_id: str
    serial_number: str
    registration_status: RegistrationStatus


class Inventoried(
    msgspec.Struct,
    frozen=True,
    rename={"enrollment_method": "enrollmentMethod", "abm_token_id": "abmTokenId"},
):
    """One row of the MDM's inventory."""

    serial_number: str
    udid: str
    created_at: str
    enrolled_at: str | None
    enrollment_method: str | None
    abm_token_id: str | None
    supervised: bool
    mdm: str = "mdm-main"


class Exchange(msgspec.Struct, frozen=True):
    """One captured request to an ABM endpoint with its answer."""

    at: str
    method: str
    url: str
    status: int
    token_region: str
    serial: str
    response: object


class Certificate(msgspec.Struct, frozen=True):
    """One certificate of a probed chain."""

    subject: str
    issuer: str
    not_after: str


class Probe(msgspec.Struct, frozen=True):
    """One TLS handshake with an endpoint, seen from a segment."""

    host: str
    port: int
    segment: str
    captured_at: str
    stapled: bool
    ocsp_status: str | None
    verify_code: int
    chain: list[Certificate]
    protocol: str


class ClockSample(msgspec.Struct, frozen=True):
    """One measured clock: offset = device − reference, in seconds; one of the first two names is empty."""

    serial: str
    staging_host: str
    measured_at: str
    offset_seconds: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who writes a log line: the process, and its subsystem and category where the format shows them."""

    process: str
    subsystem: str
    category: str


@dataclass(slots=True)
class Capture:
    """One recording of a device's log, from a boot on; lines are (true time, level, speaker, message)."""

    boot_at: int
    ends_at: int
    lines: list[tuple[int, str, Speaker, str]] = field(default_factory=list)
    ahead_us: int = 0
    """How far the clock that stamps the lines is ahead of the true time."""
