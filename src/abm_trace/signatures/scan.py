"""The scan: one pass over the raw bytes for all signatures, then Python sees the hit lines alone."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Final, cast

import hyperscan

from abm_trace.signatures import windows
from abm_trace.signatures._interface import Signature

LINE_BYTES_MAX: Final = 1024 * 1024
"""Where a line is cut (CASE.md, damaged input); what stands beyond is named and not read."""
_ENDS_MAX: Final = 20_000
"""After so many windows the scan stops for a moment, so that a line of nothing else is not gone through to its end.
Origin: ours, 2 MB."""

_DISORDER_BYTES: Final = 4096
"""So far before the last one others may not be found yet: hyperscan says nothing of their order. Origin: ours."""

Hit = tuple[int, int, tuple[Signature, ...]]
"""A line in which at least one signature may match: [start, end) in the block, and which signatures may, for a piece of
one of their anchors stands in it."""


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
        self._windows = list(chosen)
        if chosen:
            self._database, self._scratch = _compiled(self._windows)
        self._ends: list[tuple[int, int]] = []
        ends = self._ends

        def found(window: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            ends.append((end, window))
            return len(ends) >= _ENDS_MAX

        self._found: Callable[..., bool] = found

    def hits(self, buffer: bytearray, size: int) -> list[Hit]:
        """The hit lines of the first `size` bytes of the buffer, in order, each once.

        The block begins at a line's start; a line longer than LINE_BYTES_MAX is cut there.
        """
        found: list[Hit] = []
        begin = 0
        while self._windows and begin < size:
            begin = self._scan(buffer, begin, size, found)
        return found

    def _scan(self, buffer: bytearray, begin: int, size: int, found: list[Hit]) -> int:
        """Take up the hit lines from `begin` on, where a line begins; returns where the line after them does."""
        ends = self._ends
        ends.clear()
        view = cast("bytes", memoryview(buffer)[begin:size])  # The stubs know no other buffer.
        until = size
        try:
            self._database.scan(view, match_event_handler=self._found, scratch=self._scratch)
        except hyperscan.ScanTerminated:
            last = begin + max(ends)[0]
            until = buffer.rfind(b"\n", begin, max(begin, last - _DISORDER_BYTES)) + 1
            if not until:
                return self._first_line(buffer, begin, size, found)
        ends.sort()
        start, stop, windows_seen, beyond = 0, -1, 0, False
        for place, window in ends:
            end = begin + place
            if end <= stop:
                if not beyond:
                    windows_seen |= 1 << window
                continue
            if windows_seen:
                found.append((start, stop, self._unions.get(windows_seen) or self._union(windows_seen)))
                windows_seen = 0
            if end > until:
                break
            start = buffer.rfind(b"\n", begin, end) + 1 or begin
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
        return until

    def _first_line(self, buffer: bytearray, begin: int, size: int, found: list[Hit]) -> int:
        """The same of one line alone, each window of which is found once."""
        stop = buffer.find(b"\n", begin, size)
        stop = size if stop < 0 else stop
        seen: set[int] = set()
        line = cast("bytes", memoryview(buffer)[begin : min(stop, begin + LINE_BYTES_MAX)])
        database, scratch = self._once
        database.scan(line, match_event_handler=lambda window, *_: seen.add(window), scratch=scratch)
        if seen:
            found.append((begin, begin + len(line), self._union(sum(1 << window for window in seen))))
        return stop + 1

    @cached_property
    def _once(self) -> tuple[hyperscan.Database, hyperscan.Scratch]:
        return _compiled(self._windows, hyperscan.HS_FLAG_SINGLEMATCH)

    def _union(self, seen: int) -> tuple[Signature, ...]:
        """The signatures that any of the windows may mean; `seen` has a bit a window."""
        held = {each.id: each for window, group in enumerate(self._candidates) if seen >> window & 1 for each in group}
        union = self._unions[seen] = tuple(held[each] for each in sorted(held))
        return union


def _compiled(chosen: Sequence[windows.Anchor], flags: int = 0) -> tuple[hyperscan.Database, hyperscan.Scratch]:
    """What finds these windows, by their number."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[_literal(text) for text, _ in chosen],
        ids=list(range(len(chosen))),
        flags=[flags | (0 if cased else hyperscan.HS_FLAG_CASELESS) for _, cased in chosen],
    )
    return database, hyperscan.Scratch(database)


def _literal(text: str) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in text.encode())
