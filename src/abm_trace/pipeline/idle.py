"""What of a compressed file says nothing new: a bomb of good rows is told from a table by that, not by its size."""

from collections.abc import Collection
from typing import Final

from abm_trace.core.nouns import Origin
from abm_trace.sources.stream import File, StreamError

IDLE_BYTES_MAX: Final = 32 * 1024 * 1024
"""How much of the exports of a file that expands much may say nothing new. Origin: measured, 2 to 6 s of rows."""

IDLE_EXPANSION_MAX: Final = 50
"""Up to how many times its size a file says what it likes: tables of devices reach 5 to 30. Origin: measured."""

_LINE_BYTES_MIN: Final = 128
"""As so many bytes a hit line counts at least, for short ones cost as much. Origin: ours."""

AHEAD_BYTES: Final = 256 * 1024
"""How much of a file may be drawn before its first member is given out, to see what it is: a chunk of `sources`."""


class Idle:
    """Counts the exports of one file, piece by piece: how much they hold, and how much of that says nothing new.

    `place` is the line and the offset of what was looked at last.
    """

    def __init__(self, file: File | None = None) -> None:
        """`file` is what expands; of what is read as it is, nothing is ever too much."""
        self.place = (1, 0)
        self._file = file
        self._drawn = -1
        self._expanded = self._idle = 0
        self._begin = self._fresh = 0
        self._newest = -1
        self._spent = False

    def start(self) -> None:
        """A member is read. What was drawn before the first of them, such as a zip's directory, does not count."""
        if self._file is not None and self._drawn < 0:
            self._drawn = self._file.drawn

    def expands(self, size: int) -> bool:
        """Whether, with so many more bytes, it expands so much that what it says is looked at."""
        if self._file is None:
            return False
        drawn = self._file.drawn - self._drawn + AHEAD_BYTES
        return self._expanded + size > drawn * IDLE_EXPANSION_MAX

    def begin(self, line: int, offset: int) -> None:
        """A piece begins here. Raises StreamError where too much said nothing new before it."""
        self.place = (line, offset)
        self._begin, self._fresh, self._newest = offset, 0, -1
        self._check(0)

    def saw(self, origin: Origin, *, new: bool) -> None:
        """A record of the piece, and whether it says anything new. Raises StreamError where it is one too many."""
        offset = origin.offset or 0
        if not new:
            self.place = (origin.line or self.place[0], offset)
            self._check(offset - self._begin)
        elif offset != self._newest:
            self._newest = offset
            self._fresh += origin.length

    def end(self, size: int, idle: int | None = None) -> None:
        """The piece was so many bytes; `idle` of them said nothing new, where that is known otherwise."""
        self._expanded += size
        self._idle += max(0, size - self._fresh) if idle is None else idle

    def _check(self, size: int) -> None:
        if not self._spent and self._idle + size - self._fresh > IDLE_BYTES_MAX:
            self._spent = self.expands(size)
        if self._spent:  # And so it stays, however much of its other members is drawn.
            message = (
                f"expands to more than {IDLE_EXPANSION_MAX} times its size, and {IDLE_BYTES_MAX // 2**20} MiB of it say"
                " nothing new; the rest is not read"
            )
            raise StreamError(message, hint="If it is no bomb, unpack it and put the file into the case.")


def weight(lengths: Collection[int]) -> int:
    """How many bytes hit lines of these lengths count."""
    return max(sum(lengths), _LINE_BYTES_MIN * len(lengths))
