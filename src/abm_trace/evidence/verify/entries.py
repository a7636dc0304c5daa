"""The records of a log, bundle by bundle: each entry against its leaf hash, and what they add up to by the rules."""

import contextlib
from collections.abc import Sequence

from abm_trace.evidence import records, tiles, tree
from abm_trace.evidence._report import span
from abm_trace.evidence.entry import decode
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.ledger import joined
from abm_trace.evidence.verify._log import Log
from abm_trace.evidence.verify.kept import Kept


def look(log: Log, kept: Kept, number: int, width: int) -> None:
    """Look at the records of one bundle, of so many, and at what they keep."""
    base = number * tiles.WIDTH
    bundle, tile = log.tile("entries", number, width), log.tile(0, number, width)
    lines = kept.lines(number, width) if log.raw else []
    hashes: list[bytes] = []
    entries: list[bytes] = []
    if bundle is not None:
        with contextlib.suppress(FormatError):
            entries = tiles.unbundle(bundle)
            hashes = [tree.leaf_hash(each) for each in entries]
    if len(hashes) == width and b"".join(hashes) == tile:
        log.leaves += hashes
        for at, data in enumerate(entries):
            take(log, kept, base + at, data, lines)
        return
    compared = records.compare(base, width, bundle, tile)
    if not compared.problems:  # A tail that no record is blamed for.
        log.problem(tiles.path(0, number, width), "tile and bundle do not hold the same records alone")
    for index, text in compared.problems:
        log.is_blamed = True
        log.problem(f"record {index}", text)
    for at, (entry, leaf) in enumerate(zip(compared.entries, compared.leaves, strict=True)):
        said = tree.leaf_hash(entry) if entry is not None else tree.EMPTY
        log.leaves.append(leaf or said)
        if entry is None or (leaf is not None and leaf != said):
            log.ledger.skip()
        else:
            take(log, kept, base + at, entry, lines)


def take(log: Log, kept: Kept, index: int, data: bytes, lines: Sequence[str | None]) -> None:
    """Take the next record into the ledger, and look at what it keeps; `lines` are the private ones of its bundle."""
    try:
        entry = decode(data)
    except FormatError as error:
        log.problem(f"record {index}", str(error))
        log.ledger.skip()
        return
    log.ledger.take(entry)
    if log.raw:
        kept.look(index, entry, lines[index % tiles.WIDTH])


def rules(log: Log) -> None:
    """Name the records that broke a rule of the log, and those that are earlier than the one before."""
    for index, text in log.ledger.problems:
        log.problem(f"record {index}", f"breaks a rule of the log: {text}")
    for first, last in joined(log.ledger.back):
        log.remark(f"{span(first, last)}: earlier than the record before. A clock was set back, or was wrong.")
