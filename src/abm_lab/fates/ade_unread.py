"""Devices whose two sides nobody has read: of another server, or after the last export."""

from dataclasses import replace

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import FAILED, FORBIDDEN, NONCE, RETRYING, UCRT, UNVERIFIED, Saying, asking, silent
from abm_lab.fates._interface import NOT_STARTED, Fate, Truth, ade
from abm_lab.fates._servers import dated, tells_changes, untold

_HOUR_S = 3600.0
_NIGHT = (1 * _HOUR_S, 9 * _HOUR_S)
_BOTH = ("apple", "mdm")
_PUSHED = Truth("unknown", "accepted", missing=("mdm",))
_ASSIGNED = Truth("not_started", "assigned")
_BEFORE_H = (11.0, 23.0)
"""So many hours before its boot a device of the night was assigned: the last exports still show it."""


def _elsewhere(name: str, title: str, truth: Truth, says: tuple[tuple[float, Saying], ...]) -> Fate:
    return ade(f"ade_elsewhere{name}", title, truth, _ASSIGNED, Life(says=says), servers=untold)


def _night(name: str, title: str, truth: Truth, life: Life) -> Fate:
    life = replace(life, assigned_h=_BEFORE_H)
    return ade(f"ade_night_{name}", title, truth, NOT_STARTED, life, servers=dated, boots_before_s=_NIGHT)


def _old_inventory(name: str, title: str, truth: Truth, unlogged: Truth, life: Life) -> Fate:
    life = replace(life, assigned_h=_BEFORE_H)
    return ade(f"ade_inventory_{name}", title, truth, unlogged, life, servers=dated, boots_before_s=_NIGHT)


FATES = (
    _elsewhere("", "of another server, no error", Truth("unknown", "requested", missing=_BOTH), silent(20, 60)),
    _elsewhere(
        "_34008", "of another server, ends with 34008", Truth("vanished", "requested", "L1"), asking(UNVERIFIED, 20)
    ),
    _night(
        "arrives",
        "enrols after the last export",
        Truth("unknown", "booted", missing=_BOTH),
        Life(pushed_s=60, enrolled_s=120),
    ),
    _night(
        "asks", "asks after the last export", Truth("unknown", "requested", missing=_BOTH), Life(says=silent(20, 60))
    ),
    _night(
        "34000",
        "ends with 34000 after the last export",
        Truth("vanished", "requested", "L0", "network_blocked"),
        Life(says=asking(FAILED, 20, 60)),
    ),
    _night(
        "33014",
        "ends with 33014 after the last export",
        Truth("vanished", "requested", "L3"),
        Life(says=asking(NONCE, 20, 60)),
    ),
    _night(
        "ucrt",
        "ends without UCRT after the last export",
        Truth("vanished", "requested", "L6"),
        Life(says=((19, RETRYING), (20, UCRT))),
    ),
    _old_inventory("arrives", "enrols after the last inventory", _PUSHED, _PUSHED, Life(pushed_s=60, enrolled_s=120)),
    _old_inventory(
        "34000",
        "ends with 34000 after the last inventory",
        Truth("vanished", "requested", "L0", "network_blocked"),
        NOT_STARTED,
        Life(says=asking(FAILED, 20, 60)),
    ),
    _old_inventory(
        "403",
        "is refused by the MDM after the last inventory",
        Truth("unknown", "accepted", "L0", "mdm_refused", missing=("mdm",)),
        _PUSHED,
        Life(pushed_s=60, says=((90, FORBIDDEN),)),
    ),
    ade(
        "ade_inventory_closing",
        "its push is synced exactly at the end",
        Truth("in_progress", "accepted"),
        Truth("in_progress", "accepted"),
        Life(pushed_s=57, until_end=True, assigned_h=_BEFORE_H),
        servers=tells_changes,
        boots_before_s=(60, 60),
    ),
    ade(
        "ade_night_closing",
        "asks exactly at the end, minutes after its boot",
        Truth("in_progress", "requested"),
        NOT_STARTED,
        Life(says=((300, RETRYING),), until_end=True, assigned_h=_BEFORE_H),
        servers=dated,
        boots_before_s=(300, 300),
    ),
)
