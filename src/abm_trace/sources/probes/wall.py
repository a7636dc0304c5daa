"""This computer's own clock, which a record of a live look is dated by."""

import time


def now_us() -> int:
    """µs since 1970 (UTC), as this clock shows them; it may be wrong."""
    return time.time_ns() // 1000  # noqa: TID251  # A live look is of now.
