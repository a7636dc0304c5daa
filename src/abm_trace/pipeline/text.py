"""The text of a stream: odd encodings become UTF-8 with line feeds, and large blobs come in blocks of whole lines."""

import codecs
from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Skipped
from abm_trace.sources.stream import Stream, StreamError

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(head: bytes) -> str:
    """`utf-8`, `utf-8-sig`, `utf-16`, `utf-16-le`, `utf-16-be`, or `cr` for UTF-8 whose lines end in CR alone."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and even <= len(sample) // 100:
        return "utf-16-le"
    if even > len(sample) // 5 and odd <= len(sample) // 100:
        return "utf-16-be"
    if b"\n" not in head and head.count(b"\r") > 1:
        return "cr"
    return "utf-8"


class Text:
    """Reads one stream as text in the encoding that was found."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self._broken = False

    def once(self, data: bytes) -> bytes:
        """The beginning of the text, by itself."""
        return self._converted(codecs.getincrementaldecoder(self._codec())("replace"), data, final=False)

    def blocks(
        self, stream: Stream, buffer: bytearray, size: int, *, damaged: bool
    ) -> Iterator[tuple[bytearray, int, bool]]:
        """(buffer, bytes in it, whether it is the last) of the whole text; each but the last ends with a line feed.

        `size` bytes are in the buffer already; `damaged` says that nothing follows them. A block without any line
        feed is handed out as it is. Raises StreamError where the stream ends in damage, after the last good block.
        """
        if self.encoding != "utf-8":
            yield from self._converted_blocks(stream, buffer, size, damaged=damaged)
            return
        view = memoryview(buffer)
        while True:
            last = damaged or size < len(buffer)
            if last:
                yield buffer, size, True
                return
            cut = buffer.rfind(b"\n", 0, size) + 1 or size
            yield buffer, cut, False
            rest = size - cut
            view[:rest] = view[cut:size]
            try:
                size = rest + stream.readinto(view[rest:])
            except StreamError:
                if rest:
                    yield buffer, rest, True
                raise

    def whole(self, stream: Stream, buffer: bytearray, size: int, size_max: int, *, damaged: bool) -> bytes:
        """The whole text at once. Raises StreamError if it is larger than `size_max`."""
        parts = [bytes(memoryview(buffer)[:size])]
        held = size
        while size == len(buffer) and not damaged:
            if held > size_max:
                message = f"larger than {size_max // 2**20} MiB, which is too much for this format at once; not read"
                raise StreamError(message, hint="Split it, or export it as NDJSON or CSV in parts.")
            size = stream.readinto(memoryview(buffer))
            parts.append(bytes(memoryview(buffer)[:size]))
            held += size
        data = b"".join(parts)
        if self.encoding == "utf-8":
            return data
        return self._converted(codecs.getincrementaldecoder(self._codec())("replace"), data, final=True)

    def skipped(self, path: str) -> list[Skipped]:
        """What the conversion had to say."""
        if self._broken:
            return [Skipped(path, f"bytes that are not {self.encoding.upper()}; they stand as U+FFFD")]
        return []

    def _converted_blocks(
        self, stream: Stream, buffer: bytearray, size: int, *, damaged: bool
    ) -> Iterator[tuple[bytearray, int, bool]]:
        decoder = codecs.getincrementaldecoder(self._codec())("replace")
        rest = b""
        while True:
            last = damaged or size < len(buffer)
            text = rest + self._converted(decoder, bytes(memoryview(buffer)[:size]), final=last)
            cut = len(text) if last else text.rfind(b"\n") + 1 or len(text)
            block, rest = bytearray(text[:cut]), text[cut:]
            yield block, len(block), last
            if last:
                return
            size = stream.readinto(memoryview(buffer))

    def _codec(self) -> str:
        return "utf-8" if self.encoding == "cr" else self.encoding

    def _converted(self, decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool) -> bytes:
        if self.encoding == "utf-8":
            return data
        text = decoder.decode(data, final)
        if "\ufffd" in text:
            self._broken = True
        if self.encoding == "cr":
            text = text.replace("\r", "\n")
        return text.encode("utf-8", "replace")
