"""The MDM products: each item of this folder tells one unit in its product's own export. Adding one edits no other."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache

from abm_lab.apple.pieces import Piece
from abm_lab.apple.unit import Unit

Product = Callable[[Unit, int], Iterator[Piece]]
"""`pieces(unit, until)`: what the product's exports, made at `until`, hold of the unit."""


@cache
def discover() -> dict[str, Product]:
    """All products by name."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}").pieces
        for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name)
        if not module.name.startswith("_")
    }
