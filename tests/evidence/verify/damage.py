"""Damage to the log of these tests."""

import shutil
from collections.abc import Callable
from pathlib import Path

from abm_trace.evidence import tiles, tree
from abm_trace.evidence._report import Report
from abm_trace.evidence.places import Places

INPUTS = 268
SIZE = INPUTS + 2


def flipped(path: Path, at: int, report: Callable[[], Report]) -> Report:
    """The report on a log with one bit of a file changed; the file is as before afterwards."""
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
    try:
        return report()
    finally:
        path.write_bytes(before)


def rewritten(log: Places, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the entries, and all tiles with them; the checkpoint stays, and the lock is gone."""
    entries = [
        entry
        for number, width in tiles.spread(SIZE)
        for entry in tiles.unbundle((log.store / tiles.path("entries", number, width)).read_bytes())
    ]
    entries = change(entries)
    shutil.rmtree(log.store / "tile")
    files = tiles.grow(0, [tree.leaf_hash(each) for each in entries], lambda *_: [])
    for number, width in tiles.spread(len(entries)):
        files[tiles.path("entries", number, width)] = tiles.bundle(entries[256 * number :][:width])
    for path, data in files.items():
        (log.store / path).parent.mkdir(parents=True, exist_ok=True)
        (log.store / path).write_bytes(data)
