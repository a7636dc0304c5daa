"""Find the items of a family: one module an item, one object in each, no shared list to edit."""

import importlib
import pkgutil
from types import ModuleType

from abm_trace.core.errors import RegistryError


def discover(package: ModuleType, name: str) -> dict[str, ModuleType]:
    """The modules of `package` in name order, keyed by their id; names that begin with `_` are no items.

    Each must hold an object called `name` whose `id` is the module's name (`-` for `_`): a broken item raises
    RegistryError, for an item that is skipped quietly is a format that nobody misses until it is needed.
    """
    found = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        item_id = getattr(getattr(module, name, None), "id", None)
        if item_id != info.name.replace("_", "-"):
            message = f"{module.__name__}: needs an object {name} with id {info.name.replace('_', '-')!r}"
            raise RegistryError(message, hint=f"It has {item_id!r}.")
        found[item_id] = module
    return found
