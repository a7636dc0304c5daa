"""The clock guard: its states against a real time server, and what it does when servers lie or fall silent."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.net.chrony import serving
from tests.net.test_sntp import answer, talking

from abm_trace.gates.clock_guard import BLOCKED, CLEAR, NOT_SURE, ClockGuard, Interval, agree, elapsed_s
from abm_trace.net.sntp import Sample, Server

LIMIT_S = 5.79


class Clock:
    """This computer's clock, set wrong by `shift_s`."""

    def __init__(self, shift_s: float = 0.0) -> None:
        self.shift_s = shift_s

    def __call__(self) -> int:
        """The time in ns since 1970."""
        return time.time_ns() + round(self.shift_s * 1e9)  # noqa: TID251  # A real server is asked what it is.


def sample(offset_s: float, bound_s: float = 0.01) -> Sample:
    """The answer of some server."""
    return Sample("192.0.2.1", 2, offset_s, bound_s)


@pytest.mark.parametrize(
    ("shift_s", "state"),
    [(0, CLEAR), (5.78, CLEAR), (-5.78, CLEAR), (5.80, BLOCKED), (-5.80, BLOCKED), (86400, BLOCKED), (-1.6e9, BLOCKED)],
)
def test_right_on_both_sides_of_the_limit(shift_s: float, state: str, tmp_path: Path) -> None:
    """If this failed, devices would be staged at a wrong clock, or a right one would hold up the rollout."""
    with serving(tmp_path) as server:
        found = ClockGuard([server], LIMIT_S, Clock(shift_s)).measure()
    assert (found.state, found.measured) == (state, state)
    assert found.interval is not None
    assert abs(found.interval.offset_s - shift_s) <= found.interval.bound_s + 1e-5


def test_a_block_comes_at_once_and_goes_after_two_good_looks(tmp_path: Path) -> None:
    """If this failed, a clock at the limit would open and shut the staging at every look."""
    clock = Clock()
    shifts = (0, 5.80, 5.78, 5.80, 5.78, 5.78, -7200, 0, 0)
    with serving(tmp_path) as server:
        guard = ClockGuard([server], LIMIT_S, clock)
        states = []
        for clock.shift_s in shifts:
            states.append(guard.measure().state)
    assert states == [CLEAR, BLOCKED, BLOCKED, BLOCKED, BLOCKED, CLEAR, BLOCKED, BLOCKED, CLEAR]


def test_a_lost_answer_is_bridged_and_a_jump_is_seen_without_a_server(tmp_path: Path) -> None:
    """If this failed, one lost packet would stop a floor, or a clock set while the server is away would pass."""
    clock = Clock()
    with serving(tmp_path) as server:
        guard = ClockGuard([server], LIMIT_S, clock, interval_s=20, timeout_s=0.2)
        assert guard.measure().state == CLEAR
    bridged = guard.measure()
    assert (bridged.state, bridged.samples) == (CLEAR, ())
    assert bridged.held_s is not None
    assert bridged.problems
    clock.shift_s = -5.9
    assert guard.measure().state == BLOCKED
    clock.shift_s = 0
    guard.misses = 0
    assert [guard.measure().state for _ in range(3)] == [BLOCKED] * 3  # Silence lifts no block.


def test_a_computer_that_slept_has_no_wrong_clock(tmp_path: Path) -> None:
    """If this failed, a staging laptop that wakes before its network would be said to be an hour ahead."""
    clock, slept_s = Clock(), 0.0
    with serving(tmp_path) as server:
        guard = ClockGuard([server], LIMIT_S, clock, timeout_s=0.2, elapsed_s=lambda: elapsed_s() + slept_s)
        assert guard.measure().state == CLEAR
    clock.shift_s = slept_s = 3600.0
    found = guard.measure()
    assert (found.state, found.interval) == (NOT_SURE, None)
    slept_s = 0.0
    assert guard.measure().state == BLOCKED  # As a jump of the clock itself is.
    assert elapsed_s() >= time.clock_gettime(time.CLOCK_MONOTONIC) - 1


def test_silence_from_the_start_is_not_sure() -> None:
    """If this failed, a host without any time server would look like one with a right clock."""
    found = ClockGuard([Server("127.0.0.1", 9)], LIMIT_S, Clock(), timeout_s=0.1).measure()
    assert (found.state, found.interval) == (NOT_SURE, None)


@given(st.floats(-20, 20), st.floats(0, 20))
def test_never_green_or_red_across_the_limit(offset_s: float, bound_s: float) -> None:
    """If this failed, a vague answer near the limit would be told as a sure one."""
    interval = Interval(offset_s - bound_s, offset_s + bound_s)
    state = interval.state(LIMIT_S)
    inside = [abs(value) <= LIMIT_S for value in interval]
    if interval.low < -LIMIT_S and interval.high > LIMIT_S:
        assert state == NOT_SURE
    else:
        assert state == (CLEAR if all(inside) else NOT_SURE if any(inside) else BLOCKED)


def test_a_vague_server_leaves_it_open() -> None:
    """If this failed, the error of a far server would not count, though it is larger than what is left to the limit."""

    def says(asked: bytes) -> list[bytes]:
        now = time.time()  # noqa: TID251  # It answers with real time.
        return [answer(received_s=now, sent_s=now, dispersion_s=0.5, origin=asked[40:48])]

    with talking(says) as server:
        found = ClockGuard([server], LIMIT_S, Clock(5.6), timeout_s=0.2).measure()
    assert found.state == NOT_SURE
    assert found.problems  # Asked again, for it may have been slow; this one answers once.


def test_more_than_half_decide() -> None:
    """If this failed, one wrong server could block a floor, or open it."""
    right, wrong = sample(0.1), sample(9)
    assert agree([]) is None
    assert agree([right]) == pytest.approx((0.09, 0.11))
    assert agree([right, wrong]) is None
    assert agree([right, wrong, sample(0.105)]) == pytest.approx((0.095, 0.11))
    assert agree([right, wrong, sample(-9)]) is None
    assert agree([sample(1, 5), right, right]) == pytest.approx((0.09, 0.11))


@pytest.mark.parametrize("code", ["DENY", "RATE", "XYZ "])
def test_a_server_that_refuses_is_left_alone(code: str) -> None:
    """If this failed, a server that said no would be asked every 15 s, and ban the whole site."""
    asked = []

    def says(data: bytes) -> list[bytes]:
        asked.append(data)
        return [answer(stratum=0, reference=code.encode(), origin=data[40:48])]

    with talking(says) as server:
        guard = ClockGuard([server], LIMIT_S, Clock(), timeout_s=0.1)
        assert code.strip() in guard.measure().problems[0]
        assert "refused" in guard.measure().problems[0]
    assert len(asked) == 1
