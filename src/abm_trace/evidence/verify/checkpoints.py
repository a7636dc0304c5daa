"""The checkpoints of a log, today's, those it keeps, and those that somebody kept: who signed them, and of what."""

from collections.abc import Iterable

from abm_trace.evidence._report import span
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import Checkpoint, Note, VerifierKey
from abm_trace.evidence.published import CHECKPOINT, NOTE_BYTES_MAX
from abm_trace.evidence.verify._log import Log

History = dict[int, tuple[Note, bytes]]
"""Kept checkpoints, by size and in its order: the note, and its bytes."""


def history(log: Log) -> History:
    """The checkpoints that the store keeps; those of other records are named."""
    kept: History = {}
    known = _known(log)
    for path in sorted(log.below("checkpoints")):
        with log.naming(path):
            data = log.folder.read(path, NOTE_BYTES_MAX) or b""
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
            if path != f"checkpoints/{checkpoint.size}":
                raise FormatError(f"is a checkpoint of {checkpoint.size} entries")
            if keys := _named(known, note):
                note.signers(keys)  # Else it is to blame, not the records that it is over.
            if _agrees(log, path, checkpoint):
                kept[checkpoint.size] = note, data
    return dict(sorted(kept.items()))


def follow_keys(log: Log, note: Note | None, kept: History) -> None:
    """Follow the keys from those that are trusted to those that sign today; `note` is that of the checkpoint."""
    log.trusted += log.options.keys or [key for _, key in log.ledger.added[:1]]
    if not log.trusted:
        log.problem(CHECKPOINT, "no key to check its note signature with: give one that its owner published")
        return
    known, trusted = _known(log), set(log.trusted)
    since = {key: index for index, key in reversed(log.ledger.added)}
    for size, (earlier, _) in kept.items():
        path, keys = f"checkpoints/{size}", _named(known, earlier)
        with log.naming(path):
            earlier.signers(keys)
        _lines(log, path, earlier, keys)
        signed = [key for key in keys if is_signed(earlier, key)]
        if not trusted.isdisjoint(signed):
            added = [key for key in signed if key not in trusted and since[key] < size]
            log.trusted += added
            trusted.update(added)
    if note is not None:
        _today(log, note)


def _today(log: Log, note: Note) -> None:
    report, active = log.report, list(log.ledger.active.values())
    with report.naming(CHECKPOINT):
        report.signers = note.signers(log.trusted)
    for key in report.signers:
        if report.head and key.name != report.head.origin:
            report.problem(CHECKPOINT, f"says that it is of {report.head.origin!a}; {key} is of another name")
    for key in active:
        if not is_signed(note, key):
            report.problem(CHECKPOINT, f"the note signature of {key.name}+{key.id.hex()} is missing or wrong")
    _lines(log, CHECKPOINT, note, [*active, *log.trusted])
    said = [(line.name, line.id) for line in note.lines]
    right = [(key.name, key.id) for key in active]
    if said != right and sorted(said) == sorted(right):
        report.problem(CHECKPOINT, "its signature lines are in another order than its keys came")


def hold_against_earlier(log: Log) -> None:
    """Hold the log against checkpoints that somebody kept."""
    for number, data in enumerate(log.options.earlier, start=1):
        where = f"the checkpoint that was given ({number})"
        with log.naming(where):
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
            note.signers(log.trusted)
            if _agrees(log, where, checkpoint):
                log.remark(f"The log goes on from {where}, of {checkpoint.size:,} entries.")


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Whether the note has a line of the key, and it verifies."""
    try:
        return bool(note.signers([key]))
    except FormatError:
        return False


def _agrees(log: Log, where: str, checkpoint: Checkpoint) -> bool:
    """Whether the records lead to what an earlier checkpoint says; named if not."""
    head, stands = log.report.head, len(log.leaves)
    if checkpoint.size > stands:
        text = f"the log was rolled back: {where} has {checkpoint.size:,} entries"
        log.problem(span(stands, checkpoint.size - 1), text)
        return False
    if head and checkpoint.origin != head.origin:
        log.problem(where, f"is of another log: {checkpoint.origin!a}")
        return False
    if log.root(checkpoint.size) != checkpoint.root:
        text = f"one of them is another than when {where} was signed"
        log.problem(span(log.agreed, checkpoint.size - 1), text)
        return False
    log.agreed = max(log.agreed, checkpoint.size)
    return True


def _known(log: Log) -> dict[tuple[str, bytes], VerifierKey]:
    """The keys of the log, and trusted ones, by what a signature line says of them."""
    return {(key.name, key.id): key for key in (*(key for _, key in log.ledger.added), *log.options.keys)}


def _named(known: dict[tuple[str, bytes], VerifierKey], note: Note) -> list[VerifierKey]:
    """Those of the keys that the signature lines of a note name."""
    named = (known.get((line.name, line.id)) for line in note.lines)
    return list(dict.fromkeys(key for key in named if key))


def _lines(log: Log, where: str, note: Note, keys: Iterable[VerifierKey]) -> None:
    """Name the signature lines that are no key's of the log, or stand twice."""
    known = {(key.name, key.id) for key in keys}
    for line in note.lines:
        name = f"{line.name}+{line.id.hex()}"
        if (line.name, line.id) not in known:
            log.problem(where, f"has a signature line of {name}, which is no key of this log, or a second")
        known.discard((line.name, line.id))
