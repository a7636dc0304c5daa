"""Time in the lab: the real instant, and the world's, which stands still or runs at a speed of its own."""

import asyncio
import time

from abm_lab.moments import SECOND

_LOOKS_EVERY_S = 0.1


def real_now() -> int:
    """The real instant, in microseconds since 1970 UTC: what certificates, nonces and SNTP go by."""
    return time.time_ns() // 1000  # noqa: TID251 - Servers live in real time; nothing of the world's hangs on it.


class Clock:
    """The world's clock, in microseconds UTC: it begins at `at`, runs `speed` times as fast as ours, ends at `end`."""

    def __init__(self, at: int, end: int, speed: float) -> None:
        self.end = end
        self.speed = speed
        self.set(at)

    def set(self, at: int | None = None, speed: float | None = None) -> None:
        """Put the clock to an instant, never past the end; what is not given stays."""
        self._at = min(self.now() if at is None else at, self.end)
        self.speed = self.speed if speed is None else speed
        self._since = time.monotonic()

    def now(self) -> int:
        """The world's instant; it moves once in a real second, so that a listing stays the same so long."""
        if not self.speed:
            return self._at
        return min(self._at + int(time.monotonic() - self._since) * round(self.speed * SECOND), self.end)

    async def until(self, at: int) -> None:
        """Wait until the world has come to that instant; at speed 0, until someone puts the clock there."""
        while self.now() < min(at, self.end):  # noqa: ASYNC110 - The clock may be put to any time meanwhile.
            await asyncio.sleep(_LOOKS_EVERY_S)
