"""A planted cause: columns that the devices which fail share, so that a contrast has something to find."""

import random
from collections.abc import Mapping
from dataclasses import replace

from abm_lab.fates._interface import Fate
from abm_lab.fleet import Device

COLUMNS = frozenset({"model", "model_number", "os_version", "build"})
"""What can be planted: what a device is, and not where or when it was staged."""

FAILING = frozenset({"vanished", "half_confirmed", "rejected"})
SHARE = 0.97
"""How many of the failing devices show it; the rest are as made."""

ALONE = 0.3
"""How many of the others show each of the columns, but never all of them."""


def plant(device: Device, fate: Fate, planted: Mapping[str, str], seed: int) -> Device:
    """The device with the planted columns as its fate asks; the same seed gives the same."""
    if not planted:
        return device
    rng = random.Random(seed)
    if fate.truth.verdict in FAILING:
        return replace(device, **planted) if rng.random() < SHARE else device  # type: ignore[arg-type]
    shown = {column: value for column, value in planted.items() if rng.random() < ALONE}
    if len(shown) == len(planted):
        shown.pop(next(iter(shown)))
    return replace(device, **shown)  # type: ignore[arg-type]
