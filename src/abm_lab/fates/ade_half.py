"""Devices in the MDM that Apple's side does not confirm, and devices that were enrolled by hand."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import silent
from abm_lab.fates._interface import Truth, ade
from abm_lab.fates._servers import dated, is_product, tells_changes

_NO_MDM, _NO_APPLE = ("mdm",), ("apple",)
_BY_HAND = Truth("half_confirmed", "requested", "L0", "enrolled_by_hand", missing=_NO_APPLE)
_BY_HAND_UNLOGGED = Truth("half_confirmed", "synced", "L0", "enrolled_by_hand", missing=_NO_APPLE)
_BY_HAND_PUSHED = Truth("half_confirmed", "accepted", "L0", "enrolled_by_hand", missing=_NO_MDM)
_RELEASED = Truth("half_confirmed", "enrolled", "L0", "released", missing=_NO_APPLE)
_UNASSIGNED = Truth("half_confirmed", "enrolled", "L0", "not_assigned", missing=_NO_APPLE)

FATES = (
    ade(
        "ade_by_hand",
        "enrolled by hand, never fetched its profile",
        _BY_HAND,
        _BY_HAND_UNLOGGED,
        Life(says=silent(20, 60), by_hand_s=500),
        servers=is_product("jamf", "intune", "fleet"),
    ),
    ade(
        "ade_by_hand_pushed",
        "fetched its profile, then enrolled by hand",
        _BY_HAND_PUSHED,
        _BY_HAND_PUSHED,
        Life(pushed_s=60, by_hand_s=500),
        servers=is_product("jamf", "intune", "fleet"),
    ),
    ade(
        "ade_half_mdm",
        "in the MDM; the service says assigned, and nothing was saved of ABM",
        Truth("half_confirmed", "enrolled", missing=_NO_APPLE),
        Truth("half_confirmed", "enrolled", missing=_NO_APPLE),
        Life(enrolled_s=120),
        servers=dated,
    ),
    ade(
        "ade_half_released",
        "in the MDM, and released from the organisation",
        _RELEASED,
        _RELEASED,
        Life(org="released", profile="deleted", enrolled_s=120),
        servers=tells_changes,
    ),
    ade(
        "ade_half_unassigned",
        "in the MDM, and unassigned in ABM",
        _UNASSIGNED,
        _UNASSIGNED,
        Life(org="unassigned", profile="deleted", enrolled_s=120),
        servers=tells_changes,
    ),
)
