"""The published half of a store as a reader sees it: checkpoint, tiles, bundles, private lines."""

from collections.abc import Iterator, Sequence

from abm_trace.evidence import blobs, tiles, tree
from abm_trace.evidence.entry import KEPT, Entry, decode
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import Checkpoint, Note, proof_file

CHECKPOINT = "checkpoint"
FORMAT, FORMAT_TEXT = "format", b"abm-trace/evidence/1\n"
BUNDLE_BYTES_MAX = tiles.WIDTH * (tiles.LENGTH_BYTES + 0xFFFF)
NOTE_BYTES_MAX = 64 * 1024


class Published:
    """Reads what is published. Each method raises FormatError for what is missing or malformed."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def checkpoint(self) -> tuple[Checkpoint, Note] | None:
        """The checkpoint, its note signatures not verified; None if none was published."""
        data = self.folder.read(CHECKPOINT, NOTE_BYTES_MAX)
        if data is None:
            return None
        note = Note.parse(data)
        return Checkpoint.parse(note.text), note

    def tile(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """The first `width` hashes of a tile; where that partial tile is gone, out of the full one."""
        data = self._tile(level, number, width, tiles.WIDTH * tiles.HASH_BYTES)
        hashes = tiles.hashes_of(data)
        if len(hashes) < width:
            raise FormatError(f"{tiles.path(level, number, width)}: holds {len(hashes)} hashes")
        return hashes[:width]

    def bundle(self, number: int, width: int) -> list[bytes]:
        """The first `width` entries of a bundle."""
        entries = tiles.unbundle(self._tile("entries", number, width, BUNDLE_BYTES_MAX))
        if len(entries) < width:
            raise FormatError(f"{tiles.path('entries', number, width)}: holds {len(entries)} entries")
        return entries[:width]

    def _tile(self, level: int | str, number: int, width: int, bytes_max: int) -> bytes:
        path = tiles.path(level, number, width)
        data = self.folder.read(path, bytes_max)
        if data is None and width < tiles.WIDTH:
            data = self.folder.read(tiles.path(level, number), bytes_max)
        if data is None:
            raise FormatError(f"{path}: is missing")
        return data

    def private(self, number: int, width: int = 0, *, errors: str = "strict") -> list[str]:
        """The private lines of a bundle, at least `width`; `errors` as `blobs.lines_of` has it."""
        path = blobs.private_path(number)
        data = self.folder.read(path, blobs.PRIVATE_BYTES_MAX)
        if data is None:
            raise FormatError(f"{path}: is missing")
        lines = blobs.lines_of(data, errors)
        if len(lines) < width:
            raise FormatError(f"{path}: holds {len(lines)} lines")
        return lines

    def entries(self, size: int) -> Iterator[tuple[int, Entry]]:
        """Index and entry of the first `size` entries, each as its leaf hash says."""
        for number, width in tiles.spread(size):
            hashes = self.tile(0, number, width)
            for at, data in enumerate(self.bundle(number, width)):
                index = number * tiles.WIDTH + at
                if tree.leaf_hash(data) != hashes[at]:
                    raise FormatError(f"record {index}: its entry and its leaf hash disagree")
                yield index, decode(data)

    def keeping(self, size: int) -> Iterator[tuple[int, Entry, blobs.Secret]]:
        """Index, entry and secret of those of the first `size` entries that keep something still."""
        lines: list[str] = []
        for index, entry in self.entries(size):
            number, at = divmod(index, tiles.WIDTH)
            if at == 0:
                lines = self.private(number, min(size - index, tiles.WIDTH))
            if entry.kind in KEPT and (secret := blobs.Secret.parse(lines[at])):
                yield index, entry, secret

    def entry(self, index: int) -> Entry:
        """One entry of the published log. Raises EvidenceError if there is none of that index."""
        head = self.checkpoint()
        if head is None or not 0 <= index < head[0].size:
            raise EvidenceError(f"no record {index}", hint="List them: abm-trace evidence log STORE")
        number, at = divmod(index, tiles.WIDTH)
        return decode(self.bundle(number, min(head[0].size - number * tiles.WIDTH, tiles.WIDTH))[at])

    def content(self, index: int) -> Iterator[bytes]:
        """The bytes that a record keeps. Raises EvidenceError if it keeps none, or other ones than it should."""
        size = self.entry(index).size_bytes or 0
        number, at = divmod(index, tiles.WIDTH)
        secret = blobs.Secret.parse(self.private(number, at + 1)[at])
        yield from self.kept(index, secret, size)

    def kept(self, index: int, secret: blobs.Secret | None, size: int) -> Iterator[bytes]:
        """The same, of a record whose secret and size are known."""
        file = self.folder.open(blobs.path_of(secret.sha256)) if secret else None
        if secret is None or file is None:
            raise EvidenceError(f"record {index} keeps nothing, or no longer", hint="See: abm-trace evidence log STORE")
        with file:
            yield from blobs.expand(file, secret.sha256, size)

    def proof(self, index: int) -> bytes:
        """The proof file that entry `index` is in the published tree. Raises EvidenceError if it is not."""
        found = self.checkpoint()
        if found is None or not 0 <= index < found[0].size:
            size = found[0].size if found else 0
            raise EvidenceError(
                f"no record {index}: the log has {size:,}", hint="List them: abm-trace evidence log STORE"
            )
        checkpoint, note = found
        proof = tree.inclusion(index, checkpoint.size, tiles.ranges(self.tile, checkpoint.size))
        return proof_file(index, proof, note.render())
