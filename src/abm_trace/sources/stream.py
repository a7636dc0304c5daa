"""The bytes of a blob as they are read: plain or gzip, decompressed as they come and never beyond a budget."""

import os
import stat
from typing import Final, cast

from isal import igzip_lib, isal_zlib

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Blob

_TRAILING = "bytes stand after the end of the gzip; they are not read"
_RAW_BYTES = 256 * 1024
_EXPANDED_BYTES = 1024 * 1024
GZIP_MAGIC: Final = b"\x1f\x8b"
EXPANDED_BYTES_FREE: Final = 256 * 1024 * 1024
"""Up to here a gzip may expand as far as it likes. Origin: ours, for 10 s a hostile file."""

EXPANSION_MAX: Final = 200
"""Beyond, how many times its size a gzip may expand. Logs reach 10 to 50, a bomb 1,000. Origin: measured."""


SPARSE_BYTES_MIN: Final = 64 * 1024 * 1024
"""From here a file that is mostly a hole is not read: 64 GB of nothing would take minutes. Origin: ours."""


_DAMAGED: Final = (cast("type[Exception]", igzip_lib.IsalError), ValueError)  # The stubs call the class an instance.


class StreamError(AbmTraceError):
    """The rest of a blob cannot be read: it is cut, damaged, gone, or expands without end."""


class Stream:
    """A blob opened for one pass. `encoding` is `plain` or `gzip`; `consumed` counts the bytes given out.

    Damage ends a stream as its end does, so that no byte before it is lost; `problem` then says what it was.
    """

    def __init__(self, blob: Blob) -> None:
        self._fd, self._size = _open(blob)
        self.consumed = 0
        self.problem: StreamError | None = None
        packed = os.pread(self._fd, len(GZIP_MAGIC), 0) == GZIP_MAGIC
        self.encoding = "gzip" if packed else "plain"
        self._gzip = _Gzip(self._fd, self._size) if packed else None

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as there are bytes; less than its length only at the end, or at a `problem`."""
        size = 0
        while size < len(buffer) and self.problem is None:
            rest = buffer[size:]
            try:
                got = self._plain(rest) if self._gzip is None else self._gzip.readinto(rest)
            except StreamError as error:
                self.problem = error
                break
            if not got:
                break
            size += got
            self.consumed += got
            if self.consumed == self._size and self._gzip is None:  # No second call has to say "the end".
                break
        return size

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def _plain(self, buffer: memoryview) -> int:
        try:
            return os.readv(self._fd, [buffer])
        except OSError as error:
            message = f"reading stopped: {error.strerror}"
            raise StreamError(message) from error


class _Gzip:
    """Decompresses the members of a gzip one after the other."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd = fd
        self._budget = max(EXPANDED_BYTES_FREE, EXPANSION_MAX * size)
        self._raw = b""
        self._expanded = b""
        self._member: isal_zlib.Decompress | None = None
        self._members = 0

    def readinto(self, buffer: memoryview) -> int:
        """Some of the expanded bytes; 0 at the end. Raises StreamError."""
        while not self._expanded:
            if len(self._raw) < len(GZIP_MAGIC):
                more = os.read(self._fd, _RAW_BYTES)
                if not more:
                    self._end()
                    return 0
                self._raw += more
            if self._member is None:
                self._next()
            else:
                self._expand(self._member)
        size = min(len(buffer), len(self._expanded))
        buffer[:size] = self._expanded[:size]
        self._expanded = self._expanded[size:]
        return size

    def _end(self) -> None:
        """Nothing follows: right between two members, a cut inside of one."""
        if self._member is not None:
            message = "the gzip is cut: its end is missing"
            raise StreamError(message, hint="Fetch the file again; what could be read was used.")
        if self._raw.strip(b"\0"):
            raise StreamError(_TRAILING)

    def _next(self) -> None:
        """Begin the next member; padding with zeros is none, anything else is not of the gzip."""
        if self._members:
            self._raw = self._raw.lstrip(b"\0")
        if len(self._raw) < len(GZIP_MAGIC):
            return
        if not self._raw.startswith(GZIP_MAGIC):
            raise StreamError(_TRAILING)
        self._member = isal_zlib.decompressobj(wbits=31)
        self._members += 1

    def _expand(self, member: isal_zlib.Decompress) -> None:
        if self._budget <= 0:
            message = f"expands to more than {EXPANSION_MAX} times its size; the rest is not read"
            raise StreamError(message, hint="If it is no bomb, unpack it and put the file into the case.")
        before = len(self._raw)
        try:
            self._expanded = member.decompress(self._raw, _EXPANDED_BYTES)
        except _DAMAGED as error:
            message = f"the gzip is damaged: {str(error)[:80]}"
            raise StreamError(message, hint="Fetch the file again; what could be read was used.") from error
        self._raw = member.unused_data if member.eof else member.unconsumed_tail
        self._member = None if member.eof else member
        self._budget -= len(self._expanded)
        if not member.eof and not self._expanded and len(self._raw) == before:  # It needs more to go on.
            more = os.read(self._fd, _RAW_BYTES)
            if not more:
                self._raw = b""
                self._end()
            self._raw += more


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
