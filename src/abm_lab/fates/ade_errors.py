"""The device's own errors before it has its profile: L0 by their codes, interception, clock and identity."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import (
    BUSY,
    DOWN,
    FAILED,
    IDENTITY,
    NONCE,
    NOT_ACTIVATED,
    RETRYING,
    TRUST_MAC,
    UCRT,
    UNAVAILABLE,
    UNVERIFIED,
    asking,
    silent,
)
from abm_lab.fates._interface import NOT_STARTED, Truth, ade
from abm_lab.fates._servers import tells_push

_ASKED = Truth("vanished", "requested")


def _vanished(layer: str, cause: str | None = None) -> Truth:
    return Truth("vanished", "requested", layer, cause)


FATES = (
    ade(
        "ade_34004",
        "34004 to the end",
        _vanished("L0", "apple_unavailable"),
        NOT_STARTED,
        Life(says=asking(DOWN, 20, 60, 120)),
    ),
    ade(
        "ade_34005",
        "34005 to the end",
        _vanished("L0", "apple_unavailable"),
        NOT_STARTED,
        Life(says=asking(BUSY, 20, 60, 120)),
    ),
    ade(
        "ade_34006",
        "34006 to the end",
        _vanished("L0", "apple_unavailable"),
        NOT_STARTED,
        Life(says=asking(UNAVAILABLE, 20, 60, 120)),
    ),
    ade(
        "ade_34000",
        "34000 to the end: Apple's hosts are blocked",
        _vanished("L0", "network_blocked"),
        NOT_STARTED,
        Life(says=asking(FAILED, 20, 60, 120)),
    ),
    ade(
        "ade_33003",
        "33003: the device is not activated",
        _vanished("L0", "not_activated"),
        NOT_STARTED,
        Life(says=((20, RETRYING), (21, NOT_ACTIVATED))),
    ),
    ade("ade_34008", "34008: interception", _vanished("L1"), NOT_STARTED, Life(says=asking(UNVERIFIED, 20, 60))),
    ade(
        "ade_34011", "34011: interception, on a Mac", _vanished("L1"), NOT_STARTED, Life(says=asking(TRUST_MAC, 20, 60))
    ),
    ade("ade_33014", "33014 to the end", _vanished("L3"), NOT_STARTED, Life(says=asking(NONCE, 20, 60))),
    ade(
        "ade_clock",
        "a clock 9 s ahead, and no answer",
        _vanished("L3"),
        NOT_STARTED,
        Life(says=silent(20, 60), clock_s=9.3),
    ),
    ade(
        "ade_ucrt",
        "no UCRT to the end",
        _vanished("L6"),
        NOT_STARTED,
        Life(says=((19, RETRYING), (20, UCRT), (59, RETRYING), (60, UCRT))),
    ),
    ade("ade_33023", "33023: identity not verified", _vanished("L6"), NOT_STARTED, Life(says=asking(IDENTITY, 20, 60))),
    ade(
        "ade_pair_34008_34006",
        "34008 and 34006: trust comes first",
        Truth("vanished", "requested", "L1", contributing=("L0",)),
        NOT_STARTED,
        Life(says=(*asking(UNVERIFIED, 20), *asking(UNAVAILABLE, 60))),
    ),
    ade(
        "ade_pair_clock_34008",
        "a wrong clock and 34008: the clock comes first",
        Truth("vanished", "requested", "L3", contributing=("L1",)),
        NOT_STARTED,
        Life(says=asking(UNVERIFIED, 20, 60), clock_s=-8.2),
    ),
    ade("ade_silent", "asks, and nothing follows", _ASKED, NOT_STARTED, Life(says=silent(20, 60))),
    ade(
        "ade_silent_boot",
        "boots, and nothing follows",
        Truth("vanished", "booted"),
        NOT_STARTED,
        Life(),
        servers=tells_push,
    ),
)
