"""MAC addresses as tools write them, and as one key."""

import re

_SHAPES = re.compile(r"[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}")
# aa:bb:cc:dd:ee:ff, AA-BB-CC-DD-EE-FF, aabbccddeeff; Cisco's aabb.ccdd.eeff
_SIGNS = str.maketrans("", "", ":-.")
_GROUP, _LOCAL = 1, 2


def normal(text: str) -> str | None:
    """The address as `aa:bb:cc:dd:ee:ff`; None for any other text, and for what no station has (zeros, a group)."""
    text = text.strip().lower()
    if len(text) > 17 or _SHAPES.fullmatch(text) is None:
        return None
    digits = text.translate(_SIGNS)
    if int(digits[:2], 16) & _GROUP or not int(digits, 16):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def is_private(mac: str) -> bool:
    """Whether an address (as `normal` gives it) was made up by the device itself, and so names none.

    From: IEEE 802-2014, 8.2.2 (locally administered); support.apple.com/102509 (private Wi-Fi addresses).
    """
    return bool(int(mac[:2], 16) & _LOCAL)
