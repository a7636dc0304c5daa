"""What one file may cost, however often it is packed in itself: all its levels draw on one budget."""

from typing import Final

from abm_trace.sources.stream._source import StreamError

EXPANDED_BYTES_FREE: Final = 256 * 1024 * 1024
"""Up to here a file may expand as far as it likes. Origin: ours, for 10 s a hostile file."""

EXPANSION_MAX: Final = 100
"""Beyond, how many times its size a file may expand. Logs reach 10 to 50, a bomb 1,000. Origin: measured; at 200 a
bomb of nothing but hit lines took 11 s."""

LOOK_COST: Final = 4096
LOOK_BYTES: Final = 64 * 1024
"""What it costs to find out what a member is: so much, and its beginning twice more. Origin: measured."""

MEMBERS_MAX: Final = 10_000
"""How many members of one file are read, in all its levels. Origin: CASE.md, damaged input."""

DEPTH_MAX: Final = 3
"""How deep archives may lie in each other; a compressed tar is one. Origin: CASE.md, damaged input."""

WINDOW_BYTES_MAX: Final = 64 * 1024 * 1024
WINDOW_BYTES_NESTED: Final = 16 * 1024 * 1024
"""How far back xz and zstd may point, for they hold as much: as a file, and inside of another. Origin: ours, for
300 MB in all; `xz -9` and `zstd -19 --long=26` stay below the first, their defaults below the second."""


class Budget:
    """What is left for a file of this size, in expanded bytes; slow methods pay more for each."""

    def __init__(self, size: int) -> None:
        self._most = EXPANSION_MAX * size
        self._left = max(EXPANDED_BYTES_FREE, self._most)
        self._expanded = 0
        self.members = 0

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0

    def spend(self, cost: int) -> None:
        """Take from what is left."""
        self._left -= cost

    def expand(self, size: int, cost: int = 1) -> None:
        """Take the expansion of so many bytes from it, each of which costs so much."""
        self._expanded += size
        self._left -= size * cost

    def check(self) -> None:
        """Raises StreamError where nothing is left."""
        if self._left <= 0:
            message = f"expands to more than {EXPANSION_MAX} times its size; the rest is not read"
            if self._expanded <= self._most:
                message = (
                    f"takes too long to expand, for how it is packed or in how many pieces ({self._expanded:,} bytes so"
                    " far); the rest is not read"
                )
            raise StreamError(message, hint="If it is no bomb, unpack it and put the file into the case.")
