"""The health score of a rollout (SPEC G3): five parts, their sum, and what decided. Pure; the limits are data.

What was not measured is neither 100 nor 0. It leaves a range, and only where the whole range is on one side of the bar
is anything decided.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import fsum, isfinite
from typing import Final, Literal

import msgspec

from abm_trace.core.nouns import Origin

Decision = Literal["go", "roll_back", "not_known"]
By = Literal["sum", "veto", "veto_and_sum", "missing"]
"""What decided: the sum against the bar; a part at 0; both; or that something was not measured."""

_DIGITS: Final = 9
"""Sums are compared to so many digits, so that what is 85 on paper is 85 here."""


class Bar(msgspec.Struct, frozen=True):
    """Below this sum a rollout is rolled back, and on whose word."""

    value: float
    origin: str
    meaning: str


class Component(msgspec.Struct, frozen=True):
    """A part of the score: its weight in percent, where it is 100 and 0, on whose word, and what to do about it.

    `get` says how it is measured.
    """

    name: str
    weight: int
    full: float
    zero: float
    origin: str
    meaning: str
    do: str
    get: str

    def score(self, value: float) -> float:
        """0 to 100: 100 at `full` and beyond it, 0 at `zero` and beyond it."""
        return min(max(0.0, 100 * (value - self.zero) / (self.full - self.zero)), 100.0)  # In this order no −0.


class _File(msgspec.Struct, frozen=True):
    bar: Bar
    component: tuple[Component, ...]


class Measurement(msgspec.Struct, frozen=True):
    """What was measured of one subject (a token, an endpoint, a host, a profile), in the part's own unit.

    `value` is None where the subject is known to count and nothing says how it stands; `said` says either in words.
    """

    subject: str
    value: float | None
    said: str
    at: int | None = None
    evidence: tuple[Origin, ...] = ()


Measurements = Mapping[str, Sequence[Measurement]]
"""A part's name → what was measured of it. Whatever measures fills this: a case, live probes, an agent."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was measured; its worst subject counts.

    `score` is None where it is not known; it is at most `at_most` even then. `open` are the subjects of which nothing
    is known.
    """

    component: Component
    score: float | None
    at_most: float
    worst: Measurement | None
    measured: int
    open: tuple[Measurement, ...]

    @property
    def vetoes(self) -> bool:
        """Whether it is 0, whatever is not known of it."""
        return self.worst is not None and self.at_most == 0


@dataclass(frozen=True, slots=True)
class Health:
    """The score and the decision. `score` is None where a part is not known; it is at most `at_most`."""

    parts: tuple[Part, ...]
    score: float | None
    at_most: float
    bar: Bar
    decision: Decision
    by: By

    @property
    def vetoes(self) -> tuple[str, ...]:
        """The parts that are 0."""
        return tuple(each.component.name for each in self.parts if each.vetoes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts that are not known."""
        return tuple(each.component.name for each in self.parts if each.score is None)


@cache
def limits() -> tuple[Bar, tuple[Component, ...]]:
    """The bar, and the parts in the order of their weights, as they ship."""
    data = tomllib.loads((files("abm_trace.checks") / "health.toml").read_text(encoding="utf-8"))
    found = msgspec.convert(data, _File)
    return found.bar, found.component


def health(measured: Measurements) -> Health:
    """The score of what was measured. Raises ValueError for a part that there is not, or a value that is no number."""
    bar, components = limits()
    if unknown := measured.keys() - {each.name for each in components}:
        raise ValueError(f"the score has no part named {', '.join(sorted(unknown))}")
    parts = tuple(_part(each, measured.get(each.name, ())) for each in components)
    at_most = _sum(parts)
    score = at_most if all(each.score is not None for each in parts) else None
    vetoed, below = any(each.vetoes for each in parts), at_most < bar.value
    decision: Decision = "roll_back" if vetoed or below else "go" if score is not None else "not_known"
    by: By = "sum"
    if vetoed:
        by = "veto_and_sum" if below else "veto"
    elif decision == "not_known":
        by = "missing"
    return Health(parts, score, at_most, bar, decision, by)


def _sum(parts: Sequence[Part]) -> float:
    """The sum, the most that it can be where a part is not known."""
    return round(fsum(each.component.weight * each.at_most for each in parts) / 100, _DIGITS)


def _part(component: Component, measured: Sequence[Measurement]) -> Part:
    known = [(component.score(_finite(each.value)), each) for each in measured if each.value is not None]
    unknown = tuple(each for each in measured if each.value is None)
    at_most, worst = min(known, key=lambda each: (each[0], each[1].subject, each[1].said), default=(100.0, None))
    decided = worst is not None and (not unknown or at_most == 0)
    return Part(component, at_most if decided else None, at_most, worst, len(known), unknown)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError(f"{value} is no measurement")
    return value
