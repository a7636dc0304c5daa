"""The bytes of a blob as they are read: plain, compressed or archived, expanded as they come, never beyond a budget.

Nothing is unpacked onto the disk or held whole. A file that is an archive gives one entry a member, also where
archives lie in each other; a file that is merely compressed stays one entry under its own path.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from abm_trace.core.nouns import Blob, Skipped
from abm_trace.sources.stream import _budget, _tar, _unlisted, _zip
from abm_trace.sources.stream._budget import Budget
from abm_trace.sources.stream._kinds import HEAD_BYTES, METHODS, kind_of
from abm_trace.sources.stream._member import Found
from abm_trace.sources.stream._packed import Expanded
from abm_trace.sources.stream._source import File, Forward, Memory, Source, StreamError, Window, take, take_some

__all__ = ["HEAD_BYTES", "Entry", "File", "Stream", "StreamError", "begun", "ends_as_zip", "entries", "kind_of"]

ZIP_HELD_BYTES_MAX: Final = 16 * 1024 * 1024
"""Up to here a zip inside of another archive is held, so that its directory can be read first. Origin: ours."""

NAME_CHARS_MAX: Final = 1000
"""How much of a member's name is kept. Origin: ours; file systems allow 255 bytes a part."""

_ROOT: Final = re.compile(r"^(?:[A-Za-z]:)?/+")


class Stream:
    """A source opened for one pass. `consumed` counts the bytes given out.

    Damage ends a stream as its end does, so that no byte before it is lost; `problem` then says what it was.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.consumed = 0
        self.problem: StreamError | None = None

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as there are bytes; less than its length only at the end, or at a `problem`."""
        size = 0
        while size < len(buffer) and self.problem is None:
            try:
                got = self._source.readinto(buffer[size:])
            except StreamError as error:
                self.problem = error
                break
            if not got:
                break
            size += got
        self.consumed += size
        return size


class Entry(msgspec.Struct, frozen=True):
    """One member, or the whole of a blob that is no archive: to be read before the next entry is asked for."""

    path: str
    stream: Stream


def entries(blob: Blob, file: File, only: Collection[str] = (), kind: str = "") -> Iterator[Entry | Skipped]:
    """What a file holds, in its order, and what is not read of it.

    `only` are the paths of the entries that are wanted, all where it is empty; `kind` says what
    the file is where its beginning does not.
    """
    unpacking = _Unpacking(Budget(file.size), only)
    return unpacking.level(file.window(0, file.size), blob.path, 0, kind=kind)


def ends_as_zip(file: File) -> bool:
    """Whether a zip stands at the end of a file that begins as something else."""
    return file.size > 22 and _zip.members(file.window(0, file.size), Budget(file.size)) is not None


class _Unpacking(msgspec.Struct):
    """Goes through all levels of one file."""

    budget: Budget
    only: Collection[str] = ()
    seen: dict[str, int] = msgspec.field(default_factory=dict)
    """The paths that were given, and which number stood last behind each."""

    full: bool = False

    def level(
        self, source: Source, path: str, depth: int, *, packed: bool = False, kind: str = ""
    ) -> Iterator[Entry | Skipped]:
        """The entries of one source; `packed` says that it was expanded just now, `depth` how many archives deep."""
        try:
            head, source = _peeked(source)
        except StreamError as error:  # Not one byte of it: the stream says it again.
            yield Entry(path, Stream(_Broken(error)))
            return
        kind = kind or kind_of(head)
        if not kind:
            stream = Stream(source)
            yield Entry(path, stream)
            self.budget.spend(_budget.LOOK_COST + 2 * min(stream.consumed, _budget.LOOK_BYTES))
            return
        inner = depth if packed and kind == "tar" else depth + 1
        if inner > _budget.DEPTH_MAX:
            yield Skipped(path, f"too deep: archives in archives are read to a depth of {_budget.DEPTH_MAX}")
        elif method := METHODS.get(kind):
            expanded = Expanded(method, source, self.budget, nested=depth > 0)
            yield from self.level(expanded, path, inner, packed=True)
        else:
            yield from self._container(source, path, inner, kind)

    def _container(self, source: Source, path: str, depth: int, kind: str) -> Iterator[Entry | Skipped]:
        any_found = False
        try:
            for found in _tar.members(source, self.budget) if kind == "tar" else self._zip(source):
                any_found = True
                if found.name is None:
                    yield Skipped(path, found.reason, offset=found.offset)
                    continue
                self.budget.members += 1
                if self.budget.members > _budget.MEMBERS_MAX:
                    if not self.full:
                        yield Skipped(path, f"more than {_budget.MEMBERS_MAX:,} members; the rest is not read")
                    self.full = True
                    return
                yield from self._member(found, path, depth)
                if self.full:
                    return
                if self.budget.spent:
                    self.budget.check()
        except StreamError as error:
            yield Skipped(path, error.reason())
            return
        if not any_found:
            yield Skipped(path, f"a {kind} that holds no file")

    def _zip(self, source: Source) -> Iterator[Found]:
        if not isinstance(source, Window | Memory):
            held = take(source, ZIP_HELD_BYTES_MAX + 1)
            if len(held) > ZIP_HELD_BYTES_MAX:
                return _unlisted.members(Forward(source, held), self.budget)
            source = Memory(held)
        listed = _zip.members(source, self.budget)
        return _unlisted.members(source.window(0, source.size), self.budget) if listed is None else listed

    def _member(self, found: Found, path: str, depth: int) -> Iterator[Entry | Skipped]:
        name, complaint = _safe(found.name or "")
        own = self._unique(f"{path}/{name}")
        if complaint:
            yield Skipped(own, complaint, offset=found.offset)
        if found.source is None:
            yield Skipped(own, found.reason, offset=found.offset)
        elif not self.only or any(path == own or path.startswith(f"{own}/") for path in self.only):
            yield from self.level(found.source, own, depth)

    def _unique(self, path: str) -> str:
        """The path, with a number behind it where another member has it already."""
        own, number = path, self.seen.get(path, 1)
        while own in self.seen:
            number += 1
            own = f"{path} ({number})"
        self.seen[own] = 1
        self.seen[path] = number
        return own


def begun(file: File) -> tuple[str, Stream]:
    """What a file is by its beginning (see `kind_of`), and its bytes as they are."""
    head = take_some(file, HEAD_BYTES)
    return kind_of(head), Stream(Forward(file, head))


class _Broken:
    """A source that fails at once."""

    def __init__(self, error: StreamError) -> None:
        self._error = error

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        raise self._error


def _peeked(source: Source) -> tuple[bytes, Source]:
    """How a source begins, and the source from its beginning."""
    if isinstance(source, Window | Memory):
        return take(source.window(0, HEAD_BYTES), HEAD_BYTES), source
    forward = Forward(source)
    head = b""
    try:
        while len(head) < HEAD_BYTES and (more := take_some(forward, HEAD_BYTES - len(head))):
            head += more
    except StreamError as error:
        if not head:
            raise
        return head, Forward(_Broken(error), head)
    forward.unread(head)
    return head, forward


def _safe(name: str) -> tuple[str, str]:
    """A member's name as the rest of a path that stays inside of its archive, and what had to be changed for it."""
    bare = _ROOT.sub("", name)
    parts = [part for part in bare.split("/") if part not in ("", ".", "..")]
    safe = "/".join(parts) or "(no name)"
    complaint = ""
    if ".." in bare.split("/") or bare != name:
        complaint = f"its name leads out of the archive: {name[:200]!r}; it was read and written nowhere"
    if len(safe) > NAME_CHARS_MAX:
        complaint = f"a name of {len(safe):,} characters, shown cut"
        safe = f"{safe[:NAME_CHARS_MAX]}…"
    return safe, complaint
