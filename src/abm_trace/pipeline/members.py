"""Members of archives: where they lie, what was gathered of them as they went by, and how they are opened again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager

from abm_trace.core.nouns import Blob
from abm_trace.sources.stream import Entry, File, Stream, StreamError, begun, entries


class Member(Blob, frozen=True):
    """A member of an archive: `location` is that of the archive, whose own path is `archive`.

    What a later stage asks of any capture was gathered when the archive was read, for it is not read again for each:
    `first_sha256` is the digest of the first line, `names` are the devices that it names.
    """

    archive: str = ""
    archive_bytes: int = 0
    first_sha256: str = ""
    names: frozenset[str] = frozenset()


def archive_of(blob: Blob) -> Blob:
    """The file in which a blob lies: itself, where it is no member."""
    if not isinstance(blob, Member):
        return blob
    return Blob(blob.archive, blob.location, blob.archive_bytes, blob.modified_at)


@contextmanager
def opened(blob: Blob) -> Iterator[Stream]:
    """The stream of a blob, expanded, for another pass; an archive is gone through up to the member.

    Raises StreamError where it cannot be opened, or is not there any more.
    """
    for _, stream in each_opened([blob]):
        yield stream
        return
    message = f"{blob.path} is not there any more"
    raise StreamError(message)


def each_opened(blobs: Sequence[Blob]) -> Iterator[tuple[str, Stream]]:
    """(path, stream) of the blobs, all of which lie in one file: in its order, in one pass through it.

    Each is to be read before the next is asked for. Raises StreamError where the file cannot be opened.
    """
    archive = archive_of(blobs[0])
    left = {blob.path for blob in blobs}
    with closing(File(archive)) as file:
        kind, stream = begun(file)
        if not kind and archive.path in left:
            yield archive.path, stream
            return
        for entry in entries(archive, file, only=frozenset(left), kind=kind or "zip"):
            if isinstance(entry, Entry) and entry.path in left:
                left.discard(entry.path)
                yield entry.path, entry.stream
                if not left:
                    return


def by_archive(blobs: Iterable[Blob]) -> dict[str, list[Blob]]:
    """The blobs by the path of the file in which they lie."""
    found: dict[str, list[Blob]] = {}
    for blob in blobs:
        found.setdefault(blob.archive if isinstance(blob, Member) else blob.path, []).append(blob)
    return found
