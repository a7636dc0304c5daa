"""Check a log against itself and against what is known from outside: alone, offline, and without changing a byte."""

from dataclasses import replace

from abm_trace.evidence import tiles
from abm_trace.evidence._report import Options, Report
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import Note
from abm_trace.evidence.places import Places
from abm_trace.evidence.verify import ahead, checkpoints, entries, hashes, head, locked, stamps, strangers
from abm_trace.evidence.verify._log import Log
from abm_trace.evidence.verify.kept import Kept


def verify(places: Places, options: Options, bundled: Folder | None = None) -> Report:
    """What the store at these places is worth, or the part of one that a bundle holds.

    Raises EvidenceError only where there is no store at all.
    """
    if bundled is None and not places.store.is_dir():
        raise EvidenceError(
            f"{places.store}: is neither a folder nor a regular file, or is not there",
            hint="Give the folder of an evidence log, a bundle of one, or a file with a proof.",
        )
    return check(Log(places, options, bundled))


def check(log: Log) -> Report:
    """What the log is worth: each part of the check looks at it in turn."""
    report, kept = log.report, Kept(log)
    note = head.read(log)
    if note is None and not log.is_bundle and head.is_none(log):
        return report
    report.looked_at = head.size(log)
    _know(log, note)
    for number, width in tiles.spread(report.looked_at):
        entries.look(log, kept, number, width)
    entries.rules(log)
    kept.settle()
    history = checkpoints.history(log)
    hashes.look(log)
    checkpoints.follow_keys(log, note, history)
    checkpoints.hold_against_earlier(log)
    stamps.look(log, history)
    signed = locked.newest(log)
    files = {folder: log.below(folder) for folder in ("tile", "private", "stamps", "raw")}
    bundles = head.reach(files["tile"], "entries")
    covers = ahead.covered(log, max(bundles, kept.reach, signed))
    ahead.look(log, covers, bundles=bundles, private=kept.reach, signed=signed)
    strangers.look(log, files, covers, kept.digests)
    ahead.waiting(log)
    return report


def _know(log: Log, note: Note | None) -> None:
    """Leave the kept bytes alone where no trusted key signed: an entry of anybody's may claim any size of them."""
    keys = log.options.keys
    if not log.raw or not keys or note is None or any(checkpoints.is_signed(note, key) for key in keys):
        return
    # The kept checkpoints may lead from a trusted key to today's: that takes the records, and only them.
    options = replace(log.options, raw=False)
    if not check(Log(log.places, options, log.folder if log.is_bundle else None)).signers:
        log.raw = log.report.is_known = False
        log.remark("No trusted key signed anything here: the kept bytes were not looked at.")
