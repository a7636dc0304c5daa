"""The bytes of a blob as they are read: plain or gzip, decompressed as they come and never beyond a budget."""

import io
import os
import stat
from typing import Final

from isal import igzip, isal_zlib

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Blob

_RAW_BYTES = 64 * 1024
GZIP_MAGIC: Final = b"\x1f\x8b"
EXPANDED_BYTES_FREE: Final = 256 * 1024 * 1024
"""Up to here a gzip may expand as far as it likes. Origin: ours, for 10 s a hostile file."""

EXPANSION_MAX: Final = 200
"""Beyond, how many times its size a gzip may expand. Logs reach 10 to 50, a bomb 1,000. Origin: measured."""


class StreamError(AbmTraceError):
    """The rest of a blob cannot be read: it is cut, damaged, gone, or expands without end."""


class Stream:
    """A blob opened for one pass. `encoding` is `plain` or `gzip`; `consumed` counts the bytes given out."""

    def __init__(self, blob: Blob) -> None:
        self._fd, self._size = _open(blob)
        self.size_bytes = blob.size_bytes
        self.consumed = 0
        self.encoding = "plain"
        self._gzip: io.BufferedIOBase | None = None

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as there are bytes; 0 at the end. Raises StreamError."""
        if self.consumed == 0:
            first = self._plain(buffer)
            if bytes(buffer[:2]) != GZIP_MAGIC or first < len(GZIP_MAGIC):
                self.consumed = first
                if first == self._size and first < len(buffer):  # All of it, so no second call has to say "the end".
                    return first
                return first + self._fill(buffer[first:])
            self.encoding = "gzip"
            os.lseek(self._fd, 0, os.SEEK_SET)
            raw = open(self._fd, "rb", buffering=_RAW_BYTES, closefd=False)  # noqa: PTH123, SIM115  # An open descriptor.
            self._gzip = igzip.IGzipFile(fileobj=raw)  # type: ignore[no-untyped-call]
        return self._fill(buffer)

    def _fill(self, buffer: memoryview) -> int:
        size = 0
        while size < len(buffer):
            got = self._plain(buffer[size:]) if self._gzip is None else self._expanded(self._gzip, buffer[size:])
            if not got:
                break
            size += got
            self.consumed += got
        return size

    def close(self) -> None:
        """Let go of the file."""
        if self._gzip is not None:
            self._gzip.close()
        os.close(self._fd)

    def _plain(self, buffer: memoryview) -> int:
        try:
            return os.readv(self._fd, [buffer])
        except OSError as error:
            message = f"reading stopped: {error.strerror}"
            raise StreamError(message) from error

    def _expanded(self, source: io.BufferedIOBase, buffer: memoryview) -> int:
        if self.consumed > max(EXPANDED_BYTES_FREE, EXPANSION_MAX * self.size_bytes):
            message = f"expands to more than {EXPANSION_MAX} times its size; the rest is not read"
            raise StreamError(message, hint="If it is no bomb, unpack it and put the file into the case.")
        try:
            return source.readinto(buffer[: 1 << 20])
        except EOFError as error:
            message = "the gzip is cut: its end is missing"
            raise StreamError(message, hint="Fetch the file again; what could be read was used.") from error
        except (OSError, isal_zlib.IsalError, ValueError) as error:
            message = f"the gzip is damaged: {str(error)[:80]}"
            raise StreamError(message, hint="Fetch the file again; what could be read was used.") from error


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
    return fd, status.st_size
