"""Where a log stands: the store, which may be copied, and beside it what must never be part of a copy of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The store STORE, the lock database STORE.lock and the folder of signing keys STORE.keys."""

    store: Path
    lock: Path
    keys: Path

    @classmethod
    def of(cls, store: Path) -> "Places":
        """The places that belong to a store."""
        store = store.absolute()
        return cls(store, store.with_name(store.name + ".lock"), store.with_name(store.name + ".keys"))
