"""The scan: one pass over the raw bytes for all signatures, then Python sees the hit lines alone."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import hyperscan

from abm_trace.signatures import windows
from abm_trace.signatures._interface import Signature

LINE_BYTES_MAX: Final = 1024 * 1024
"""Where a line is cut (CASE.md, damaged input); what stands beyond is named and not read."""


class Hit(NamedTuple):
    """A line in which at least one signature may match: [start, end) in the block, and which signatures may."""

    start: int
    end: int
    candidates: tuple[Signature, ...]


class Scanner:
    """Finds the lines of a block in which a signature's anchor stands. One scanner serves one thread."""

    def __init__(self, signatures: Sequence[Signature], sample: bytes = b"") -> None:
        chosen = windows.choose((anchor for signature in signatures for anchor in signature.anchors), sample)
        self._candidates = [
            tuple(signature for signature in signatures if signature.anchors & held) for held in chosen.values()
        ]
        self._unions: dict[frozenset[int], tuple[Signature, ...]] = {}
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        if chosen:
            self._database.compile(
                expressions=[_literal(text) for text, _ in chosen],
                ids=list(range(len(chosen))),
                flags=[0 if cased else hyperscan.HS_FLAG_CASELESS for _, cased in chosen],
            )
            self._scratch = hyperscan.Scratch(self._database)
        self._active = bool(chosen)
        self._ends: list[tuple[int, int]] = []
        ends = self._ends

        def found(window: int, _start: int, end: int, _flags: int, _context: object) -> None:
            ends.append((end, window))

        self._found: Callable[..., None] = found

    def hits(self, buffer: bytearray, size: int) -> Iterator[Hit]:
        """The hit lines of the first `size` bytes of the buffer, in order, each once.

        The block begins at a line's start; a line longer than LINE_BYTES_MAX is cut there.
        """
        if not self._active:
            return
        ends = self._ends
        ends.clear()
        self._database.scan(memoryview(buffer)[:size], match_event_handler=self._found, scratch=self._scratch)
        ends.sort()
        position, count = 0, len(ends)
        while position < count:
            end, window = ends[position]
            start = buffer.rfind(b"\n", 0, end) + 1
            stop = buffer.find(b"\n", end, size)
            if stop < 0:
                stop = size
            position += 1
            if position < count and ends[position][0] <= stop:
                seen = {window}
                while position < count and ends[position][0] <= stop:
                    seen.add(ends[position][1])
                    position += 1
                candidates = self._union(frozenset(seen)) if len(seen) > 1 else self._candidates[window]
            else:
                candidates = self._candidates[window]
            if end - start <= LINE_BYTES_MAX:
                yield Hit(start, min(stop, start + LINE_BYTES_MAX), candidates)

    def _union(self, seen: frozenset[int]) -> tuple[Signature, ...]:
        union = self._unions.get(seen)
        if union is None:
            held = {signature.id: signature for window in seen for signature in self._candidates[window]}
            union = self._unions[seen] = tuple(held[each] for each in sorted(held))
        return union


def _literal(text: str) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in text.encode())
