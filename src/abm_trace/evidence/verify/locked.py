"""The lock database beside a log: the log held against what this machine signed, and the time stamps that it kept."""

import os
import sqlite3

from abm_trace.evidence._report import span
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import Checkpoint, Note
from abm_trace.evidence.verify._databases import Locked, locked_before
from abm_trace.evidence.verify._log import Log


def newest(log: Log) -> int:
    """How many entries the newest signed checkpoint has; 0 where the lock is not at hand, or cannot be read."""
    lock = log.places.lock
    if log.is_bundle:
        log.remark("A bundle shows the log as it was at its checkpoint; hold it against another one with --since FILE.")
        return 0
    if not os.path.lexists(lock):
        log.remark(
            "No lock database stands beside the store: that the log was not rolled back to an older state of its"
            " own is shown only by a checkpoint kept elsewhere (--since FILE)."
        )
        return 0
    try:
        said, undone = locked_before(lock)
        if undone:
            log.remark(
                f"A crash cut a write of {lock}; what stood in it before was looked at. The next append undoes it."
            )
        previous = _hold(log, said.signed)
        _note(log, said)
    except sqlite3.Error as error:
        if "locked" in str(error):
            log.remark(f"{lock} was not looked at: a writer is at work.")
        else:
            log.problem(str(lock), f"cannot be read: {error}")
        return 0
    there = {*log.below("stamps")}
    for path in said.stamps:
        if path not in there:
            log.problem(f"{path}", f"is missing: {lock} remembers that this time stamp was kept")
    if log.report.head and log.report.head.size > previous:
        text = f"are under a checkpoint that {lock} never saw"
        log.problem(span(previous, log.report.head.size - 1), text)
    return previous


def _note(log: Log, said: Locked) -> None:
    """Look at the note that the next checkpoint goes on from. Raises sqlite3.DatabaseError."""
    if not said.signed:
        return
    try:
        note = Note.parse(said.note if isinstance(said.note, bytes) else b"")
        checkpoint = Checkpoint.parse(note.text)
        if (checkpoint.size, checkpoint.root) != said.signed[-1]:
            raise FormatError("is of another checkpoint")
        named = {(line.name, line.id) for line in note.lines}
        if keys := [key for _, key in log.ledger.added if (key.name, key.id) in named]:
            note.signers(keys)
    except FormatError as error:
        raise sqlite3.DatabaseError(f"the note of its newest checkpoint is damaged: {error}") from error


def _hold(log: Log, rows: list[tuple[object, object]]) -> int:
    """Hold the records against sizes and roots; the largest size. Raises sqlite3.DatabaseError."""
    previous, agrees = 0, True
    for size, root in rows:
        if not isinstance(size, int) or size <= previous:
            raise sqlite3.DatabaseError("a row that is no checkpoint")
        if agrees and size <= len(log.leaves) and log.root(size) != root:
            agrees = False  # All later ones are over that record, too.
            log.problem(span(previous, size - 1), f"one of them is another than when {size:,} entries were signed")
        previous = size
    return previous
