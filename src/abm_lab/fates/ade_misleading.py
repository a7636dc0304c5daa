"""What misleads on Apple's own way: two causes on one device, errors of another time, a change that was taken back."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import (
    FAILED,
    FORBIDDEN,
    MDMCLIENT,
    NONCE,
    NOT_FOUND,
    RETRYING,
    UCRT,
    UNAVAILABLE,
    UNVERIFIED,
    asking,
    error,
    silent,
)
from abm_lab.fates._interface import CONFIRMED, NOT_STARTED, Truth, ade
from abm_lab.fates._servers import dated, is_product, tells_changes, tells_push

_NO_MDM = ("mdm",)
_PUSHED = Truth("half_confirmed", "accepted", "L2", missing=_NO_MDM)
_UNREACHED = error("MCMDMErrorDomain", 12002, "The device cannot check in.", MDMCLIENT)
_SCEP = error("MCSCEPErrorDomain", 22005, "The SCEP server could not be reached.")


def _vanished(layer: str, cause: str | None, *contributing: str) -> Truth:
    return Truth("vanished", "requested", layer, cause, contributing)


FATES = (
    ade(
        "ade_pair_empty_34008",
        "status empty and 34008: the state comes first",
        _vanished("L0", "no_profile", "L1"),
        NOT_STARTED,
        Life(profile="empty", says=asking(UNVERIFIED, 20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_pair_released_clock",
        "released, and a wrong clock",
        _vanished("L0", "released", "L3"),
        NOT_STARTED,
        Life(org="released", profile="deleted", says=silent(20, 60), clock_s=12.5),
        servers=tells_changes,
    ),
    ade(
        "ade_pair_33014_34006",
        "33014 and 34006: the clock comes first",
        _vanished("L3", None, "L0"),
        NOT_STARTED,
        Life(says=(*asking(NONCE, 20), *asking(UNAVAILABLE, 60))),
        servers=tells_push,
    ),
    ade(
        "ade_pair_ucrt_34006",
        "no UCRT, therefore 34006: the identity comes first",
        _vanished("L6", None, "L0"),
        NOT_STARTED,
        Life(says=((19, RETRYING), (20, UCRT), (60, RETRYING), (61, UNAVAILABLE))),
        servers=tells_push,
    ),
    ade(
        "ade_pair_33024_34000",
        "33024 and then 34000: no profile comes before the network",
        _vanished("L0", "no_profile"),
        NOT_STARTED,
        Life(says=(*asking(NOT_FOUND, 20), *asking(FAILED, 60))),
        servers=tells_push,
    ),
    ade(
        "ade_pair_22005_403",
        "SCEP and 403: the refusal comes first",
        Truth("half_confirmed", "accepted", "L0", "mdm_refused", missing=_NO_MDM),
        _PUSHED,
        Life(pushed_s=60, says=((90, _SCEP), (140, FORBIDDEN))),
        servers=dated,
    ),
    ade(
        "ade_error_before_push",
        "an error of the MDM's step, then the push, then silence",
        _PUSHED,
        _PUSHED,
        Life(says=((20, _UNREACHED),), pushed_s=60),
        servers=dated,
    ),
    ade(
        "ade_error_after_all",
        "enrols, and later does not reach the MDM",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=60, enrolled_s=120, says=((300, _UNREACHED), (400, FORBIDDEN))),
        servers=tells_push,
    ),
    ade(
        "ade_redeployed_silent",
        "34008 days ago; deployed again, asks in vain",
        Truth("vanished", "requested"),
        NOT_STARTED,
        Life(says=silent(20, 60), earlier=Life(says=asking(UNVERIFIED, 20, 60)), gap_h=60),
        servers=is_product("jamf", "intune", "simplemdm", "mosyle", "nanomdm"),
    ),
    ade(
        "ade_reassigned_silent",
        "unassigned for some minutes, assigned again; asks in vain",
        Truth("vanished", "requested"),
        NOT_STARTED,
        Life(reassigned=True, says=silent(20, 60)),
        servers=tells_changes,
    ),
    ade(
        "ade_reassigned_arrives",
        "unassigned for some minutes, assigned again; enrols",
        CONFIRMED,
        CONFIRMED,
        Life(reassigned=True, pushed_s=60, enrolled_s=120),
        servers=tells_changes,
    ),
    ade(
        "ade_edge_boot_open",
        "booted 14.6 minutes ago",
        Truth("in_progress", "requested"),
        NOT_STARTED,
        Life(says=silent(20, 60), until_end=True),
        servers=dated,
        boots_before_s=(865, 890),
    ),
    ade(
        "ade_edge_boot_over",
        "booted 15.2 minutes ago",
        Truth("vanished", "requested"),
        NOT_STARTED,
        Life(says=silent(20, 60), until_end=True),
        servers=dated,
        boots_before_s=(905, 940),
    ),
    ade(
        "ade_edge_push_open",
        "fetched its profile 14.6 minutes ago",
        Truth("in_progress", "accepted"),
        Truth("in_progress", "accepted"),
        Life(pushed_s=300, until_end=True),
        servers=dated,
        boots_before_s=(1165, 1190),
    ),
    ade(
        "ade_edge_push_over",
        "fetched its profile 15.2 minutes ago",
        _PUSHED,
        _PUSHED,
        Life(pushed_s=300, until_end=True),
        servers=dated,
        boots_before_s=(1205, 1240),
    ),
)
