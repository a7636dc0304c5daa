"""Where bytes are drawn from: a file, a window of it, bytes at hand, or the rest of another source."""

import os
import stat
from typing import Final, Protocol

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Blob

CHUNK_BYTES: Final = 256 * 1024
_SOME_BYTES: Final = 64 * 1024
"""What a buffer for once may hold: the memory for a larger one is mapped anew, page by page. Origin: measured."""


SPARSE_BYTES_MIN: Final = 64 * 1024 * 1024
"""From here a file that is mostly a hole is not read: 64 GB of nothing would take minutes. Origin: ours."""


class StreamError(AbmTraceError):
    """The rest of a blob cannot be read: it is cut, damaged, gone, or expands without end."""


class Source(Protocol):
    """Bytes that are drawn once, from the first to the last."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill some of the buffer; 0 only at the end. Raises StreamError, but not before what stands before it."""


class Seekable(Source, Protocol):
    """A source whose bytes can be drawn from any place."""

    size: int

    def window(self, start: int, size: int) -> "Seekable":
        """The bytes [start, start + size) as a source of their own, which ends early where this one does."""

    def skip(self, size: int) -> int:
        """Pass over bytes without reading them; how many there were."""


class File:
    """A regular file, opened; windows of it share its descriptor. `drawn` counts the bytes that were read of it."""

    def __init__(self, blob: Blob) -> None:
        """Raises StreamError where the blob cannot be opened, or is no ordinary file any more."""
        self._fd, self.size = _open(blob)
        self._read = self.drawn = 0

    def readinto(self, buffer: memoryview) -> int:
        """Some bytes from where the last ones ended; no call has to say that the file ends at its size."""
        if self._read >= self.size and self._read:  # What is added while it is read is for the next time.
            return 0
        try:
            got = os.readv(self._fd, [buffer])
        except OSError as error:
            message = f"reading stopped: {error.strerror}"
            raise StreamError(message) from error
        self._read += got
        self.drawn += got
        return got

    def window(self, start: int, size: int) -> "Window":
        """As Seekable says."""
        return Window(self, start, max(0, min(size, self.size - start)))

    def at(self, place: int, buffer: memoryview) -> int:
        """Some bytes from this place."""
        try:
            os.lseek(self._fd, place, os.SEEK_SET)
            got = os.readv(self._fd, [buffer])
        except OSError as error:
            message = f"reading stopped: {error.strerror}"
            raise StreamError(message) from error
        self.drawn += got
        return got

    def grown(self) -> tuple[int, int] | None:
        """(From which byte on, how many) were added since it was opened, and were not drawn; None for none."""
        end = max(self.size, self._read)
        added = os.fstat(self._fd).st_size - end
        return (end, added) if added > 0 else None

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


class Window:
    """A part of a file."""

    def __init__(self, file: File, start: int, size: int) -> None:
        self.size = size
        self._file = file
        self._start = start
        self._read = 0

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        left = self.size - self._read
        if not left:
            return 0
        got = self._file.at(self._start + self._read, buffer[:left])
        self._read += got
        return got

    def window(self, start: int, size: int) -> "Window":
        """As Seekable says."""
        return Window(self._file, self._start + start, max(0, min(size, self.size - start)))

    def skip(self, size: int) -> int:
        """As Seekable says."""
        size = min(size, self.size - self._read)
        self._read += size
        return size


class Memory:
    """Bytes at hand."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self.size = len(self._data)
        self._read = 0

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        part = self._data[self._read : self._read + len(buffer)]
        buffer[: len(part)] = part
        self._read += len(part)
        return len(part)

    def window(self, start: int, size: int) -> "Memory":
        """As Seekable says."""
        return Memory(self._data[start : start + size])

    def skip(self, size: int) -> int:
        """As Seekable says."""
        size = min(size, self.size - self._read)
        self._read += size
        return size


class Forward:
    """Another source, to which bytes that were looked at can be given back. `position` counts what was drawn."""

    def __init__(self, source: Source, held: bytes = b"") -> None:
        self._source = source
        self._held = memoryview(held)
        self.position = 0

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        if self._held:
            got = min(len(buffer), len(self._held))
            buffer[:got] = self._held[:got]
            self._held = self._held[got:]
        else:
            got = self._source.readinto(buffer)
        self.position += got
        return got

    def unread(self, data: bytes) -> None:
        """Give bytes back: they come next."""
        self.position -= len(data)
        self._held = memoryview(data + bytes(self._held)) if self._held else memoryview(data)

    def skip(self, size: int) -> int:
        """Pass over bytes; how many there were."""
        got = min(size, len(self._held))
        self._held = self._held[got:]
        got += skip(self._source, size - got)
        self.position += got
        return got


class Part:
    """The next `size` bytes of another source, which must have them: what cuts them short is said in `cut`."""

    def __init__(self, source: Source, size: int, cut: str) -> None:
        self.left = size
        self._source = source
        self._cut = cut

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        if not self.left:
            return 0
        got = self._source.readinto(buffer[: self.left])
        if not got:
            raise StreamError(self._cut, hint="Fetch the file again.")
        self.left -= got
        return got

    def skip(self, size: int) -> int:
        """Pass over bytes without reading them where that can be; how many there were."""
        got = skip(self._source, min(size, self.left))
        self.left -= got
        return got


def take(source: Source, size: int) -> bytes:
    """The next bytes of a source: `size` of them, fewer only at its end. Raises StreamError."""
    buffer = bytearray(size)
    view = memoryview(buffer)
    got = 0
    while got < size and (more := source.readinto(view[got:])):
        got += more
    return bytes(view[:got])


def take_some(source: Source, size: int) -> bytes:
    """Some of the next bytes of a source, at most `size`; none only at its end. Raises StreamError."""
    buffer = bytearray(min(size, _SOME_BYTES))
    return bytes(memoryview(buffer)[: source.readinto(memoryview(buffer))])


def skip(source: Source, size: int) -> int:
    """Pass over the next bytes of a source; how many there were. Raises StreamError."""
    passed = getattr(source, "skip", None)
    if passed is not None:
        return int(passed(size))
    view = memoryview(bytearray(min(size, CHUNK_BYTES)))
    got = 0
    while got < size and (more := source.readinto(view[: size - got])):
        got += more
    return got


def _open(blob: Blob) -> tuple[int, int]:
    try:
        fd = os.open(blob.location, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        message = f"cannot be opened: {error.strerror}"
        raise StreamError(message) from error
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        message = "is no regular file any more"
        raise StreamError(message)
    size = status.st_size
    if size > SPARSE_BYTES_MIN and getattr(status, "st_blocks", size) * 512 < size // 2 and hasattr(os, "SEEK_HOLE"):
        os.close(fd)
        message = f"a sparse file: {size:,} bytes by its size, most of them a hole; not read"
        raise StreamError(message, hint="Copy what it holds into a file of its own.")
    return fd, size
