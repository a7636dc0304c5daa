"""The MDM products that answer over HTTP: each item of this folder holds a table `PRODUCT`, and edits no other."""

import importlib
import pkgutil
from functools import cache

from abm_lab.serve.products._interface import Product


@cache
def discover() -> dict[str, Product]:
    """All served products by name; NanoMDM is none, for it posts webhooks and has no inventory."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}").PRODUCT
        for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name)
        if not module.name.startswith("_")
    }
