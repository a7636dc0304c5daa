"""NanoMDM: no inventory, but a webhook event of every check-in, its body a plist in base64."""

import base64
import plistlib
from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, line
from abm_lab.apple.unit import Enrolment, Unit
from abm_lab.moments import SECOND, rfc3339

_TOPIC = "com.apple.mgmt.External.9f2c0f7e-7a52-4d0c-8a4f-2f6c1e9d5b30"


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """Authenticate with the serial, TokenUpdate, and where the device waited in Setup Assistant its release."""
    path = f"mdm/{unit.server.name}/webhooks.ndjson"
    for told in unit.enrolments:
        waits = told.configured_at is not None
        steps: list[tuple[int | None, dict[str, object], int | None]] = [
            (told.authenticated_at, _authenticate(unit, told), None)
        ]
        if told.by_hand_at is None:
            steps.append((told.enrolled_at, _token_update(told, awaiting=True if waits else None), 1))
            steps.append((told.configured_at, _token_update(told, awaiting=False), 2))
        for at, message, tally in steps:
            if at is not None and at <= until:
                yield line(path, _event(told.udid, at, message, tally))


def _authenticate(unit: Unit, told: Enrolment) -> dict[str, object]:
    return {
        "MessageType": "Authenticate",
        "BuildVersion": unit.device.build,
        "OSVersion": unit.device.os_version,
        "ProductName": unit.device.model,
        "SerialNumber": unit.device.serial,
        "Topic": _TOPIC,
        "UDID": told.udid,
    }


def _token_update(told: Enrolment, *, awaiting: bool | None) -> dict[str, object]:
    message: dict[str, object] = {
        "MessageType": "TokenUpdate",
        "PushMagic": "5F1C21E8-2E64-4B51-9C58-0A5F9D0B6C11",
        "Token": b"simulated by abm-lab, no token  ",
        "Topic": _TOPIC,
        "UDID": told.udid,
    }
    return message if awaiting is None else message | {"AwaitingConfiguration": awaiting}


def _event(udid: str, at: int, message: dict[str, object], tally: int | None) -> dict[str, object]:
    event: dict[str, object] = {
        "udid": udid,
        "enrollment_id": udid,
        "raw_payload": base64.b64encode(plistlib.dumps(message, sort_keys=True)).decode(),
    }
    if tally is not None:
        event["token_update_tally"] = tally
    return {
        "topic": f"mdm.{message['MessageType']}",
        "event_id": f"{at // SECOND:x}-{udid[-8:]}",
        "created_at": rfc3339(at),
        "checkin_event": event,
    }
