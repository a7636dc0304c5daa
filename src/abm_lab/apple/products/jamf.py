"""Jamf Pro: mobile devices and computers, and its own list of automated enrolment."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import State, Wrapper, number, state
from abm_lab.apple.unit import Unit
from abm_lab.moments import rfc3339, rfc3339_whole

_WRAP = Wrapper('{"totalCount":{count},"results":[', "]}")
_PRESTAGE = "Rollout (simulated)"


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """An inventory record where it is enrolled; a row of the instance's enrolment list where the server tells it."""
    folder, known = f"mdm/{unit.server.name}", state(unit, until)
    if known.at is not None:
        if unit.kind.family == "Mac":
            yield record(f"{folder}/computers-inventory", _computer(unit, known, known.at), _WRAP)
        else:
            yield record(f"{folder}/mobile-devices", _mobile_device(unit, known, known.at), _WRAP)
    if unit.server.dep == "list" and unit.listed(until):
        yield record(f"{folder}/device-enrollments", _listed(unit, unit.status(until)), _WRAP)


def _mobile_device(unit: Unit, known: State, at: int) -> dict[str, object]:
    prestage = {"mobileDevicePrestageId": "3", "profileName": _PRESTAGE}
    return {
        "mobileDeviceId": str(number(unit)),
        "deviceType": "iOS",
        "hardware": {"serialNumber": unit.device.serial, "model": unit.kind.name, "modelIdentifier": unit.device.model},
        "general": {
            "udid": known.udid,
            "displayName": f"{unit.kind.family} {unit.device.serial}",
            "managed": True,
            "supervised": not known.by_hand,
            "lastEnrolledDate": rfc3339(at),
            "lastInventoryUpdateDate": rfc3339(at),
            "osVersion": unit.device.os_version,
            "osBuild": unit.device.build,
            "deviceOwnershipType": "Institutional",
            "enrollmentMethodPrestage": None if known.by_hand else prestage,
        },
    }


def _computer(unit: Unit, known: State, at: int) -> dict[str, object]:
    method = {"id": "2", "objectName": _PRESTAGE, "objectType": "PreStage enrollment"}
    by_hand = {"id": "5", "objectName": "technician", "objectType": "User-initiated - no invitation"}
    return {
        "id": str(number(unit)),
        "udid": known.udid,
        "general": {
            "name": f"{unit.kind.family} {unit.device.serial}",
            "lastEnrolledDate": rfc3339(at),
            "lastContactTime": rfc3339(at),
            "enrolledViaAutomatedDeviceEnrollment": not known.by_hand,
            "enrollmentMethod": by_hand if known.by_hand else method,
            "supervised": not known.by_hand,
            "userApprovedMdm": True,
            "remoteManagement": {"managed": True, "managementUsername": None},
            "managementId": unit.device.secure_rom_uuid.lower(),
        },
        "hardware": {"serialNumber": unit.device.serial, "model": unit.kind.name, "modelIdentifier": unit.device.model},
    }


def _listed(unit: Unit, status: str) -> dict[str, object]:
    assigned = rfc3339_whole(unit.assigned_at)
    pushed = unit.pushed_at if status in {"pushed", "removed"} else None
    return {
        "id": str(number(unit)),
        "deviceEnrollmentProgramInstanceId": "1",
        "prestageId": "3",
        "serialNumber": unit.device.serial,
        "description": f"{unit.kind.name.upper()} (SIMULATED)",
        "model": unit.kind.name,
        "color": "SILVER",
        "assetTag": "",
        "profileStatus": status.upper(),
        "syncState": {"id": 1, "serialNumber": unit.device.serial, "syncStatus": "SUCCESS", "timestamp": 0},
        "profileAssignTime": None if status == "empty" else assigned,
        "profilePushTime": None if pushed is None else rfc3339_whole(pushed),
        "deviceAssignedDate": assigned,
    }
