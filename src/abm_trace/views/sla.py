"""Was the agreed registration rate met, and can so few devices show it? SPEC F2.

Both bounds are exact (Clopper and Pearson 1934, Biometrika 26), each by itself holds with 95 %. Without a failure the
lower one is 0.05 ** (1 / n): 12,400 devices prove 99.976 % at most.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log1p
from typing import Final

from abm_trace.core.nouns import Device, Verdict
from abm_trace.views.registration import registered

TARGET: Final = 0.9999
"""The share of devices that must register. Origin: ours, after SPEC F2."""

ERROR: Final = 0.05
"""How often a bound may be wrong. Origin: standard."""

_STEPS: Final = 60
"""Halvings of an interval: beyond these a float has no more digits."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some devices registered and failed to; `open` are those of which it is not decided.

    `low` and `high` bound the true rate, each with 95 %; None where nothing is decided. `state` is `met`, `missed`,
    or `unproved`. `needed` is how many decided devices it takes to prove the target if no further one fails; None where
    the target is missed, 0 where it is met.
    """

    registered: int
    failed: int
    open: int
    target: float
    low: float | None
    high: float | None
    state: str
    needed: int | None

    @property
    def decided(self) -> int:
        """How many devices count."""
        return self.registered + self.failed


@dataclass(frozen=True, slots=True)
class Sla:
    """The rate in all, and by site and (where the manifest has that column) by batch, the worst first."""

    total: Rate
    groups: Mapping[str, Mapping[str, Rate]]


def sla(verdicts: Iterable[Verdict], devices: Iterable[Device], target: float = TARGET) -> Sla:
    """The registration rates of the devices, which stand in the order of their verdicts. `target` is below 1."""
    every: Counter[bool | None] = Counter()
    groups: dict[str, dict[str, Counter[bool | None]]] = {"site": {}, "batch": {}}
    for verdict, device in zip(verdicts, devices, strict=True):
        came = registered(verdict)
        every[came] += 1
        for name, group in groups.items():
            group.setdefault(device.attrs.get(name, ""), Counter())[came] += 1
    if groups["batch"].keys() <= {""}:
        del groups["batch"]
    return Sla(rate(every, target), {name: _ranked(group, target) for name, group in groups.items()})


def _ranked(group: Mapping[str, Counter[bool | None]], target: float) -> dict[str, Rate]:
    rates = [(name, rate(counts, target)) for name, counts in group.items()]
    return dict(sorted(rates, key=lambda item: (-item[1].failed, -item[1].decided, item[0])))


def rate(counts: Counter[bool | None], target: float) -> Rate:
    """The rate of devices that registered (True), failed to (False), and are undecided (None)."""
    came, failed, undecided = counts[True], counts[False], counts[None]
    decided = came + failed
    if not decided:
        return Rate(came, failed, undecided, target, None, None, "unproved", needed(0, target))
    low, high = bounds(failed, decided)
    if low >= target:
        return Rate(came, failed, undecided, target, low, high, "met", 0)
    if high < target:
        return Rate(came, failed, undecided, target, low, high, "missed", None)
    return Rate(came, failed, undecided, target, low, high, "unproved", needed(failed, target))


def bounds(failed: int, of: int) -> tuple[float, float]:
    """The lower and the upper bound of the rate of success, each with 95 %."""
    low = ERROR ** (1 / of) if not failed else 1 - _root(lambda share: at_most(failed, of, share) - ERROR)
    high = 1.0 if not failed else 1 - _root(lambda share: ERROR - (1 - at_most(failed - 1, of, share)))
    return (0.0 if failed == of else low), high


def needed(failed: int, target: float) -> int:
    """How many devices it takes to prove the target if no more than `failed` of them fail."""
    least = ceil(log(ERROR) / log(target))
    if not failed:
        return least
    low, high = least, 2 * least
    while at_most(failed, high, 1 - target) > ERROR:
        low, high = high, 2 * high
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if at_most(failed, middle, 1 - target) > ERROR else (low, middle)
    return high


def at_most(failed: int, of: int, share: float) -> float:
    """How likely at most `failed` of so many fail, if each one fails with the probability `share` (0 < share < 1)."""
    if failed >= of:
        return 1.0
    if failed > of * share:  # Then the other tail is the short one.
        return 1.0 - _tail(failed + 1, of, share, 1)
    return _tail(failed, of, share, -1)


def _tail(first: int, of: int, share: float, step: int) -> float:
    """The sum of the binomial terms from `first` on, up or down, away from the middle: they only fall."""
    total, number = 0.0, first
    while 0 <= number <= of:
        term = exp(
            lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
            + number * log(share) + (of - number) * log1p(-share)
        )  # fmt: skip
        total += term
        if term < total * 1e-15:
            break
        number += step
    return min(total, 1.0)


def _root(falling: Callable[[float], float]) -> float:
    """Where a falling function of a share is zero."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
