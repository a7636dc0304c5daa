"""L0 by a recorded state: what ABM or the enrolment service says of the device, before it asks."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import INACTIVE, INVALID, NOT_FOUND, NOT_IN_PROGRAM, UNKNOWN_DEVICE, asking, silent
from abm_lab.fates._interface import NOT_STARTED, Truth, ade
from abm_lab.fates._servers import dated, tells_changes, tells_push

_KNOWN = Truth("not_started", "known")
_NULL = "Device Enrollment configuration:\n(null)\n"
_SOON = "Error fetching Device Enrollment configuration - Request too soon.  Try again later.\n"


def _vanished(cause: str) -> Truth:
    return Truth("vanished", "requested", "L0", cause)


FATES = (
    ade(
        "ade_33005",
        "33005: unassigned, not in the program",
        _vanished("not_assigned"),
        NOT_STARTED,
        Life(org="unassigned", profile="deleted", says=asking(NOT_IN_PROGRAM, 20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_33025",
        "33025: the device is not in the organisation",
        _vanished("not_assigned"),
        _KNOWN,
        Life(org="absent", profile="unsynced", says=asking(UNKNOWN_DEVICE, 20, 60)),
    ),
    ade(
        "ade_absent",
        "no row in ABM, no answer",
        _vanished("not_assigned"),
        _KNOWN,
        Life(org="absent", profile="unsynced", says=silent(20, 60)),
    ),
    ade(
        "ade_unassigned",
        "unassigned in ABM, deleted at the service",
        _vanished("not_assigned"),
        NOT_STARTED,
        Life(org="unassigned", profile="deleted", says=silent(20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_released",
        "released from the organisation",
        _vanished("released"),
        NOT_STARTED,
        Life(org="released", profile="deleted", says=asking(NOT_IN_PROGRAM, 20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_empty",
        "status empty: no profile was assigned",
        _vanished("no_profile"),
        NOT_STARTED,
        Life(profile="empty", says=silent(20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_33024",
        "33024: no configuration, status empty",
        _vanished("no_profile"),
        NOT_STARTED,
        Life(profile="empty", says=asking(NOT_FOUND, 20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_33017",
        "33017: the configuration is not active",
        _vanished("no_profile"),
        NOT_STARTED,
        Life(says=asking(INACTIVE, 20, 60)),
        servers=tells_push,
    ),
    ade(
        "ade_34003",
        "34003: the configuration is invalid",
        _vanished("no_profile"),
        NOT_STARTED,
        Life(says=asking(INVALID, 20, 60)),
        servers=tells_push,
    ),
    ade(
        "ade_null",
        "profiles shows (null)",
        _vanished("no_profile"),
        NOT_STARTED,
        Life(says=silent(20, 60), prints=_NULL),
        servers=tells_push,
    ),
    ade(
        "ade_removed",
        "its profile was removed before it asked",
        _vanished("profile_removed"),
        NOT_STARTED,
        Life(profile="removed", says=silent(20, 60)),
        servers=dated,
    ),
    ade(
        "ade_throttled",
        "the assignment of its profile was throttled",
        _vanished("throttled"),
        Truth("not_started", "assigned"),
        Life(profile="throttled", says=silent(20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_too_soon",
        "profiles says: request too soon",
        _vanished("throttled"),
        NOT_STARTED,
        Life(says=silent(20, 60), prints=_SOON),
        servers=tells_push,
    ),
)
