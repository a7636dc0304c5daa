"""What the checkpoint of a log says, held against what stands on the disk: how many records there are to look at."""

import os
from collections.abc import Iterable

from abm_trace.evidence import tiles
from abm_trace.evidence._report import Problem, span
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import Note
from abm_trace.evidence.published import CHECKPOINT, FORMAT, FORMAT_TEXT, Published
from abm_trace.evidence.verify._log import Log, tile_of


def read(log: Log) -> Note | None:
    """The note of the checkpoint, which becomes the report's head; None, and named, if there is none."""
    with log.naming(FORMAT):
        if log.folder.read(FORMAT, len(FORMAT_TEXT)) != FORMAT_TEXT:
            raise FormatError("is missing, or of another format than this program reads")
    note = None
    with log.naming(CHECKPOINT):
        if (found := Published(log.folder).checkpoint()) is None:
            raise FormatError("is missing: the store was cut, or never finished")
        log.report.head, note = found
    return note


def is_none(log: Log) -> bool:
    """Whether this folder has nothing of a log in it; then that is said, once."""
    store = log.places.store
    if any(os.path.lexists(store / name) for name in ("tile", CHECKPOINT, FORMAT)):
        return False
    log.report.problems = [Problem(str(store), "is no evidence log: it has neither checkpoint nor records")]
    return True


def size(log: Log) -> int:
    """How many records there are to look at: what the checkpoint says, else what the bundles reach to."""
    paths = log.below("tile")
    for path in paths:
        if (found := tile_of(path)) and found.width < tiles.WIDTH:
            whole = path.partition(".")[0]
            log.widest[whole] = max(found.width, log.widest.get(whole, 0))
    # Not one by one, for a checkpoint, or the name of a file, may claim any size: no more than there are files for.
    most = len(paths) * tiles.WIDTH
    stands = max(reach(paths, level, most) for level in ("entries", "0"))
    head = log.report.head
    if head and head.size > stands:
        missing = f"missing: {stands:,} entries stand here, {head.size:,} were signed. If one before was taken out, all"
        log.problem(span(stands, head.size - 1), f"{missing} behind it have moved up")
    return min(head.size, stands) if head else stands


def reach(paths: Iterable[str], level: str, most: int = 1 << 63) -> int:
    """How far the bundles, or tiles, among these files reach; those that say more than `most` do not count."""
    found = (tile_of(path) for path in paths if path.startswith(f"tile/{level}/"))
    ends = (each.number * tiles.WIDTH + each.width for each in found if each)
    return max((end for end in ends if end <= most), default=0)
