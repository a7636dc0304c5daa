"""Microsoft Intune (Graph): managed devices and imported Apple device identities."""

from collections.abc import Iterator

from abm_lab.apple.pieces import Piece, record
from abm_lab.apple.products._interface import Wrapper, state
from abm_lab.apple.unit import Unit
from abm_lab.moments import rfc3339_whole

_GRAPH = "https://graph.microsoft.com/beta/$metadata#deviceManagement"
_DEVICES = Wrapper(f'{{"@odata.context":"{_GRAPH}/managedDevices","@odata.count":{{count}},"value":[', "]}")
_IDENTITIES = Wrapper(
    f'{{"@odata.context":"{_GRAPH}/depOnboardingSettings(\'1\')/importedAppleDeviceIdentities","value":[', "]}"
)


def pieces(unit: Unit, until: int) -> Iterator[Piece]:
    """A managed device where it is enrolled, and an imported identity where the token's list holds it."""
    folder, known, device = f"mdm/{unit.server.name}", state(unit, until), unit.device
    if known.at is not None:
        managed = {
            "id": device.secure_rom_uuid.lower(),
            "deviceName": f"{unit.kind.family} {device.serial}",
            "serialNumber": device.serial,
            "udid": known.udid,
            "enrolledDateTime": rfc3339_whole(known.at),
            "lastSyncDateTime": rfc3339_whole(known.at),
            "operatingSystem": "macOS" if unit.kind.family == "Mac" else unit.kind.os,
            "osVersion": device.os_version,
            "model": unit.kind.name,
            "deviceEnrollmentType": "userEnrollment" if known.by_hand else "appleBulkWithoutUser",
            "isSupervised": not known.by_hand,
            "enrollmentProfileName": None if known.by_hand else "Rollout (simulated)",
            "managementAgent": "mdm",
        }
        yield record(f"{folder}/managed-devices", managed, _DEVICES)
    if unit.listed(until):
        # An enrolment by hand does not go by the identity.
        automated = None if known.by_hand else known.at
        identity = {
            "id": device.io_platform_uuid.lower(),
            "serialNumber": device.serial,
            "requestedEnrollmentProfileId": unit.server.id.lower(),
            "requestedEnrollmentProfileAssignmentDateTime": rfc3339_whole(unit.assigned_at),
            "isSupervised": True,
            "discoverySource": "deviceEnrollmentProgram",
            "isDeleted": False,
            "createdDateTime": rfc3339_whole(unit.assigned_at),
            "lastContactedDateTime": "0001-01-01T00:00:00Z" if automated is None else rfc3339_whole(automated),
            "enrollmentState": "notContacted" if automated is None else "enrolled",
            "platform": "macOS" if unit.kind.family == "Mac" else "ios",
        }
        yield record(f"{folder}/imported-identities", identity, _IDENTITIES)
