"""What stands ahead of the checkpoint: a log that grows while it is looked at, one that was rolled back, what waits."""

import contextlib
import sqlite3
import time
from typing import Final

from abm_trace.evidence import blobs, tiles
from abm_trace.evidence._report import counted, span
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.published import Published
from abm_trace.evidence.verify._databases import count_waiting, is_journal
from abm_trace.evidence.verify._log import PAUSE_S, Log

_ATTEMPTS: Final = 5


def covered(log: Log, newest: int) -> int:
    """How many records the checkpoint covers by now: the log may have grown while it was looked at.

    Where a writer is at work and some, of `newest` that are seen, are not covered yet, it is given the time to publish
    its checkpoint.
    """
    if log.report.head is None:
        return len(log.leaves)
    size = log.report.head.size
    for _ in range(_ATTEMPTS):
        if newest <= size:
            break
        with contextlib.suppress(FormatError):
            found = Published(log.folder).checkpoint()
            if found and found[0].size > size and found[1].signers(log.trusted):
                size = found[0].size
        if newest > size:
            if not _is_being_written(log):
                break
            time.sleep(PAUSE_S)
    if size > log.report.head.size:
        log.remark(f"The log grew to {size:,} records meanwhile; those were not looked at.")
    return size


def _is_being_written(log: Log) -> bool:
    try:
        count_waiting(log.places.store, len(log.leaves))
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False


def look(log: Log, covers: int, *, bundles: int, private: int, signed: int) -> None:
    """Name the records behind what the checkpoint covers that stand in bundles or private lines, or were signed."""
    if bundles > covers:
        log.problem(
            span(covers, bundles - 1),
            "stand in the bundles and not under the checkpoint: the checkpoint was rolled back, or an append was"
            " interrupted (the next one finishes it)",
        )
    if (more := private - max(covers, bundles)) > 0:
        where = blobs.private_path((private - 1) // tiles.WIDTH)
        log.problem(where, f"has {counted(more, 'line')} more than there are records")
    if signed > covers:
        text = "were signed, and are gone: the log was rolled back to an old copy"
        log.problem(span(covers, signed - 1), text)


def waiting(log: Log) -> None:
    """Say how many acknowledged records wait for a checkpoint; a database, or a journal, that is none is named."""
    store = log.places.store
    with contextlib.suppress(OSError):
        if not is_journal(store):
            log.problem("private/staging.db-journal", "is no journal of a database")
    try:
        count = count_waiting(store, len(log.leaves))
    except sqlite3.OperationalError as error:
        why = "a writer is at work" if "locked" in str(error) else str(error)
        log.remark(f"What waits for a checkpoint was not looked at: {why}.")
    except sqlite3.Error as error:
        log.problem("private/staging.db", f"cannot be read: {error}")
    else:
        if count:
            named = counted(count, "acknowledged record")
            log.remark(f"{named} without a checkpoint: the next command on this log writes it.")
