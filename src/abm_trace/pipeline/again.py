"""Hit lines that a log says again, byte for byte: in a log that has very many they are not looked at twice."""

from typing import Final

from abm_trace.signatures.scan import Hit

_KNOWN_MAX: Final = 10_000
_KNOWN_BYTES_MAX: Final = 1_000
"""How many lines, and how long ones, are known again. Origin: ours, 10 MB."""


class Again:
    """What one log said, from its hit line number `begin` on; whether it `learns` more is asked before each line."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._known: set[bytes] = set()
        self._looked = 0
        self.learns = False

    def unknown(self, hits: list[Hit], buffer: bytearray, *, free: bool) -> list[Hit]:
        """The hit lines of the block without those that are known; `free`: no neighbour changes their meaning."""
        self._looked += len(hits)
        self.learns = free and self._looked > self._begin
        if not self.learns or not self._known:
            return hits
        view, known = memoryview(buffer), self._known
        return [hit for hit in hits if bytes(view[hit[0] : hit[1]]) not in known]

    def learn(self, raw: bytes | bytearray) -> None:
        """Know a line again whose meaning depends on nothing around it, while it `learns`."""
        if len(raw) <= _KNOWN_BYTES_MAX:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known.add(bytes(raw))
