"""Time on Apple's own way: deadlines still open, devices deployed again after days, migration from another MDM."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import FAILED, UNAVAILABLE, asking, silent
from abm_lab.fates._interface import CONFIRMED, NOT_STARTED, Truth, ade
from abm_lab.fates._servers import dated, is_product

_OPEN = Truth("in_progress", "booted")
_OPEN_PUSHED = Truth("in_progress", "accepted")
_FRESH = Life(pushed_s=60, enrolled_s=120)
_UNAVAILABLE = Life(says=asking(UNAVAILABLE, 20, 60))
_GAP_H = 60.0
_NAMED_TIMES = is_product("jamf", "intune", "simplemdm", "mosyle", "nanomdm")

FATES = (
    ade(
        "ade_in_progress",
        "booted some minutes ago",
        _OPEN,
        NOT_STARTED,
        Life(),
        servers=dated,
        boots_before_s=(100, 700),
    ),
    ade(
        "ade_in_progress_pushed",
        "fetched its profile some minutes ago",
        _OPEN_PUSHED,
        _OPEN_PUSHED,
        Life(pushed_s=60),
        servers=dated,
        boots_before_s=(150, 700),
    ),
    ade(
        "ade_late_push",
        "booted 25 minutes ago, fetched its profile 14 minutes later",
        _OPEN_PUSHED,
        _OPEN_PUSHED,
        Life(pushed_s=660),
        servers=dated,
        boots_before_s=(1200, 1300),
    ),
    ade(
        "ade_redeployed_arrives",
        "34006 days ago; deployed again, enrols",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=60, enrolled_s=120, earlier=_UNAVAILABLE, gap_h=_GAP_H),
        servers=_NAMED_TIMES,
    ),
    ade(
        "ade_redeployed_vanishes",
        "enrolled days ago; deployed again, 34000",
        Truth("vanished", "requested", "L0", "network_blocked"),
        CONFIRMED,
        Life(says=asking(FAILED, 20, 60), earlier=_FRESH, gap_h=_GAP_H),
        servers=_NAMED_TIMES,
    ),
    ade(
        "ade_rebooted",
        "34006, booted again within the day, enrols: one journey",
        CONFIRMED,
        CONFIRMED,
        Life(says=asking(UNAVAILABLE, 20), pushed_s=60, enrolled_s=120, earlier=_UNAVAILABLE, gap_h=7),
        servers=_NAMED_TIMES,
    ),
    ade(
        "ade_rebooted_vanishes",
        "34006, booted again within the day, asks in vain",
        Truth("vanished", "requested", "L0", "apple_unavailable"),
        NOT_STARTED,
        Life(says=silent(20, 60), earlier=_UNAVAILABLE, gap_h=7),
        servers=dated,
    ),
    ade(
        "ade_new_board",
        "enrolled days ago; a new board, a new UDID, enrols again",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=60, enrolled_s=120, earlier=_FRESH, gap_h=_GAP_H, new_board=True),
        servers=_NAMED_TIMES,
    ),
    ade(
        "ade_migrated",
        "moved from another MDM, enrolled",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=60, enrolled_s=120, migration="SUCCESS"),
    ),
    ade(
        "ade_migration_stopped",
        "moves from another MDM; fetched its profile, and silence",
        Truth("half_confirmed", "accepted", "L2", missing=("mdm",)),
        Truth("half_confirmed", "accepted", "L2", missing=("mdm",)),
        Life(pushed_s=60, migration="STARTED"),
        servers=dated,
    ),
    ade(
        "ade_migration_waits",
        "is to move, and nobody has restarted it",
        NOT_STARTED,
        NOT_STARTED,
        Life(boots=False, migration="REQUESTED"),
        servers=dated,
    ),
)
