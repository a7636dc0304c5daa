"""The text of a stream: odd encodings become UTF-8 with line feeds, and large blobs come in blocks of whole lines."""

import codecs
import ctypes
import mmap
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from abm_trace.core.nouns import Skipped
from abm_trace.sources.stream import Stream, StreamError

BLOCK_BYTES: Final = 8 * 1024 * 1024
PIECE_BYTES_MAX: Final = 32 * 1024 * 1024
DOCUMENT_BYTES_MAX: Final = 64 * 1024 * 1024
"""How much of an export that is read by lines, and of one that is one document, is held at once. Origin: ours, for
300 MB in all."""

FIRST_LINE_BYTES_MAX: Final = 1024 * 1024
GLANCE_BYTES: Final = 4096

_AS_THEY_ARE: Final = frozenset({"utf-8", "utf-8-sig"})
"""Encodings whose bytes are not converted."""

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def block_buffer() -> bytearray:
    """A buffer for one block, which begins where a page of memory does.

    A large bytearray begins 16 bytes behind that. What the kernel copies into it from its own pages is then written
    right before what is read next, as far as the lowest 12 bits of an address tell, and the processor waits each time.
    Measured on an EPYC: 323 kB of a file in 260 µs, and in 80 from here.
    """
    buffer = bytearray(BLOCK_BYTES + mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    del buffer[: -address % mmap.PAGESIZE]  # Moves nothing: it begins later.
    del buffer[BLOCK_BYTES:]
    return buffer


def encoding_of(head: bytes) -> str:
    """`utf-8`, `utf-8-sig`, `utf-16`, `utf-16-le`, `utf-16-be`, or `cr` for UTF-8 whose lines end in CR alone."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if head.startswith(_BINARY):
        return "utf-8"
    sample = head[:4096]
    if 0 in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > len(sample) // 5 and even <= len(sample) // 100:
            return "utf-16-le"
        if even > len(sample) // 5 and odd <= len(sample) // 100:
            return "utf-16-be"
    if b"\n" not in head and head.count(b"\r") > 1:
        return "cr"
    return "utf-8"


def text_of(buffer: bytearray | memoryview, size: int) -> "Text":
    """The text that begins in the first `size` bytes of the buffer; behind them others' bytes may stand.

    Whoever reads a blob again reads it in the same encoding.
    """
    return Text(encoding_of(bytes(memoryview(buffer)[: min(size, GLANCE_BYTES)])))


def by_lines(data: bytes) -> bool:
    """Whether a text is read line by line: a table, or one JSON value a line."""
    if data[:1] not in (b"{", b"[", b"<"):
        return True
    first = data[: data.find(b"\n") + 1]
    try:
        msgspec.json.decode(first, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def behind_last_line(buffer: bytearray, size: int) -> int:
    """Where the last whole line of the buffer ends; `size` where none does."""
    return buffer.rfind(b"\n", 0, size) + 1 or size


_BINARY: Final = (b"bplist", b"\x30\x80", b"\x30\x82", b"\x30\x83", b"\x1f\x8b", b"PK\x03\x04")
"""How bytes begin that are no text and must stay as they are: property lists, DER, archives."""


class Text:
    """Reads one stream as text in the encoding that was found.

    `lines` says that it is read line by line, whatever its first line looks like.
    The `mark` with which UTF-8 may begin is no text, but counts: places are those of the blob's own bytes. It stands in
    the first block, before the first line; pieces are without it.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.lines = False
        self.mark = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
        self._broken = False

    def once(self, data: bytes) -> bytes:
        """The beginning of the text, by itself, without a mark."""
        data = data.removeprefix(self.mark)
        if self.encoding in _AS_THEY_ARE:
            return data
        return self._converted(codecs.getincrementaldecoder(self._codec())("replace"), data, final=False)

    def blocks(
        self, stream: Stream, buffer: bytearray, size: int, cut: Callable[[bytearray, int], int] = behind_last_line
    ) -> Iterator[tuple[bytearray, int, bool]]:
        """(buffer, bytes in it, whether it is the last) of the whole text; each but the last ends with a line feed.

        `size` bytes are in the buffer already. A block without any line feed is handed out as it is. `cut` says where
        else blocks end.
        """
        if self.encoding not in _AS_THEY_ARE:
            yield from self._converted_blocks(stream, buffer, size, cut)
            return
        view = memoryview(buffer)
        while True:
            if size < len(buffer):
                yield buffer, size, True
                return
            end = cut(buffer, size)
            yield buffer, end, False
            rest = size - end
            view[:rest] = view[end:size]
            size = rest + stream.readinto(view[rest:])

    def pieces(self, stream: Stream, buffer: bytearray, size: int) -> Iterator[tuple[bytes, bool]]:
        """The text behind its mark in pieces of about PIECE_BYTES_MAX, each but the last ending with its line.

        With each comes whether it is a part of a line that alone is longer than that, and as such not to be read.
        Lines that end in CR alone still do: `with_line_feeds` is what formats read, the piece what is cited.
        A text that fits into one piece is one piece; only one that is read line by line can be cut into several, for
        any other the StreamError says that it is too large.
        """
        view = memoryview(buffer)
        decoder = None if self._codec() == "utf-8" else codecs.getincrementaldecoder(self._codec())("replace")
        parts: list[bytes] = []
        held, mark = 0, len(self.mark)
        first = b""
        long = False
        while True:
            last = size < len(buffer)
            data, mark = bytes(view[mark:size]), 0
            data = data if decoder is None else self._converted(decoder, data, final=last)
            if long:
                end = self.with_line_feeds(data).find(b"\n") + 1
                yield data[: end or None], True
                data, long = data[end:] if end else b"", not end
                if last and not data:
                    return
            parts.append(data)
            held += len(data)
            if last:
                parts = [b"".join(parts)]  # And nothing else of a large document is held beside it.
                yield parts.pop(), False
                return
            while held > PIECE_BYTES_MAX and self.by_lines(
                first := first or self.with_line_feeds(parts[0][:FIRST_LINE_BYTES_MAX])
            ):
                rest = self._last_line(parts)
                long = not parts
                parts = [b"".join(rest)] if long else [*rest, b"".join(parts)]
                del rest
                yield parts.pop(), long
                held = sum(map(len, parts))
            if held > DOCUMENT_BYTES_MAX:
                message = f"larger than {DOCUMENT_BYTES_MAX // 2**20} MiB, which is too much for one document; not read"
                raise StreamError(message, hint="Export it as NDJSON or CSV, or in pages.")
            size = stream.readinto(view)

    def by_lines(self, data: bytes) -> bool:
        """Whether the text that begins so is read line by line."""
        return self.lines or by_lines(data[:FIRST_LINE_BYTES_MAX])

    def _last_line(self, parts: list[bytes]) -> list[bytes]:
        """Takes the last line, which has not ended yet, out of the parts of a text: its own parts."""
        line: list[bytes] = []
        while parts:
            part = parts.pop()
            if end := self.with_line_feeds(part).rfind(b"\n") + 1:
                parts.append(part[:end])
                return [part[end:], *reversed(line)]
            line.append(part)
        return line[::-1]

    def with_line_feeds(self, data: bytes) -> bytes:
        """The same, a line feed at the end of each line: byte for byte, so that places stay what they are."""
        return data.replace(b"\r", b"\n") if self.encoding == "cr" else data

    def skipped(self, path: str) -> list[Skipped]:
        """What the conversion had to say."""
        if self._broken:
            return [Skipped(path, f"bytes that are not {self.encoding.upper()}; they stand as U+FFFD")]
        return []

    def _converted_blocks(
        self, stream: Stream, buffer: bytearray, size: int, cut: Callable[[bytearray, int], int]
    ) -> Iterator[tuple[bytearray, int, bool]]:
        decoder = codecs.getincrementaldecoder(self._codec())("replace")
        rest = b""
        while True:
            last = size < len(buffer)
            whole = last and stream.problem is None  # Half a character before damage is no character.
            text = bytearray(rest + self._converted(decoder, bytes(memoryview(buffer)[:size]), final=whole))
            end = len(text) if last else cut(text, len(text))
            block, rest = text[:end], bytes(memoryview(text)[end:])
            yield block, len(block), last
            if last:
                return
            size = stream.readinto(memoryview(buffer))

    def _codec(self) -> str:
        return "utf-8" if self.encoding in {"cr", *_AS_THEY_ARE} else self.encoding

    def _converted(self, decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool) -> bytes:
        if self.encoding in _AS_THEY_ARE:
            return data
        if self.encoding == "cr":
            return self.with_line_feeds(data)
        text = decoder.decode(data, final)
        if "\ufffd" in text:
            self._broken = True
        return text.encode("utf-8", "replace")
