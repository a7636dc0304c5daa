"""What kept bytes expand to, down to text: each byte of it is looked at, or it is said that some could not be."""

import bz2
import codecs
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from itertools import chain
from typing import Final, Protocol

from abm_trace.evidence.errors import FormatError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK_BYTES: Final = 1024 * 1024
_EXPANDED_BYTES_MAX: Final = 1024 * _CHUNK_BYTES
_ZIP_BYTES_MAX: Final = 32 * _CHUNK_BYTES
"""A zip is read from its end, so it is held in memory. Origin: ours, as are the others."""

_DEPTH_MAX: Final = 4
_ENGINE_BYTES_MAX: Final = 64 * _CHUNK_BYTES
_WINDOW_LOG_MAX: Final = 26
_HEAD_BYTES: Final = 6
_DESCRIPTOR_BYTES_MAX: Final = 24
"""What may stand behind a member of a zip. From: APPNOTE.TXT 6.3.10, 4.3.9."""

_TEXT: Final = b"\0\b\t\n\v\f\r\x1b" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
_FAILURES: Final = (
    OSError, EOFError, ValueError, RuntimeError, LookupError, ArithmeticError, struct.error, zipfile.BadZipFile,
    zlib.error, lzma.LZMAError, zstd.ZstdError,
)  # fmt: skip
"""What the libraries say of what is damaged, has a password, or is of a kind that they do not know."""

Look = Callable[[int, bytes], None]
"""Gets the next piece of what stands so many wrappings deep."""


class OpaqueError(FormatError):
    """Something in it could not be looked at."""


def is_text(data: bytes) -> bool:
    """Whether it is text by its bytes, in whatever encoding that holds ASCII: what is compressed is not."""
    return not data.translate(None, _TEXT)


def is_packed(head: bytes) -> bool:
    """Whether what begins so expands to something."""
    return head.startswith(tuple(_WAYS))


class Unpacking:
    """Has each piece of some bytes, and of what they expand to, looked at. `is_packed`: they are no plain text."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._left = _EXPANDED_BYTES_MAX
        self.is_packed = False

    def read(self, chunks: Iterable[bytes], depth: int = 0) -> None:
        """Look at them. Raises OpaqueError where they come to no end, or to anything but text."""
        given: Iterator[bytes] = filter(None, chunks)
        head = b""
        while len(head) < _HEAD_BYTES and (more := next(given, b"")):
            head += more
        given = chain([head], given)
        unpack = next((way for magic, way in _WAYS.items() if head.startswith(magic)), None)
        if unpack is None:
            for piece in given:
                if not is_text(piece):
                    self.is_packed = True
                    raise OpaqueError("holds what is no text")
                self._take(piece, depth)
            return
        self.is_packed = True
        if depth == _DEPTH_MAX:
            raise OpaqueError("is packed too often")
        try:
            for inner in unpack(self._looked_at(given, depth)):
                self.read(inner, depth + 1)
        except _FAILURES as error:
            raise OpaqueError(f"cannot be expanded: {error}") from error

    def _looked_at(self, chunks: Iterable[bytes], depth: int) -> Iterator[bytes]:
        for piece in chunks:
            self._take(piece, depth)
            yield piece

    def _take(self, piece: bytes, depth: int) -> None:
        if depth:
            self._left -= len(piece)
            if self._left < 0:
                raise OpaqueError(f"expands to more than {_EXPANDED_BYTES_MAX:,} bytes")
        self._look(depth, piece)


class _Engine(Protocol):
    """What the decompressors of bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Gzip:
    """The same of zlib."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        found = self._engine.decompress(self._engine.unconsumed_tail + data, max_length)
        self.needs_input = not self._engine.unconsumed_tail and len(found) < max_length
        return found


def _streams(new: Callable[[], _Engine], chunks: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
    yield _stream(new, chunks)


def _stream(new: Callable[[], _Engine], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What a compressed file expands to, of whatever many parts; what stands behind them must be one, too."""
    engine = new()
    for chunk in chunks:
        data = chunk
        while data or not (engine.needs_input or engine.eof):
            if engine.eof:
                engine = new()
            yield engine.decompress(data, _CHUNK_BYTES)
            data = engine.unused_data if engine.eof else b""
    if not engine.eof:
        raise EOFError("it is cut")


def _members(chunks: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
    """What stands in a zip; anything that stands in it and in no member of it is refused."""
    data = BytesIO()
    for chunk in chunks:
        if data.write(chunk) and data.tell() > _ZIP_BYTES_MAX:
            raise OpaqueError(f"a zip of more than {_ZIP_BYTES_MAX:,} bytes")
    with zipfile.ZipFile(data) as archive:
        at = 0
        for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
            with archive.open(info) as file:
                yield iter(partial(file.read, _CHUNK_BYTES), b"")
            _refuse_gap(at, info.header_offset)
            at = info.header_offset + 30 + sum(struct.unpack_from("<HH", data.getbuffer(), info.header_offset + 26))
            at += info.compress_size
        _refuse_gap(at, archive.start_dir)


def _refuse_gap(before: int, after: int) -> None:
    if not 0 <= after - before <= _DESCRIPTOR_BYTES_MAX:
        raise OpaqueError("a zip that holds something between its members")


def _decoded(chunks: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    texts = chain((decoder.decode(chunk) for chunk in chunks), (decoder.decode(b"", final) for final in (True,)))
    yield (text.encode("utf-8", "surrogatepass") for text in texts)


_WAYS: Final[dict[bytes, Callable[[Iterable[bytes]], Iterator[Iterable[bytes]]]]] = {
    b"\x1f\x8b": partial(_streams, _Gzip),
    b"BZh": partial(_streams, bz2.BZ2Decompressor),
    b"\xfd7zXZ\0": partial(_streams, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _ENGINE_BYTES_MAX)),
    b"\x28\xb5\x2f\xfd": partial(
        _streams,
        partial(zstd.ZstdDecompressor, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}),
    ),
    b"PK\x03\x04": _members,
    b"PK\x05\x06": _members,
    codecs.BOM_UTF16_LE: _decoded,
    codecs.BOM_UTF16_BE: _decoded,
}
"""What expands, by what it begins with."""
