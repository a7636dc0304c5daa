"""Check a log against itself and against what is known from outside: alone, offline, and without changing a byte."""

import contextlib
import hashlib
import os
import re
import sqlite3
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from abm_trace.evidence import blobs, records, stamp, tiles, tree
from abm_trace.evidence._databases import count_waiting, is_journal, signed_before
from abm_trace.evidence._dates import impossible
from abm_trace.evidence._report import Options, Problem, Report, counted, span
from abm_trace.evidence.entry import KEPT, Entry, decode
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.ledger import Ledger, joined
from abm_trace.evidence.note import Checkpoint, Note, VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import BUNDLE_BYTES_MAX, CHECKPOINT, FORMAT, FORMAT_TEXT, NOTE_BYTES_MAX, Published

TIMES_MAX: Final = 100
"""How many times its size a kept file is expanded where no key is given, by which to know who says so. Origin: ours."""

_ATTEMPTS: Final = 5
_PAUSE_S: Final = 0.2

_TILE: Final = re.compile(r"tile/(\d|entries)/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)
_RAW: Final = re.compile(r"raw/([0-9a-f]{2})/(\1[0-9a-f]{62})\.zst", re.ASCII)
_PRIVATE: Final = re.compile(r"private/((?:x\d{3}/)*\d{3})", re.ASCII)
_STAGING: Final = re.compile(r"private/staging\.db(-journal)?", re.ASCII)
_TEMPORARY: Final = re.compile(r"tmp/[0-9a-f]{16}", re.ASCII)
_EMPTY: Final = re.compile(r"raw/[0-9a-f]{2}|tile/(\d|entries)/((?:x\d{3}/)*\d{3})\.p", re.ASCII)
"""Folders that may be left empty: by a purge, and by a crash between a full tile and its partial ones."""

_FOLDERS: Final = frozenset({"tile", "checkpoints", "stamps", "private", "raw", "tmp"})
_FILES: Final = frozenset({CHECKPOINT, FORMAT})


def verify(places: Places, options: Options, bundled: Folder | None = None) -> Report:
    """What the store at these places is worth, or the part of one that a bundle holds.

    Raises EvidenceError only where there is no store at all.
    """
    if bundled is None and not places.store.is_dir():
        raise EvidenceError(
            f"{places.store}: is neither a folder nor a regular file, or is not there",
            hint="Give the folder of an evidence log, a bundle of one, or a file with a proof.",
        )
    return _Check(places, options, bundled).run()


class _Check:
    def __init__(self, places: Places, options: Options, bundled: Folder | None) -> None:
        self.places, self.options = places, options
        self.folder = bundled or Folder(places.store)
        self.is_bundle = bundled is not None
        self.report = Report()
        self.ledger = Ledger()
        self.leaves: list[bytes] = []
        self.named: set[int] = set()
        self.digests: set[str] = set()
        self.kept_lines: list[int] = []
        self.nonces = array("Q")
        self.purged_lines: list[int] = []
        self.missing: list[tuple[int, str]] = []
        self.trusted: list[VerifierKey] = []
        self.agreed = 0
        self.levels: list[list[bytes]] = []
        self.widest: dict[str, int] = {}
        self.private = set(self._below("private"))
        self.raw = options.raw
        self.private_reach = 0
        self.dated: list[tuple[int, int, str]] = []

    def run(self) -> Report:
        note = self._head()
        if note is None and not self.is_bundle and self._is_none():
            return self.report
        self.report.looked_at = size = self._size()
        self._known(note)
        for number, width in tiles.spread(size):
            self._bundle(number, width)
        self._levels()
        self._rules()
        history = self._history()
        self._tree(size)
        self._keys(note, history)
        self._earlier()
        self._stamps(history)
        self._dates()
        signed = self._lock()
        files = {folder: self._below(folder) for folder in ("tile", "private", "stamps", "raw")}
        reach = self._reach(files["tile"], "entries")
        covered = self._covered(max(reach, self.private_reach, signed))
        self._ahead(covered, reach, signed)
        self._strangers(files, covered)
        self._waiting()
        return self.report

    # The head.

    def _head(self) -> Note | None:
        try:
            if self.folder.read(FORMAT, len(FORMAT_TEXT)) != FORMAT_TEXT:
                self.report.problem(FORMAT, "is missing, or of another format than this program reads")
        except EvidenceError as error:
            self.report.problem(FORMAT, str(error))
        try:
            found = Published(self.folder).checkpoint()
        except FormatError as error:
            self.report.problem(CHECKPOINT, str(error))
            return None
        if found is None:
            self.report.problem(CHECKPOINT, "is missing: the store was cut, or never finished")
            return None
        self.report.head = found[0]
        return found[1]

    def _is_none(self) -> bool:
        """Whether this folder has nothing of a log in it; then that is said, once."""
        if any(os.path.lexists(self.places.store / name) for name in ("tile", *_FILES)):
            return False
        text = "is no evidence log: it has neither checkpoint nor records"
        self.report.problems = [Problem(str(self.places.store), text)]
        return True

    def _size(self) -> int:
        """How many records there are to look at: what the checkpoint says, else what the bundles reach to."""
        paths = self._below("tile")
        for path in paths:
            if (found := _TILE.fullmatch(path)) and found[3]:
                whole = path.partition(".")[0]
                self.widest[whole] = max(int(found[3]), self.widest.get(whole, 0))
        # Not one by one, for a checkpoint, or the name of a file, may claim any size: no more than there are files for.
        most = len(paths) * tiles.WIDTH
        reach = max(self._reach(paths, level, most) for level in ("entries", "0"))
        if self.report.head is None:
            return reach
        size = self.report.head.size
        if size > reach:
            missing = f"missing: {reach:,} entries stand here, {size:,} were signed. If one before was taken out, all"
            self.report.problem(span(reach, size - 1), f"{missing} behind it have moved up")
        return min(size, reach)

    def _reach(self, paths: Iterable[str], level: str, most: int = 1 << 63) -> int:
        """How far the bundles, or tiles, among these files reach; those that say more than `most` do not count."""
        found = (_TILE.fullmatch(path) for path in paths if path.startswith(f"tile/{level}/"))
        ends = (_number(each[2]) * tiles.WIDTH + int(each[3] or tiles.WIDTH) for each in found if each)
        return max((end for end in ends if end <= most), default=0)

    def _known(self, note: Note | None) -> None:
        """Leave the kept bytes alone where no trusted key signed: an entry of anybody's may claim any size of them."""
        keys = self.options.keys
        if not self.raw or not keys or note is None or any(_signed(note, key) for key in keys):
            return
        # The kept checkpoints may lead from a trusted key to today's: that takes the records, and only them.
        alone = _Check(self.places, replace(self.options, raw=False), self.folder if self.is_bundle else None)
        if alone.run().signers:
            return
        self.raw = self.report.is_known = False
        self.report.remarks.append("No trusted key signed anything here: the kept bytes were not looked at.")

    # The records.

    def _bundle(self, number: int, width: int) -> None:
        base = number * tiles.WIDTH
        bundle, tile = self._tile("entries", number, width), self._tile(0, number, width)
        lines = self._private(number, width) if self.raw else []
        hashes: list[bytes] = []
        entries: list[bytes] = []
        if bundle is not None:
            with contextlib.suppress(FormatError):
                entries = tiles.unbundle(bundle)
                hashes = [tree.leaf_hash(each) for each in entries]
        if len(hashes) == width and b"".join(hashes) == tile:
            self.leaves += hashes
            for at, data in enumerate(entries):
                self._entry(base + at, data, lines)
            return
        compared = records.compare(base, width, bundle, tile)
        if not compared.problems:  # A tail that no record is blamed for.
            self.report.problem(tiles.path(0, number, width), "tile and bundle do not hold the same records alone")
        for index, text in compared.problems:
            self.named.add(index)
            self.report.problem(f"record {index}", text)
        for at, (entry, leaf) in enumerate(zip(compared.entries, compared.leaves, strict=True)):
            said = tree.leaf_hash(entry) if entry is not None else tree.EMPTY
            self.leaves.append(leaf or said)
            if entry is None or (leaf is not None and leaf != said):
                self.ledger.skip()
            else:
                self._entry(base + at, entry, lines)

    def _tile(self, level: int | str, number: int, width: int) -> bytes | None:
        """The bytes of a tile or bundle, of a wider one where that is gone; None if it cannot be read."""
        bytes_max = BUNDLE_BYTES_MAX if level == "entries" else tiles.WIDTH * tiles.HASH_BYTES
        paths = [tiles.path(level, number, width), whole := tiles.path(level, number)]
        if width < (widest := self.widest.get(whole, 0)):
            paths.append(f"{whole}.p/{widest}")
        for path in dict.fromkeys(paths):
            try:
                data = self.folder.read(path, bytes_max)
            except EvidenceError as error:
                self.report.problem(path, str(error).removeprefix(f"{path}: "))
                return None
            if data is None:
                continue
            if path.endswith(f".p/{width}") or width == tiles.WIDTH:
                return data
            with contextlib.suppress(FormatError):
                return _beginning(level, data, width)
        return None

    def _entry(self, index: int, data: bytes, lines: Sequence[str | None]) -> None:
        try:
            entry = decode(data)
        except FormatError as error:
            self.report.problem(f"record {index}", str(error))
            self.ledger.skip()
            return
        self.ledger.take(entry)
        if not self.raw:
            return
        line = lines[index % tiles.WIDTH]
        if entry.kind in KEPT:
            self._kept(index, entry, line)
        elif line not in {None, blobs.NOTHING}:
            self.report.problem(f"record {index}", "keeps nothing, and has a private line")

    # What is kept.

    def _private(self, number: int, width: int) -> list[str | None]:
        path = blobs.private_path(number)
        if self.is_bundle and path not in self.private:
            return [blobs.NOTHING] * width
        try:
            lines: list[str | None] = [*Published(self.folder).private(number, errors="surrogateescape")]
        except EvidenceError as error:
            self.report.problem(path, str(error).removeprefix(f"{path}: "))
            return [None] * width
        if len(lines) < width:
            base = number * tiles.WIDTH
            self.report.problem(span(base + len(lines), base + width - 1), f"their lines in {path} are missing")
        if len(lines) > tiles.WIDTH:
            self.report.problem(
                path, f"has {counted(len(lines) - tiles.WIDTH, 'line')} more than a file of records has"
            )
        elif len(lines) > width:  # Or the log grew, which the next checkpoint says.
            self.private_reach = max(self.private_reach, number * tiles.WIDTH + len(lines))
        return [*lines, *([None] * (width - len(lines)))]

    def _kept(self, index: int, entry: Entry, line: str | None) -> None:
        if line is None:
            return  # Named already.
        where = f"record {index}"
        try:
            secret = blobs.Secret.parse(line)
        except FormatError as error:
            self.report.problem(where, str(error))
            return
        if secret is None:
            self.purged_lines.append(index)
            return
        self.digests.add(secret.sha256)
        self.nonces.append(int.from_bytes(secret.nonce[:8], "big"))
        self.kept_lines.append(index)
        if blobs.binding_commitment(secret) != entry.binds:
            self.report.problem(where, "its nonce or binding (path, device, token) is another than was committed to")
        path = blobs.path_of(secret.sha256)
        try:
            file = self.folder.open(path)
            if file is None:
                self.missing.append((index, path))
                return
            with file:
                times_max = 0 if self.options.keys else TIMES_MAX
                opened = blobs.open_stored(file, secret.nonce, entry.size_bytes or 0, times_max)
        except (EvidenceError, OSError) as error:
            self.report.problem(where, f"{path}: {str(error).removeprefix(f'{path}: ')}")
            return
        as_stored = opened.stored.hexdigest() == entry.stored
        if opened.problem == blobs.TOO_MUCH and as_stored:  # What was put in its place is named, however far it goes.
            said = (
                f"{where}: {entry.size_bytes or 0:,} bytes out of {path}, more than {TIMES_MAX} times what is stored."
            )
            self.report.remarks.append(f"{said} Not looked at without --key: anybody could claim that.")
            return
        if opened.problem:
            self.report.problem(where, f"{path}: {opened.problem}")
        elif (opened.commitment, opened.sha256, opened.size_bytes) != (entry.c, secret.sha256, entry.size_bytes):
            self.report.problem(where, f"{path}: is not what was committed to")
        elif not as_stored:
            self.report.problem(where, f"{path}: the same bytes, stored in another way than was committed to")
        elif entry.lines and opened.lines != entry.lines:
            self.report.problem(where, f"{path}: its lines are others than were committed to")
        self.report.kept += 1
        self.report.kept_bytes += opened.size_bytes

    # The tree.

    def _levels(self) -> None:
        """The hashes of each level, out of the leaf hashes."""
        level = self.leaves
        while level:
            self.levels.append(level)
            level = [
                tree.full_root(level[at : at + tiles.WIDTH])
                for at in range(0, len(level) - tiles.WIDTH + 1, tiles.WIDTH)
            ]

    def _root(self, size: int) -> bytes:
        """The root over the first records, as their leaf hashes have it."""
        return tiles.root(size, lambda level, number, width: self.levels[level][number * tiles.WIDTH :][:width])

    def _tree(self, size: int) -> None:
        head = self.report.head
        for level, hashes in enumerate(self.levels[1:], start=1):
            for number, width in tiles.spread(len(hashes)):
                self._upper(level, number, hashes[number * tiles.WIDTH :][:width])
        if head is None or size < head.size or self._root(size) == head.root:
            return
        if not self.named:
            text = "do not lead to the root that was signed: one was changed, put in or taken out, and tiles with it"
            self.report.problem(span(self.agreed, size - 1), text)
        else:
            self.report.remarks.append("The leaf hashes do not lead to the signed root either: they were changed, too.")

    def _upper(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        path = tiles.path(level, number, len(hashes))
        data = self._tile(level, number, len(hashes))
        if data is None:
            self.report.problem(path, "is missing")
            return
        for at, each in enumerate(hashes):
            if data[at * tiles.HASH_BYTES :][: tiles.HASH_BYTES] != each:
                count = tiles.WIDTH**level
                first = (number * tiles.WIDTH + at) * count
                self.report.problem(path, f"its hash over {span(first, first + count - 1)} is another one")
        if len(data) % tiles.HASH_BYTES:
            self.report.problem(path, f"{len(data)} bytes are no hashes")

    # The rules.

    def _rules(self) -> None:
        report, ledger = self.report, self.ledger
        for index, text in ledger.problems:
            report.problem(f"record {index}", f"breaks a rule of the log: {text}")
        for first, last in joined(ledger.back):
            report.remarks.append(
                f"{span(first, last)}: earlier than the record before. A clock was set back, or was wrong."
            )
        for index in self.purged_lines:
            if ledger.is_purged(index):
                report.purged += 1
            elif self.is_bundle:
                report.withheld += 1
            else:
                report.problem(f"record {index}", "its bytes and nonce were deleted, and no purge entry says so")
        nonces = sorted(self.nonces)
        if (twice := sum(one == other for one, other in pairwise(nonces))) or nonces[:1] == [0]:
            report.remarks.append(
                f"Nonces that were used before: {twice:,}. They have to be random: each opens more than its own record."
            )
        unfinished = [index for index in self.kept_lines if ledger.is_purged(index)]
        if unfinished:
            names = ", ".join(span(first, last) for first, last in joined(unfinished))
            report.remarks.append(f"{names}: purged, and not yet deleted; the next append finishes it.")
        for index, path in self.missing:
            if not ledger.is_purged(index):
                report.problem(f"record {index}", f"{path}: is missing, and no purge entry says so")

    # Keys and what they signed before.

    def _history(self) -> dict[int, tuple[Note, bytes]]:
        """The checkpoints that the store keeps, by size; those of other records are named."""
        kept = {}
        for path in sorted(self._below("checkpoints")):
            try:
                data = self.folder.read(path, NOTE_BYTES_MAX) or b""
                note = Note.parse(data)
                checkpoint = Checkpoint.parse(note.text)
            except EvidenceError as error:
                self.report.problem(path, str(error))
                continue
            keys = self._named_keys(note)
            if path != f"checkpoints/{checkpoint.size}":
                self.report.problem(path, f"is a checkpoint of {checkpoint.size} entries")
            elif keys and not self._signers(path, note, keys):
                continue  # It is to blame, not the records that it is over.
            elif self._agrees(path, checkpoint):
                kept[checkpoint.size] = note, data
        return dict(sorted(kept.items()))

    def _agrees(self, where: str, checkpoint: Checkpoint) -> bool:
        """Whether the records lead to what an earlier checkpoint says; named if not."""
        head = self.report.head
        if checkpoint.size > len(self.leaves):
            gone = span(len(self.leaves), checkpoint.size - 1)
            self.report.problem(gone, f"the log was rolled back: {where} has {checkpoint.size:,} entries")
            return False
        if head and checkpoint.origin != head.origin:
            self.report.problem(where, f"is of another log: {checkpoint.origin!a}")
            return False
        if self._root(checkpoint.size) != checkpoint.root:
            self.report.problem(
                span(self.agreed, checkpoint.size - 1), f"one of them is another than when {where} was signed"
            )
            return False
        self.agreed = max(self.agreed, checkpoint.size)
        return True

    def _named_keys(self, note: Note) -> list[VerifierKey]:
        """The keys of the log, or trusted ones, that the signature lines of a note name."""
        known = {(key.name, key.id): key for key in (*(key for _, key in self.ledger.added), *self.options.keys)}
        named = (known.get((line.name, line.id)) for line in note.lines)
        return list(dict.fromkeys(key for key in named if key))

    def _keys(self, note: Note | None, history: dict[int, tuple[Note, bytes]]) -> None:
        """Follow the keys from those that are trusted to those that sign today."""
        report = self.report
        self.trusted += self.options.keys
        if not self.trusted and self.ledger.added:
            self.trusted = [self.ledger.added[0][1]]
        if not self.trusted:
            report.problem(CHECKPOINT, "no key to check its note signature with: give one that its owner published")
            return
        since = {key: index for index, key in reversed(self.ledger.added)}
        trusted = set(self.trusted)
        for size, (kept, _) in history.items():
            keys = self._named_keys(kept)
            if not keys:
                self._signers(f"checkpoints/{size}", kept, keys)
            self._lines(f"checkpoints/{size}", kept, keys)
            signed = [key for key in keys if _signed(kept, key)]
            if not trusted.isdisjoint(signed):
                added = [key for key in signed if key not in trusted and since[key] < size]
                self.trusted += added
                trusted |= {*added}
        if note is None:
            return
        report.signers = self._signers(CHECKPOINT, note, self.trusted)
        for key in report.signers:
            if report.head and key.name != report.head.origin:
                report.problem(CHECKPOINT, f"says that it is of {report.head.origin!a}; {key} is of another name")
        for key in self.ledger.active.values():
            if not _signed(note, key):
                report.problem(CHECKPOINT, f"the note signature of {key.name}+{key.id.hex()} is missing or wrong")
        active = list(self.ledger.active.values())
        self._lines(CHECKPOINT, note, [*active, *self.trusted])
        said = [(line.name, line.id) for line in note.lines]
        right = [(key.name, key.id) for key in active]
        if said != right and set(said) == set(right) and len(said) == len(right):
            report.problem(CHECKPOINT, "its signature lines are in another order than its keys came")

    def _lines(self, where: str, note: Note, keys: Iterable[VerifierKey]) -> None:
        """Name the signature lines that are no key's of the log, or stand twice."""
        known = {(key.name, key.id) for key in keys}
        for line in note.lines:
            name = f"{line.name}+{line.id.hex()}"
            if (line.name, line.id) not in known:
                self.report.problem(where, f"has a signature line of {name}, which is no key of this log, or a second")
            known.discard((line.name, line.id))

    def _signers(self, where: str, note: Note, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
        """Those of the keys that signed; a note without, or with a wrong line, is named."""
        try:
            return note.signers(keys)
        except FormatError as error:
            self.report.problem(where, str(error))
            return []

    def _earlier(self) -> None:
        """Hold the log against checkpoints that somebody kept."""
        for number, data in enumerate(self.options.earlier, start=1):
            where = f"the checkpoint that was given ({number})"
            try:
                kept = Note.parse(data)
                checkpoint = Checkpoint.parse(kept.text)
            except FormatError as error:
                self.report.problem(where, str(error))
                continue
            if self._signers(where, kept, self.trusted) and self._agrees(where, checkpoint):
                self.report.remarks.append(f"The log goes on from {where}, of {checkpoint.size:,} entries.")

    # Witnesses from outside.

    def _stamps(self, history: dict[int, tuple[Note, bytes]]) -> None:
        digests = {hashlib.sha256(data).digest(): (size, data) for size, (_, data) in history.items()}
        stamped = set[int]()
        for path in sorted(self._below("stamps")):
            try:
                answer = self.folder.read(path, stamp.ANSWER_BYTES_MAX) or b""
                found = stamp.parse(answer)
                size, data = digests.get(found.digest, (0, b""))
                if not data:
                    self.report.problem(path, "is over no checkpoint that the store keeps")
                    continue
                if path != f"stamps/{size}.{hashlib.sha256(answer).hexdigest()[:8]}.tsr":
                    self.report.problem(path, "is not what its name says")
                if self.options.roots:
                    stamp.check(found, data, self.options.roots)
            except EvidenceError as error:
                self.report.problem(path, str(error))
                continue
            self.dated.append((size, found.at, path))
            stamped.add(size)
            if self.report.anchor is None or found.at > self.report.anchor[0].at:
                self.report.anchor = found, size, bool(self.options.roots)

        before = 0
        for size in history:
            if size not in stamped and not any(before <= index < size for index in self.ledger.keyed):
                self.report.remarks.append(
                    f"checkpoints/{size} is kept, no key came or went with it, and no time stamp is over it: an"
                    " authority was asked and its answer not kept, or the stamp was taken away."
                )
            before = size

    def _dates(self) -> None:
        """Name the records whose dates cannot be."""
        for text, (first, last) in impossible(self.ledger.times, self.dated, self.options.now):
            self.report.problem(span(first, last), text)

    def _lock(self) -> int:
        """Hold the log against every checkpoint that this machine signed: how many entries the newest one has.

        0 where the lock database is not at hand, or cannot be read.
        """
        head, previous, agrees = self.report.head, 0, True
        if self.is_bundle:
            self.report.remarks.append(
                "A bundle shows the log as it was at its checkpoint; hold it against another one with --since FILE."
            )
            return 0
        if not os.path.lexists(self.places.lock):
            self.report.remarks.append(
                "No lock database stands beside the store: that the log was not rolled back to an older state of its"
                " own is shown only by a checkpoint kept elsewhere (--since FILE)."
            )
            return 0
        try:
            rows, undone = signed_before(self.places.lock)
            if undone:
                self.report.remarks.append(
                    f"A crash cut a write of {self.places.lock}; what stood in it before was looked at. The next append"
                    " undoes it."
                )
            for size, root in rows:
                if not isinstance(size, int) or size <= previous:
                    raise sqlite3.DatabaseError("a row that is no checkpoint")
                if agrees and size <= len(self.leaves) and self._root(size) != root:
                    agrees = False  # All later ones are over that record, too.
                    self.report.problem(
                        span(previous, size - 1), f"one of them is another than when {size:,} entries were signed"
                    )
                previous = size
        except sqlite3.Error as error:
            if "locked" in str(error):
                self.report.remarks.append(f"{self.places.lock} was not looked at: a writer is at work.")
            else:
                self.report.problem(str(self.places.lock), f"cannot be read: {error}")
            return 0
        if head and head.size > previous:
            self.report.problem(
                span(previous, head.size - 1), f"are under a checkpoint that {self.places.lock} never saw"
            )
        return previous

    # What is ahead of the checkpoint.

    def _covered(self, newest: int) -> int:
        """How many records the checkpoint covers by now: the log may have grown while it was looked at.

        Where a writer is at work and some are not covered yet, it is given the time to publish its checkpoint.
        """
        if self.report.head is None:
            return len(self.leaves)
        covered = self.report.head.size
        for _ in range(_ATTEMPTS):
            if newest <= covered:
                break
            with contextlib.suppress(FormatError):
                found = Published(self.folder).checkpoint()
                if found and found[0].size > covered and found[1].signers(self.trusted):
                    covered = found[0].size
            if newest > covered:
                if not self._is_being_written():
                    break
                time.sleep(_PAUSE_S)
        if covered > self.report.head.size:
            self.report.remarks.append(f"The log grew to {covered:,} records meanwhile; those were not looked at.")
        return covered

    def _is_being_written(self) -> bool:
        try:
            count_waiting(self.places.store, len(self.leaves))
        except sqlite3.Error as error:
            return "locked" in str(error)
        return False

    def _ahead(self, covered: int, reach: int, signed: int) -> None:
        if reach > covered:
            self.report.problem(
                span(covered, reach - 1),
                "stand in the bundles and not under the checkpoint: the checkpoint was rolled back, or an append was"
                " interrupted (the next one finishes it)",
            )
        if self.private_reach > max(covered, reach):
            where = blobs.private_path((self.private_reach - 1) // tiles.WIDTH)
            count = self.private_reach - max(covered, reach)
            self.report.problem(where, f"has {counted(count, 'line')} more than there are records")
        if signed > covered:
            self.report.problem(
                span(covered, signed - 1), "were signed, and are gone: the log was rolled back to an old copy"
            )

    # What does not belong.

    def _below(self, folder: str) -> list[str]:
        try:
            return list(self.folder.below(folder))
        except FormatError as error:
            found = Problem(folder, str(error).removeprefix(f"{folder}: "))
            if found not in self.report.problems:  # It is asked for more than once.
                self.report.problems.append(found)
            return []

    def _strangers(self, files: Mapping[str, list[str]], size: int) -> None:
        """Name the files that are no part of a log of so many records."""
        orphans = 0
        for path in sorted(files["tile"]):
            if found := _TILE.fullmatch(path):
                self._partial(path, found, size)
            else:
                self.report.problem(path, "is no part of a log")
        for path in sorted(files["private"]):
            found = _PRIVATE.fullmatch(path)
            belongs = _STAGING.fullmatch(path) or (found and _number(found[1]) * tiles.WIDTH < size)
            if not belongs and self.report.head is not None:
                self.report.problem(path, "is no part of this log")
        for path in () if self.is_bundle else self._empty():
            self.report.problem(path, "is an empty folder, and no part of a log")
        for path in () if self.is_bundle else sorted(self._top()):
            self.report.problem(path, "is no part of a log")
        cut = 0
        for path in () if self.is_bundle else self._below("tmp"):
            if _TEMPORARY.fullmatch(path):
                cut += 1
            else:
                self.report.problem(path, "is no part of a log")
        if cut:
            self.report.remarks.append(f"tmp/ holds {cut:,} files that are being written, or were cut by a crash.")
        for path in sorted(files["raw"]) if self.raw else ():
            found = _RAW.fullmatch(path)
            if found is None:
                self.report.problem(path, "is no part of a log")
            elif found[2] not in self.digests:
                orphans += 1
        if orphans:
            self.report.remarks.append(
                f"files of raw/ that belong to none of these records: {orphans:,}. An addition is at work, or was"
                " interrupted before its entries were acknowledged (`evidence purge` then removes them)."
            )

    def _empty(self) -> list[str]:
        """The folders in which nothing stands, and that no log has so; a writer is given the time to fill its own."""
        store = self.places.store
        found = []
        for above, folders, names in os.walk(store):
            path = Path(above).relative_to(store).as_posix()
            if not folders and not names and path not in {".", *_FOLDERS} and not _EMPTY.fullmatch(path):
                found.append(path)
        if found:
            time.sleep(_PAUSE_S)
        return [path for path in sorted(found) if (store / path).is_dir() and not any((store / path).iterdir())]

    def _top(self) -> Iterator[str]:
        """What stands in the folder of the store and is no part of it."""
        try:
            with os.scandir(self.places.store) as found:
                for each in found:
                    if each.name not in _FILES | _FOLDERS or each.is_file(follow_symlinks=False) != (
                        each.name in _FILES
                    ):
                        yield each.name
        except OSError as error:
            self.report.problem(str(self.places.store), f"cannot be listed: {error.strerror}")

    def _partial(self, path: str, found: "re.Match[str]", size: int) -> None:
        """A partial tile that a wider one has replaced still has to be its beginning."""
        number = _number(found[2])
        width = int(found[3] or tiles.WIDTH)
        level = found[1] if found[1] == "entries" else int(found[1])
        count = size if level == "entries" else size >> 8 * int(level)
        stands = min(count - number * tiles.WIDTH, tiles.WIDTH)
        if stands <= 0 or width > stands:
            if not (level == "entries" and number * tiles.WIDTH + width > size):  # Those are named above.
                self.report.problem(path, "holds more than the checkpoint covers")
            return
        if width == stands:
            return
        whole, part = self._tile(level, number, stands), self._tile(level, number, width)
        with contextlib.suppress(FormatError):  # A wider one that is damaged is named above.
            if whole is not None and part is not None and part != _beginning(level, whole, width):
                self.report.problem(path, "is not the beginning of the wider tile")

    def _waiting(self) -> None:
        with contextlib.suppress(OSError):
            if not is_journal(self.places.store):
                self.report.problem("private/staging.db-journal", "is no journal of a database")
        try:
            waiting = count_waiting(self.places.store, len(self.leaves))
        except sqlite3.Error as error:
            if not isinstance(error, sqlite3.OperationalError):
                self.report.problem("private/staging.db", f"cannot be read: {error}")
                return
            why = "a writer is at work" if "locked" in str(error) else str(error)
            self.report.remarks.append(f"What waits for a checkpoint was not looked at: {why}.")
            return
        if waiting:
            named = counted(waiting, "acknowledged record")
            self.report.remarks.append(f"{named} without a checkpoint: the next command on this log writes it.")


def _number(digits: str) -> int:
    """The number of a tile's path."""
    return int(digits.replace("x", "").replace("/", ""))


def _beginning(level: int | str, data: bytes, width: int) -> bytes:
    """The first things of a full tile or bundle, as the partial one had them. Raises FormatError."""
    if level == "entries":
        return tiles.bundle(tiles.unbundle(data)[:width])
    return data[: width * tiles.HASH_BYTES]


def _signed(note: Note, key: VerifierKey) -> bool:
    """Whether the note has a line of the key, and it verifies."""
    try:
        return bool(note.signers([key]))
    except FormatError:
        return False
