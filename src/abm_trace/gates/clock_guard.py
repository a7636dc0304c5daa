"""The clock guard (SPEC S8): may a device be staged at this computer's clock? Asked again and again, never in doubt.

An offset is this clock − the time servers', as an interval that the truth lies in. Time that passes is told by the
monotonic clock, so that a clock which is set, or jumps, cannot hide it.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from abm_trace.net import sntp
from abm_trace.net.sntp import KissError, Sample, Server, SntpError

INTERVAL_S: Final = 15
"""How often the clock is looked at. Origin: guide (SPEC S8)."""

CLEAR_AFTER: Final = 2
"""How many good measurements in a row lift a block, so that a clock at the limit does not swing. Origin: ours."""

_SLEW: Final = 500e-6
"""By how much a clock that nobody sets can drift in a second. Origin: standard, the most that adjtimex(2) steers."""

_TRIES: Final = 3
"""How often the servers are asked where their answers leave it open: a slow answer is a vague one. Origin: ours."""

_ADDRESSES_MAX: Final = 4
_RATE_FACTOR: Final = 8
"""A server that asks for patience is asked so many times less often. Origin: ours."""

CLEAR: Final = "clear"
BLOCKED: Final = "blocked"
NOT_SURE: Final = "not_sure"

_SINCE_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""A monotonic clock that goes on while the computer sleeps: Linux's own, and macOS's `clock_gettime(3)`."""


def elapsed_s() -> float:
    """Seconds of a clock that nobody sets, sleep included: a lid that was shut for an hour is no jump of an hour."""
    return time.monotonic() if _SINCE_BOOT is None else time.clock_gettime(_SINCE_BOOT)


class Interval(NamedTuple):
    """Where the offset lies, in seconds."""

    low: float
    high: float

    @property
    def offset_s(self) -> float:
        """Its middle."""
        return (self.low + self.high) / 2

    @property
    def bound_s(self) -> float:
        """How far the truth may be from the middle."""
        return (self.high - self.low) / 2

    def state(self, limit_s: float) -> str:
        """Clear or blocked where all of it is on one side of the limit, else not sure."""
        if max(abs(self.low), abs(self.high)) <= limit_s:
            return CLEAR
        return BLOCKED if self.low > limit_s or self.high < -limit_s else NOT_SURE


@dataclass(frozen=True, slots=True)
class Measurement:
    """One look at the clock.

    `state` is what holds now, `measured` what this look alone says; they differ while a block is being lifted.
    `interval` is None where nothing is known; `held_s` says how old it is where no server answered this time.
    """

    state: str
    measured: str
    interval: Interval | None
    samples: tuple[Sample, ...] = ()
    problems: tuple[str, ...] = ()
    held_s: float | None = None


def agree(samples: Iterable[Sample]) -> Interval | None:
    """What more than half of the answers agree on (Marzullo's algorithm), None where they do not."""
    given = tuple(samples)
    edges = sorted(
        edge for each in given for edge in ((each.offset_s - each.bound_s, 0), (each.offset_s + each.bound_s, 1))
    )
    best, most, open_ = None, len(given) // 2, 0
    for (value, closes), (following, _) in pairwise(edges):
        open_ += -1 if closes else 1
        if open_ > most:
            best, most = Interval(value, following), open_
    return best


@dataclass(slots=True)
class _Asked:
    """A server, where it was found, and from when on it may be asked again."""

    server: Server
    address: sntp.Address | None = None
    not_before: float = 0


@dataclass(slots=True)
class _Held:
    """The last interval, and what the two clocks showed then."""

    interval: Interval
    at: float
    wall_s: float


@dataclass
class ClockGuard:
    """Measures, and says whether staging is blocked: at once above the limit, until CLEAR_AFTER good measurements.

    `wall_ns` reads the clock that is guarded, `elapsed_s` one that nobody sets; `misses` is how many intervals without
    an answer are bridged by what is known of the last one.
    """

    servers: Sequence[Server]
    limit_s: float
    wall_ns: Callable[[], int]
    interval_s: float = INTERVAL_S
    misses: float = 3
    timeout_s: float = sntp.TIMEOUT_S
    elapsed_s: Callable[[], float] = elapsed_s
    _asked: list[_Asked] = field(init=False)
    _held: _Held | None = field(default=None, init=False)
    _good: int = field(default=CLEAR_AFTER, init=False)

    def __post_init__(self) -> None:
        self._asked = [_Asked(each) for each in self.servers]

    def measure(self) -> Measurement:
        """Ask every server, again where the limit lies within the error of the answers.

        Raises nothing: what went wrong stands in the measurement.
        """
        samples, problems = self._samples()
        for _ in range(_TRIES - 1):
            if (found := agree(samples)) is None or found.state(self.limit_s) != NOT_SURE:
                break
            samples, problems = self._samples()
        interval = agree(samples)
        if samples and interval is None:
            problems.append(f"{len(samples)} time servers answered, and no more than half of them agree")
        held_s = None
        now, wall_s = self.elapsed_s(), self.wall_ns() / 1e9
        if interval is not None:
            self._held = _Held(interval, now, wall_s)
        elif not samples and (held := self._bridged(now, wall_s)):
            interval, held_s = held
        measured = interval.state(self.limit_s) if interval else NOT_SURE
        return Measurement(self._settled(measured), measured, interval, tuple(samples), tuple(problems), held_s)

    def _samples(self) -> tuple[list[Sample], list[str]]:
        """What the servers answer, and why some do not."""
        samples, problems = [], []
        for each in self._asked:
            try:
                samples.append(self._sample(each))
            except SntpError as error:
                problems.append(str(error))
        return samples, problems

    def _sample(self, asked: _Asked) -> Sample:
        """One answer of a server, whose address is looked up once, and again where it no longer answers."""
        if asked.not_before > time.monotonic():
            raise SntpError(f"{asked.server}: is not asked now, it refused to be")
        try:
            if asked.address is not None:
                return sntp.ask(asked.server, asked.address, self.wall_ns, self.timeout_s)
            addresses = sntp.resolve(asked.server)[:_ADDRESSES_MAX]
            for number, address in enumerate(addresses, start=1):
                try:
                    sample = sntp.ask(asked.server, address, self.wall_ns, self.timeout_s)
                except KissError:
                    raise
                except SntpError:
                    if number == len(addresses):
                        raise
                else:
                    asked.address = address
                    return sample
            raise SntpError(f"{asked.server}: has no address")
        except KissError as error:
            forever = error.code in {"DENY", "RSTR"}
            asked.not_before = float("inf") if forever else time.monotonic() + _RATE_FACTOR * self.interval_s
            raise
        except SntpError:
            asked.address = None
            raise

    def _bridged(self, now: float, wall_s: float) -> tuple[Interval, float] | None:
        """The last interval as it must be by now: moved by what the clock was set, widened by what it may drift."""
        held = self._held
        if held is None or (age_s := now - held.at) > self.misses * self.interval_s:
            return None
        jump_s, drift_s = (wall_s - held.wall_s) - age_s, age_s * _SLEW
        return Interval(held.interval.low + jump_s - drift_s, held.interval.high + jump_s + drift_s), age_s

    def _settled(self, measured: str) -> str:
        """The state that holds: a block stays until enough good measurements in a row have lifted it."""
        if measured == BLOCKED:
            self._good = 0
        elif self._good < CLEAR_AFTER:
            self._good = self._good + 1 if measured == CLEAR else 0
        return BLOCKED if self._good < CLEAR_AFTER else measured
