"""How slow the machine is just now: a bound in seconds is of a quiet one, and tests run beside others."""

import time
from typing import Final

QUIET_S: Final = 0.04
"""What the loop takes on a quick machine where nothing else runs. Origin: ours; where it takes 0.07 s, the slowest bomb
takes 16 s.
"""

SLOWNESS_MAX: Final = 4.0
"""What is slower than this is no machine to measure a bound on. Origin: ours."""


def slowness() -> float:
    """How many times as long as on a quiet machine a loop takes here; at least 1, at most SLOWNESS_MAX."""
    return min(max(1.0, sum(_loop_s() for _ in range(3)) / 3 / QUIET_S), SLOWNESS_MAX)


def _loop_s() -> float:
    started = time.perf_counter()
    count = 0
    for number in range(2_000_000):
        count += number
    return time.perf_counter() - started
