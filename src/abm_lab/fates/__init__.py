"""The catalogue of fates. Each item of this folder holds a tuple `FATES`; adding one edits no other file."""

import importlib
import pkgutil
from functools import cache

from abm_lab.fates._interface import Fate


@cache
def discover() -> dict[str, Fate]:
    """All fates by id; two of one id are an error of the lab."""
    fates: dict[str, Fate] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if module.name.startswith("_"):
            continue
        for fate in importlib.import_module(f"{__name__}.{module.name}").FATES:
            if fate.id in fates:
                raise ValueError(f"two fates are called {fate.id}")
            fates[fate.id] = fate
    return fates
