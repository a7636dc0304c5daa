"""The data of the verdict: thresholds with their origin, the reasons of a rejection, the next actions."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from abm_trace.core.instants import SECOND


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit, where it comes from (`guide`, `vendor`, `standard`, `measured`, `ours`), and what it is for."""

    name: str
    value: float
    origin: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All limits by name; times in µs as `us("name")`."""

    items: Mapping[str, Threshold] = field(default_factory=dict)
    _us: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def us(self, name: str) -> int:
        """The limit `name`, given in seconds, in µs."""
        if name not in self._us:  # Asked some times of each device.
            self._us[name] = round(self.items[name].value * SECOND)
        return self._us[name]

    def value(self, name: str) -> float:
        """The limit `name` in its own unit."""
        return self.items[name].value

    def changed(self, name: str, value: float) -> "Thresholds":
        """The same limits with one of another value."""
        old = self.items[name]
        return Thresholds({**self.items, name: Threshold(name, value, "case.toml", old.meaning)})


@cache
def thresholds() -> Thresholds:
    """The thresholds as they ship."""
    return Thresholds({name: Threshold(name, **each) for name, each in _toml("thresholds.toml").items()})


@cache
def reasons() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(layer, words) in order: what a rejection's reason says."""
    return tuple((each["layer"], tuple(each["words"])) for each in _toml("reasons.toml")["reason"])


@cache
def actions() -> Mapping[str, Mapping[str, str]]:
    """The catalogue of next actions: `layer`, `proof`, `cause`, `verdict` → key → sentence."""
    return _toml("actions.toml")


_REASON_CHARS_MAX: Final = 1_024


@lru_cache(maxsize=1024)
def layer_of_reason(reason: str) -> str:
    """The layer that a v2 rejection's reason names at its beginning, L0 for one that we do not know."""
    text = reason[:_REASON_CHARS_MAX].casefold()
    return next((layer for layer, words in reasons() if any(word in text for word in words)), "L0")


def _toml(name: str) -> dict[str, Any]:
    package = files("abm_trace.verdict")
    return tomllib.loads((package / name).read_text(encoding="utf-8"))
