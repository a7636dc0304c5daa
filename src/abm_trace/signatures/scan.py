"""The scan: one pass over the raw bytes for all signatures, then Python sees the hit lines alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, cast

import hyperscan

from abm_trace.signatures import windows
from abm_trace.signatures._interface import Signature

LINE_BYTES_MAX: Final = 1024 * 1024
"""Where a line is cut (CASE.md, damaged input); what stands beyond is named and not read."""

Hit = tuple[int, int, tuple[Signature, ...]]
"""A line in which at least one signature may match: [start, end) in the block, and which signatures may."""


class Scanner:
    """Finds the lines of a block in which a signature's anchor stands. One scanner serves one thread."""

    def __init__(
        self,
        signatures: Sequence[Signature],
        sample: bytes = b"",
        windows_of: Callable[[Collection[windows.Anchor], bytes], windows.Windows] = windows.rare,
    ) -> None:
        chosen = windows_of({anchor for signature in signatures for anchor in signature.anchors}, sample)
        self._candidates = [
            tuple(signature for signature in signatures if signature.anchors & held) for held in chosen.values()
        ]
        self._unions: dict[int, tuple[Signature, ...]] = {}
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

    def hits(self, buffer: bytearray, size: int) -> list[Hit]:
        """The hit lines of the first `size` bytes of the buffer, in order, each once.

        The block begins at a line's start; a line longer than LINE_BYTES_MAX is cut there.
        """
        found: list[Hit] = []
        if not self._active:
            return found
        ends = self._ends
        ends.clear()
        view = cast("bytes", memoryview(buffer)[:size])  # The stubs know no other buffer.
        self._database.scan(view, match_event_handler=self._found, scratch=self._scratch)
        ends.sort()
        start, stop, windows_seen, beyond = 0, -1, 0, False
        for end, window in ends:
            if end <= stop:
                if not beyond:
                    windows_seen |= 1 << window
                continue
            if windows_seen:
                found.append((start, stop, self._unions.get(windows_seen) or self._union(windows_seen)))
                windows_seen = 0
            start = buffer.rfind(b"\n", 0, end) + 1
            stop = buffer.find(b"\n", end, size)
            if stop < 0:
                stop = size
            beyond = end - start > LINE_BYTES_MAX
            if beyond:
                continue
            windows_seen = 1 << window
            if stop - start > LINE_BYTES_MAX:
                stop = start + LINE_BYTES_MAX
        if windows_seen:
            found.append((start, stop, self._unions.get(windows_seen) or self._union(windows_seen)))
        return found

    def _union(self, seen: int) -> tuple[Signature, ...]:
        """The signatures that any of the windows may mean; `seen` has a bit a window."""
        held = {each.id: each for window, group in enumerate(self._candidates) if seen >> window & 1 for each in group}
        union = self._unions[seen] = tuple(held[each] for each in sorted(held))
        return union


def _literal(text: str) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in text.encode())
