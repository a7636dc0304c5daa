"""The writer of a log. Its order of writing is what makes a crash harmless (docs/evidence.md, "Order of writing")."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import BinaryIO, Final, NamedTuple, Self

from abm_trace.core import instants
from abm_trace.evidence import blobs, keys, tiles, tree
from abm_trace.evidence.entry import VERSION, Entry, Kept, decode, encode
from abm_trace.evidence.errors import EvidenceError, FormatError, RefusedError
from abm_trace.evidence.files import Folder, refusing
from abm_trace.evidence.lock import Lock
from abm_trace.evidence.note import Checkpoint, Line, Note, VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import CHECKPOINT, FORMAT, FORMAT_TEXT, Published
from abm_trace.evidence.staging import Row, Staging

STAGING: Final = "private/staging.db"
LEAVES_MAX: Final = 1_000
"""A checkpoint is due at so many waiting entries. Origin: ours (docs/evidence.md)."""


class Pending(NamedTuple):
    """An entry that is ready to be acknowledged, with its line of the private files."""

    entry: Entry
    secret: str = blobs.NOTHING


class Writer:
    """Appends to a log, alone: a second writer is refused. Opening it finishes what a crash interrupted.

    Everything raises EvidenceError; RefusedError where the store is not what this machine last signed.
    """

    def __init__(self, places: Places, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        places.refuse_within()
        self.places = places
        self.folder = Folder(places.store)
        self.published = Published(self.folder)
        self._random = random
        self.head: Checkpoint | None = None
        self._note: Note | None = None
        self._waiting: list[Row] = []
        self._erasing: list[tuple[int, int]] = []
        """What this writer appended to be erased, and has not signed yet."""
        self._signing: Checkpoint | None = None
        """What the lock may hold since this writer last tried."""
        if self.folder.read(FORMAT, 100) != FORMAT_TEXT:
            raise EvidenceError(
                f"{places.store}: is no evidence log",
                hint="Make one: abm-trace evidence key new STORE --origin NAME --actor YOU",
            )
        if not places.lock.exists():
            self._refuse_unlocked("is missing")  # Before SQLite makes an empty one, which would look like a lock.
        places.refuse_others()
        self._staging = Staging(places.store / STAGING)
        try:
            self._lock = Lock(places.lock)
            try:
                self.folder.tidy()
                self._recover()
                self._own = self.size
                self._finish_erasing()
            except BaseException:
                self._lock.close()
                raise
        except BaseException:
            self._staging.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Let go of the log; at an error, what is not signed yet is taken back."""
        try:
            if error is not None:
                self._take_back(error)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the log; what waits for a checkpoint stays acknowledged."""
        self._staging.close()
        self._lock.close()

    # What is appended.

    @property
    def size(self) -> int:
        """How many entries are acknowledged: the index of the next one."""
        return (self.head.size if self.head else 0) + len(self._waiting)

    def keep(self, kind: Kept, source: BinaryIO, *, now: int, origin: str, binding: blobs.Binding) -> Pending:
        """Store bytes and make their entry, which `append` acknowledges. UnreadableError is the source's."""
        kept = blobs.keep(self.folder, source, binding, self._random)
        entry = Entry(
            VERSION,
            instants.render(now),
            kind,
            c=kept.commitment,
            size_bytes=kept.size_bytes,
            stored=kept.stored,
            binds=blobs.binding_commitment(kept.secret),
            lines=kept.lines,
            source=origin,
        )
        return Pending(entry, kept.secret.render())

    def append(self, entries: Sequence[Pending], *, erasing: Iterable[tuple[int, int]] = ()) -> range:
        """Acknowledge entries: what comes back are their indexes, and they survive a crash from here on.

        Raises EvidenceError, and nothing is appended, if one of the keys that would sign them cannot.
        """
        secrets_ = [blobs.Secret.parse(each.secret) for each in entries]
        self.folder.sync([blobs.path_of(each.sha256) for each in secrets_ if each])
        first = self.size
        rows = []
        for index, each in enumerate(entries, start=first):
            data = encode(each.entry)
            rows.append(Row(index, tree.leaf_hash(data), data, each.secret))
        self._active(rows)
        erasing = list(erasing)
        self._staging.ingest(rows, erasing)
        self._waiting += rows
        self._erasing += erasing
        return range(first, self.size)

    def waiting(self) -> list[bytes]:
        """The acknowledged entries that are not yet under a checkpoint, in order."""
        return [row.entry for row in self._waiting]

    def checkpoint(self) -> Checkpoint | None:
        """Sign and publish the waiting entries: the head of the log from here on, None if it has no entries.

        Raises EvidenceError. If it was not signed, what this writer appended for it is taken back: what a command
        was refused must not happen with the next one. What was signed stands, and the error says so.
        """
        if not self._waiting:
            return self.head
        self._signing = None
        try:
            files, after = self._stage()
            self._signing = after
            note = self._sign(after)
            self._lock_in(after, note)
        except BaseException as error:
            self._take_back(error)
            raise
        first, self._own, self._erasing = self._own, after.size, []
        try:
            self._publish_tiles(files, note)
            self._publish_checkpoint(note)
            self._clean(files, after)
            self._finish_erasing()
        except EvidenceError as error:
            raise _stands(error, first, after.size - 1, "and signed") from error
        return after

    def _take_back(self, error: BaseException) -> None:
        """Forget what this writer appended, unless its checkpoint stands in the lock. Raises EvidenceError if not."""
        first, self._own = self._own, self.size  # What cannot be taken back now is not tried again: it stands.
        if first == self._own:
            return
        try:
            newest = self._lock.newest()
            is_signed = newest is not None and newest[0] == self._signing
            if not is_signed:
                self._staging.take_back(first, self._erasing)
        except EvidenceError:
            raise _stands(error, first, self._own - 1, "though not signed yet") from error
        if is_signed:
            raise _stands(error, first, self._own - 1, "and signed") from error
        self._waiting = [row for row in self._waiting if row.at < first]
        self._own, self._erasing = first, []

    def keep_stamp(self, path: str, answer: bytes) -> None:
        """Keep the answer of an authority, and remember that it was kept. Raises EvidenceError."""
        self.folder.put({path: answer})
        self._lock.remember(path)  # Then only, or a crash between would look like a stamp that was taken away.

    # The steps of a checkpoint, in their order.

    def _stage(self) -> tuple[dict[str, bytes], Checkpoint]:
        before = self.head.size if self.head else 0
        after = before + len(self._waiting)
        files = tiles.grow(before, [row.leaf for row in self._waiting], self.published.tile)
        root = tiles.root(after, self._reader(files))
        files |= self._bundles(before)
        if any(decode(row.entry).kind == "key" for row in self._waiting):
            files[f"checkpoints/{after}"] = b""  # Kept, for it leads from the old keys to the new: the note itself.
        self._staging.stage(after, files)
        return files, Checkpoint(self.origin, after, root)

    def _sign(self, checkpoint: Checkpoint) -> Note:
        text = checkpoint.text()
        signers = [keys.load(self.places.keys, key.name, key.id) for key in self._active()]
        return Note(text, tuple(Line(each.key.name, each.key.id, each.sign(text)) for each in signers))

    def _lock_in(self, checkpoint: Checkpoint, note: Note) -> None:
        self._lock.swap(self.head, checkpoint, note)

    def _publish_tiles(self, files: Mapping[str, bytes], note: Note) -> None:
        self.folder.put({path: data or note.render() for path, data in files.items()})

    def _publish_checkpoint(self, note: Note) -> None:
        self.folder.put({CHECKPOINT: note.render()})

    def _clean(self, files: Mapping[str, bytes], checkpoint: Checkpoint) -> None:
        for path in files:
            if path.startswith("tile/") and ".p/" not in path:
                self.folder.remove(f"{path}.p")
        self._staging.clear(checkpoint.size)
        self.head, self._note = self._lock.newest() or (None, None)
        self._waiting = []

    def _bundles(self, before: int) -> dict[str, bytes]:
        """The entry bundles and private files that change."""
        first, begun = divmod(before, tiles.WIDTH)
        entries = [row.entry for row in self._waiting]
        lines = [row.secret for row in self._waiting]
        if begun:
            entries = self.published.bundle(first, begun) + entries
            lines = self.published.private(first)[:begun] + lines
        made = {}
        for number in range(0, len(entries), tiles.WIDTH):
            part = entries[number : number + tiles.WIDTH]
            at = first + number // tiles.WIDTH
            made[tiles.path("entries", at, len(part))] = tiles.bundle(part)
            text = "".join(f"{line}\n" for line in lines[number : number + tiles.WIDTH])
            made[blobs.private_path(at)] = text.encode()
        return made

    def _reader(self, files: Mapping[str, bytes]) -> tiles.Read:
        """Reads tiles as they will be when `files` are published."""

        def read(level: int, number: int, width: int) -> Sequence[bytes]:
            data = files.get(tiles.path(level, number, width))
            return tiles.hashes_of(data) if data else self.published.tile(level, number, width)

        return read

    # Who signs.

    @property
    def origin(self) -> str:
        """The name of the log, which is the name of its keys."""
        if self.head:
            return self.head.origin
        for key in self._active():
            return key.name
        raise EvidenceError(
            f"{self.places.store}: has no key yet", hint="abm-trace evidence key new STORE --origin NAME"
        )

    def _active(self, more: Sequence[Row] = ()) -> list[VerifierKey]:
        """The keys that sign the next checkpoint: those of the last one, as the waiting key entries change them.

        `more` are entries that would wait, too. Raises EvidenceError for a key that cannot be used.
        """
        found = {line.id: line.name for line in self._note.lines} if self._note else {}
        for row in (*self._waiting, *more):
            entry = decode(row.entry)
            if entry.kind == "key":
                key = VerifierKey.parse(entry.key)
                found.pop(key.id, None)
                if entry.act == "add":
                    found[key.id] = key.name
        return [keys.load(self.places.keys, name, key_id).key for key_id, name in found.items()]

    def active(self) -> list[VerifierKey]:
        """The keys that sign the next checkpoint. Raises EvidenceError for one that cannot be used."""
        return self._active()

    # What a crash left.

    def _recover(self) -> None:
        """Compare the store with the lock and finish what was begun. Raises RefusedError if they contradict."""
        published, locked = self.published.checkpoint(), self._lock.newest()
        size, files = self._staging.staged()
        if not locked:
            self._refuse_unlocked("has signed nothing")
        if published and locked and published[0].size > locked[0].size:
            raise RefusedError(
                f"{self.places.store}: has {published[0].size:,} entries, {self.places.lock} signed {locked[0].size:,}",
                hint="Somebody else signed, or the lock is lost. Bring back the lock database of this store.",
            )
        if locked and (not published or published[0].size < locked[0].size):
            self._replay(locked, published[0].size if published else 0, size, files)
        elif published and locked and published[0] != locked[0]:
            raise RefusedError(
                f"{self.places.store}: its {published[0].size:,} entries are not those that were signed",
                hint="Bring back the store that belongs to this lock: abm-trace evidence verify STORE",
            )
        if locked:
            self.head, self._note = locked
            self._check_edge(locked[0])
            if files and size == locked[0].size:
                self._clean(files, locked[0])
        done = locked[0].size if locked else 0
        rows = [row for row in self._staging.ingested() if row.at >= done]
        if [row.at for row in rows] != list(range(done, done + len(rows))):
            raise RefusedError(
                f"{self.places.store}: acknowledged entries behind record {done - 1} are missing",
                hint="The store is an old copy: bring back the newest one.",
            )
        self._waiting = rows

    def _refuse_unlocked(self, how: str) -> None:
        """Raises RefusedError where something is published, be it without its checkpoint, and no lock knows of it."""
        published = (path for folder in ("tile", "checkpoints", "private") for path in self.folder.below(folder))
        if self.published.checkpoint() or any(not path.startswith(STAGING) for path in published):
            raise RefusedError(
                f"{self.places.lock}: {how}, and {self.places.store} holds records that were signed with it",
                hint="Bring back the lock database of this store; without it nothing can be added.",
            )

    def _replay(self, locked: tuple[Checkpoint, Note], begun: int, size: int, files: Mapping[str, bytes]) -> None:
        """Publish what was signed and not yet published. Raises RefusedError if it is not staged: an old copy."""
        checkpoint, note = locked
        try:
            whole = size == checkpoint.size and tiles.root(size, self._reader(files)) == checkpoint.root
        except FormatError:
            whole = False
        if not whole:
            raise RefusedError(
                f"{self.places.store}: was rolled back: {_spoken(begun, checkpoint.size - 1)} signed and not in it",
                hint="It is an old copy or backup. Bring back the newest one; nothing can be added to this one.",
            )
        self._publish_tiles(files, note)
        self._publish_checkpoint(note)

    def _check_edge(self, checkpoint: Checkpoint) -> None:
        """Whether that which the next entries go on from is there, and leads to the root."""
        number, width = divmod(checkpoint.size, tiles.WIDTH)
        try:
            whole = tiles.root(checkpoint.size, self.published.tile) == checkpoint.root
            if width:
                entries = self.published.bundle(number, width)
                hashes = list(self.published.tile(0, number, width))
                whole = whole and [tree.leaf_hash(each) for each in entries] == hashes
                whole = whole and len(self.published.private(number)) == width
        except FormatError as error:
            raise RefusedError(f"{self.places.store}: damaged: {error}", hint=_VERIFY) from error
        if not whole:
            raise RefusedError(f"{self.places.store}: its newest tiles do not lead to the signed root", hint=_VERIFY)

    # What is purged.

    def _finish_erasing(self) -> None:
        """Delete bytes and nonces of the ranges whose purge entries are published."""
        ranges = self._staging.erasing()
        if not ranges or self._waiting:
            return
        gone: set[str] = set()
        for number in _numbers(ranges):
            gone |= {each.sha256 for each in self._secrets(number, ranges, inside=True)}
        size = self.head.size if self.head else 0
        for number, _ in tiles.spread(size):
            gone -= {each.sha256 for each in self._secrets(number, ranges, inside=False)}
        for digest in sorted(gone):
            self.folder.remove(blobs.path_of(digest))
        for number in _numbers(ranges):
            lines = self.published.private(number)
            text = "".join(
                f"{blobs.NOTHING if _holds(ranges, number * tiles.WIDTH + at) else line}\n"
                for at, line in enumerate(lines)
            )
            self.folder.put({blobs.private_path(number): text.encode()})
        self._staging.erased()

    def sweep(self) -> int:
        """Remove kept files that no record refers to, which an interrupted addition left: how many."""
        known: set[str] = set()
        for number, _ in tiles.spread(self.head.size if self.head else 0):
            known |= {each.sha256 for line in self.published.private(number) if (each := blobs.Secret.parse(line))}
        known |= {each.sha256 for row in self._waiting if (each := blobs.Secret.parse(row.secret))}
        strays = [
            path for path in self.folder.below("raw") if path.rpartition("/")[2].removesuffix(".zst") not in known
        ]
        for path in strays:
            self.folder.remove(path)
        return len(strays)

    def _secrets(self, number: int, ranges: Sequence[tuple[int, int]], *, inside: bool) -> Iterable[blobs.Secret]:
        for at, line in enumerate(self.published.private(number)):
            if _holds(ranges, number * tiles.WIDTH + at) == inside and (secret := blobs.Secret.parse(line)):
                yield secret


_VERIFY: Final = "See what is wrong: abm-trace evidence verify STORE"


def _holds(ranges: Sequence[tuple[int, int]], index: int) -> bool:
    return any(first <= index <= last for first, last in ranges)


def _spoken(first: int, last: int) -> str:
    return f"record {last} was" if first >= last else f"records {first} to {last} were"


def _stands(error: BaseException, first: int, last: int, how: str) -> EvidenceError:
    """The error, and that what was appended is in the log all the same."""
    return EvidenceError(
        f"{str(error) or 'interrupted'}; {_spoken(first, last)} taken into the log, {how}",
        hint="That stands: mend the cause, and the next command on this log finishes it. Do not repeat this one.",
    )


def _numbers(ranges: Iterable[tuple[int, int]]) -> list[int]:
    """The bundles that the ranges touch."""
    return sorted({number for first, last in ranges for number in range(first // tiles.WIDTH, last // tiles.WIDTH + 1)})


def create(places: Places, origin: str, entries: Callable[[VerifierKey], Sequence[Pending]]) -> VerifierKey:
    """Make a log and its first key; `entries` gives its first entries. Raises EvidenceError if there is one."""
    places.refuse_within()
    folder = Folder(places.store)
    if folder.read(FORMAT, 100) is not None:
        with Writer(places) as writer:
            if writer.size:
                raise EvidenceError(f"{places.store}: is an evidence log already")
    elif places.store.exists() and any(places.store.iterdir()):
        raise EvidenceError(f"{places.store}: is there, and no evidence log", hint="Name a folder that is not there.")
    elif places.lock.exists():
        raise RefusedError(f"{places.lock}: is there: the log of this name has signed before", hint=_VERIFY)
    with refusing(places.store):
        places.store.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.make("private")
    key = keys.create(places.keys, origin)
    folder.put({FORMAT: FORMAT_TEXT})
    with Writer(places) as writer:
        writer.append(entries(key))
        writer.checkpoint()
    return key
