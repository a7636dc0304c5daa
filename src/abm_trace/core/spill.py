"""Blocks of bytes that memory has no room for: they wait in a temporary file that has no name."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, overload

ROOM_BYTES: Final = 32 * 1024 * 1024
"""How many bytes of one stage stay in memory. Origin: ours; packed, the facts of some 50,000 devices."""

_ON_DISK: Final = Path("/var/tmp")  # noqa: S108  # The file has no name there.
"""Temporary files on a disk, where `/tmp` may be memory. From: the Filesystem Hierarchy Standard, 5.15."""

_LENGTH_BITS: Final = 32


class Spill:
    """Blocks of one stage: the first ROOM_BYTES in memory, the rest in a file that ends with this object.

    The file leaves as much of its disk free as it takes itself. Where there is no such room, or no way to read a file
    that forked processes may share, memory has to do.
    """

    def __init__(self) -> None:
        self._room = ROOM_BYTES
        self._may_write = hasattr(os, "pread")
        self._file: IO[bytes] | None = None
        self._descriptor = -1
        self._end = 0

    def __del__(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def put(self, block: bytes) -> bytes | int:
        """Take a block: what `get` gives it back for."""
        if len(block) <= self._room:
            self._room -= len(block)
            return block
        place = self._write(block) if self._may_write else None
        return block if place is None else place

    def _write(self, block: bytes) -> int | None:
        """Where the block stands in the file; None where the file can take no more."""
        with suppress(OSError):
            if self._file is None:
                self._file = _temporary()
                self._descriptor = self._file.fileno()
            disk = os.fstatvfs(self._descriptor)
            free = disk.f_bavail * disk.f_frsize > self._end + len(block)
            if free and os.pwrite(self._descriptor, block, self._end) == len(block):
                place = self._end << _LENGTH_BITS | len(block)  # There may be a million of them.
                self._end += len(block)
                return place
        self._may_write = False
        return None

    def get(self, place: bytes | int) -> bytes:
        """A block that was taken."""
        if isinstance(place, bytes):
            return place
        return os.pread(self._descriptor, place & (1 << _LENGTH_BITS) - 1, place >> _LENGTH_BITS)


def _temporary() -> IO[bytes]:
    """A file without a name: where the user wants such files, else on a disk."""
    chosen = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folder = None if chosen or not os.access(_ON_DISK, os.W_OK | os.X_OK) else _ON_DISK
    return tempfile.TemporaryFile(prefix="abm-trace-", dir=folder, buffering=0)


class Blocks(Sequence[bytes]):
    """Some of the blocks of a spill, in order."""

    __slots__ = ("_places", "_spill")

    def __init__(self, spill: Spill, blocks: Iterable[bytes] = ()) -> None:
        self._spill = spill
        self._places = [*map(spill.put, blocks)]

    def append(self, block: bytes) -> None:
        """Add a block at the end."""
        self._places.append(self._spill.put(block))

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[bytes]:
        return map(self._spill.get, self._places)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        """A block by its number, or some of them."""
        if isinstance(index, int):
            return self._spill.get(self._places[index])
        return [*map(self._spill.get, self._places[index])]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or what is sent to another process, is a list: the file is this process's."""
        return list, (list(self),)
