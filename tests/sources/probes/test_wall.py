"""This computer's own clock."""

import time

from abm_trace.sources.probes.wall import now_us


def test_it_goes_on() -> None:
    """If this failed, a record would bear another time than this computer shows."""
    before = time.time() * 1e6  # noqa: TID251  # It is this clock that is read.
    assert before - 2 <= now_us() <= time.time() * 1e6 + 2  # noqa: TID251  # As above.
