"""The tree of a log: the hashes above its leaves, level by level, and the root that was signed."""

from collections.abc import Sequence

from abm_trace.evidence import tiles
from abm_trace.evidence._report import span
from abm_trace.evidence.verify._log import Log


def look(log: Log) -> None:
    """Name the tiles above the leaves that hold other hashes, and the records that do not lead to the signed root."""
    for level, hashes in enumerate(log.levels[1:], start=1):
        for number, width in tiles.spread(len(hashes)):
            _upper(log, level, number, hashes[number * tiles.WIDTH :][:width])
    head, size = log.report.head, log.report.looked_at
    if head is None or size < head.size or log.root(size) == head.root:
        return
    if log.is_blamed:
        log.remark("The leaf hashes do not lead to the signed root either: they were changed, too.")
    else:
        text = "do not lead to the root that was signed: one was changed, put in or taken out, and tiles with it"
        log.problem(span(log.agreed, size - 1), text)


def _upper(log: Log, level: int, number: int, hashes: Sequence[bytes]) -> None:
    path = tiles.path(level, number, len(hashes))
    if (data := log.tile(level, number, len(hashes))) is None:
        log.problem(path, "is missing")
        return
    for at, each in enumerate(hashes):
        if data[at * tiles.HASH_BYTES :][: tiles.HASH_BYTES] != each:
            count = tiles.WIDTH**level
            first = (number * tiles.WIDTH + at) * count
            log.problem(path, f"its hash over {span(first, first + count - 1)} is another one")
    if len(data) % tiles.HASH_BYTES:
        log.problem(path, f"{len(data)} bytes are no hashes")
