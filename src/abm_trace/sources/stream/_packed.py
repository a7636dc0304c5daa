"""Compressed bytes: gzip, bzip2, xz, zstd and what zips use, expanded as they are drawn and never beyond a budget."""

import bz2
import lzma
import sys
from collections.abc import Callable
from typing import Final, Protocol, cast

import msgspec
from isal import igzip_lib, isal_zlib

from abm_trace.sources.stream._budget import WINDOW_BYTES_MAX, WINDOW_BYTES_NESTED, Budget
from abm_trace.sources.stream._source import CHUNK_BYTES, Source, StreamError, take_some

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_EXPANDED_BYTES = 1024 * 1024
_FIRST_BYTES = 4096
"""How much a stream is fed at first: of a million empty streams none may cost more."""

_STREAM_COST = 4096
_AGAIN: Final = "Fetch the file again."
_DAMAGED: Final = (
    cast("type[Exception]", igzip_lib.IsalError),  # The stubs call the class an instance.
    ValueError,
    OSError,
    EOFError,
    lzma.LZMAError,
    zstd.ZstdError,
)
_SKIPPABLE: Final = tuple(bytes((0x50 + number, 0x2A, 0x4D, 0x18)) for number in range(16))
"""RFC 8878, 3.1.2: frames that hold nothing for us."""


class _Engine(Protocol):
    """What expands one stream of a method."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """Deflate in the manner of the others, which keep what they have not yet used."""

    def __init__(self, wbits: int) -> None:
        self._inflate = isal_zlib.decompressobj(wbits=wbits)
        self._tail = b""

    @property
    def eof(self) -> bool:
        return bool(self._inflate.eof)

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        expanded = self._inflate.decompress(self._tail + data if self._tail else data, max_length)
        self._tail = b"" if self._inflate.eof else self._inflate.unconsumed_tail
        return expanded


class Method(msgspec.Struct, frozen=True):
    """A way to compress: its name, how its streams begin, what pads them, what a byte costs, and its engine.

    The last `tail` bytes of a source are fed `step` at a time: what expands from those before a wrong checksum is given
    out before the engine meets that, for with an error it gives nothing.
    """

    name: str
    magics: tuple[bytes, ...]
    padding: bytes
    cost: int
    engine: Callable[[int], _Engine]
    windowed: bool = False
    tail: int = 0
    step: int = 1


def _xz(window: int) -> _Engine:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=window + (4 << 20))


def _lzma(window: int) -> _Engine:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=window + (4 << 20))


def _zstd(window: int) -> _Engine:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: window.bit_length() - 1})


GZIP: Final = Method("gzip", (b"\x1f\x8b",), b"\0", 1, lambda _: _Inflate(31), tail=8, step=8)
BZIP2: Final = Method("bzip2", (b"BZh",), b"", 4, lambda _: bz2.BZ2Decompressor(), tail=10, step=10)
XZ: Final = Method("xz", (b"\xfd7zXZ\0",), b"\0", 2, _xz, windowed=True, tail=64, step=4)
ZSTD: Final = Method("zstd", (b"\x28\xb5\x2f\xfd", *_SKIPPABLE), b"", 1, _zstd, windowed=True, tail=4, step=4)
DEFLATE: Final = Method("deflate", (), b"", 1, lambda _: _Inflate(-15))
LZMA: Final = Method("lzma", (), b"", 2, _lzma, windowed=True)
"""The costs are how much longer an expanded byte takes than one of gzip. Origin: measured. The tails are a checksum and
what follows it: RFC 1952 2.3.1; bzip2's mark and checksum of a stream; a check of up to 32 bytes, an index of one block
and a footer, all in fours (the .xz file format, 2.1.1 and 3.4); RFC 8878 3.1.1."""


class Expanded:
    """The expanded bytes of a source: of all its streams one after the other, or of one alone (`single`).

    What follows the one is then given back by `unused`.
    """

    def __init__(self, method: Method, source: Source, budget: Budget, *, single: bool = False, nested: bool) -> None:
        self._method = method
        self._source = source
        self._budget = budget
        self._single = single
        self._window = WINDOW_BYTES_NESTED if nested else WINDOW_BYTES_MAX
        self._raw = b""
        self._at = 0
        self._drained = False
        self._problem: StreamError | None = None
        self._ready = memoryview(b"")
        self._engine: _Engine | None = None
        self._streams = 0
        self._hungry = True
        self._meal = _FIRST_BYTES
        self._ended = False

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        while not self._ready:
            if self._ended or (self._engine is None and not self._begin()):
                self._ended = True
                return 0
            self._expand()
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def unused(self) -> bytes:
        """What was drawn from the source and stands behind the end of a single stream."""
        return self._raw[self._at :]

    def _begin(self) -> bool:
        """Begin the next stream, if there is one: padding is none, anything else is not of the method."""
        if self._streams and self._single:
            return False
        size = max(map(len, self._method.magics), default=0)
        self._draw(size)
        while self._streams and self._method.padding and self._raw[self._at : self._at + 1] == self._method.padding:
            rest = self._raw[self._at :].lstrip(self._method.padding)
            self._raw, self._at = rest, 0
            if not self._draw(size) and not rest:
                break
        head = self._raw[self._at : self._at + size]
        if self._streams:
            if not head:
                if self._problem:
                    raise self._problem
                return False
            if not head.startswith(self._method.magics):
                message = f"bytes stand after the end of the {self._method.name}; they are not read"
                raise StreamError(message)
        self._budget.spend(_STREAM_COST)
        self._budget.check()
        self._engine = self._method.engine(self._window)
        self._streams += 1
        self._hungry, self._meal = True, _FIRST_BYTES
        return True

    def _draw(self, size: int) -> bool:
        """Have at least `size` raw bytes at hand, if there are so many; whether any came."""
        came = False
        while not self._drained and len(self._raw) - self._at < size:
            more = b""
            try:
                more = take_some(self._source, CHUNK_BYTES)
            except StreamError as error:  # It is raised where what stands before it is expanded.
                self._problem = error
            self._drained = not more
            self._raw, self._at = self._raw[self._at :] + more, 0
            came = came or bool(more)
        return came

    def _expand(self) -> None:
        engine, method = self._engine, self._method
        if engine is None:
            return
        self._budget.check()
        data = b""
        if self._hungry:
            self._draw(self._meal + method.tail)
            before = len(self._raw) - self._at - method.tail
            data = self._raw[self._at : self._at + (min(self._meal, before) if before > 0 else method.step)]
            self._at += len(data)
            self._meal = min(self._meal * 4, CHUNK_BYTES)
            if not data:
                self._ended = True
                message = f"the {method.name} is cut: its end is missing"
                raise self._problem or StreamError(message, hint=_AGAIN)
        try:
            expanded = engine.decompress(data, _EXPANDED_BYTES)
        except MemoryError as error:  # pragma: no cover  # Only where the machine has less than we allow.
            self._ended = True
            message = f"the {method.name} needs more memory than there is"
            raise StreamError(message) from error
        except _DAMAGED as error:
            self._ended = True
            raise self._damage(error) from error
        self._budget.expand(len(expanded), method.cost)
        self._ready = memoryview(expanded)
        if engine.eof:
            self._at -= len(engine.unused_data)
            self._engine = None
        else:
            self._hungry = not expanded  # For bzip2 needs input while it still has something to give.

    def _damage(self, error: Exception) -> StreamError:
        text = str(error)
        if self._method.windowed and ("emory usage limit" in text or "too much memory" in text):
            message = f"the {self._method.name} needs more than {self._window >> 20} MiB to be expanded; not read"
            return StreamError(message, hint="Unpack it and put what it holds into the case.")
        return StreamError(f"the {self._method.name} is damaged: {text[:80]}", hint=_AGAIN)
