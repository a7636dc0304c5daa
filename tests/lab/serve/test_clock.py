"""The world's clock."""

import asyncio

from abm_lab.moments import SECOND
from abm_lab.serve.clock import Clock, real_now


def test_a_standing_clock_stands_where_it_is_put() -> None:
    """A world that stands would move under its clients."""
    clock = Clock(5, 100, 0)
    assert clock.now() == 5
    clock.set(70)
    assert clock.now() == 70
    clock.set(700)
    assert clock.now() == 100


def test_a_running_clock_moves_by_whole_seconds_of_ours() -> None:
    """Each page of a listing would be of another instant; or the world would run past its end."""
    clock = Clock(0, 10_000 * SECOND, 60)
    seen = {clock.now() for _ in range(100)}
    assert seen <= {0, 60 * SECOND}
    clock._since -= 3.5
    assert clock.now() == 180 * SECOND
    clock.set(speed=0)
    assert clock.now() == 180 * SECOND
    clock.set(speed=60)
    clock._since -= 10_000
    assert clock.now() == 10_000 * SECOND


def test_waiting_ends_when_the_clock_is_put_there() -> None:
    """Streams would never go on after a test has put the clock."""

    async def wait() -> None:
        clock = Clock(0, 100, 0)
        waiting = asyncio.create_task(clock.until(1000))
        await asyncio.sleep(0)
        assert not waiting.done()
        clock.set(100)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(wait())


def test_the_real_instant_is_after_this_was_written() -> None:
    """Certificates and time stamps would be of another age."""
    assert real_now() > 1_790_000_000 * SECOND
