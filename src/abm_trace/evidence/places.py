"""Where a log stands: the store, which may be copied, and beside it what must never be part of a copy of it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from abm_trace.evidence.errors import RefusedError


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

    def refuse_within(self) -> None:
        """Raises RefusedError where lock or keys stand in the store: who copies it would copy them with it."""
        store = os.path.realpath(self.store)
        for option, path in (("--lock", self.lock), ("--keys", self.keys)):
            if Path(os.path.realpath(path)).is_relative_to(store):
                raise RefusedError(
                    f"{option} {path}: is in the store, which is copied and restored, and this must never be",
                    hint=f"Name a place beside it, or leave {option} out.",
                )

    def refuse_others(self) -> None:
        """Raises RefusedError where others may change the log or its lock, or read what is private."""
        if os.name == "nt":
            return
        alone, change = stat.S_IRWXG | stat.S_IRWXO, stat.S_IWGRP | stat.S_IWOTH
        folders = (self.store, *(self.store / name for name in ("tile", "checkpoints", "stamps")))
        for path, bits, right in (
            *((folder, change, "755") for folder in folders),
            (self.store / "private", alone, "700"),
            (self.store / "raw", alone, "700"),
            (self.store / "checkpoint", change, "644"),
            (self.lock, change, "644"),
        ):
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
            except OSError:  # It is not there yet, or whoever opens it says so.
                continue
            if mode & bits:
                raise RefusedError(
                    f"{path}: others may {'change' if mode & change else 'read'} it (mode {mode:04o})",
                    hint=f"Ask who could have, and check the log. Then: chmod {right} {path}",
                )

    def holds(self, path: Path) -> bool:
        """Whether this path is, or leads by whatever links to, a part of the log: store, lock or keys.

        Hard links to kept bytes alone are not looked for: there may be millions of them, and what is in them is no
        secret of the log's own.
        """
        real = Path(os.path.realpath(path))
        lock = os.path.realpath(self.lock)
        alone = [Path(lock + suffix) for suffix in ("", "-journal", "-wal", "-shm")]
        return (
            any(
                real.is_relative_to(os.path.realpath(folder)) or _is_below(real, folder)
                for folder in (self.store, self.keys)
            )
            or any(real == each or _is_same(real, each) for each in alone)
            or self._is_linked(real)
        )

    def _is_linked(self, path: Path) -> bool:
        """Whether it is another name of a file of the keys or of the store."""
        try:
            status = path.stat()
        except OSError:
            return False
        if status.st_nlink < 2 or not stat.S_ISREG(status.st_mode):
            return False
        kept = self.store / "raw"
        for top in (self.keys, self.store):
            for folder, names, files in os.walk(top):
                if Path(folder, "raw") == kept and "raw" in names:
                    names.remove("raw")
                if any(_is_same(path, Path(folder, name)) for name in files):
                    return True
        return False


def _is_below(path: Path, folder: Path) -> bool:
    return any(_is_same(each, folder) for each in (path, *path.parents))


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names lead to one thing, also where the disk sees no difference between A and a, or by hard links."""
    try:
        return one.samefile(other)
    except OSError:
        return False
