"""What the names of the verdict mean: layers, causes, verdicts and rungs, for the pages of `abm-trace explain NAME`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

KINDS: Final = ("layer", "cause", "verdict", "rung")
"""The tables of meanings.toml, in the order in which people should see them."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one name says of a device, each part as meanings.toml explains it. `{name}` in a text is a threshold."""

    means: str
    proof: tuple[str, ...]
    never: tuple[str, ...]
    known: str
    facts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@cache
def meanings() -> Mapping[str, Mapping[str, Meaning]]:
    """Kind → name → what it means."""
    return {kind: msgspec.convert(_document()[kind], dict[str, Meaning]) for kind in KINDS}


@cache
def known() -> Mapping[str, str]:
    """Who knows that something is so → the sentence that says what that is worth."""
    return dict(_document()["known"])


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads((files("abm_trace.verdict") / "meanings.toml").read_text(encoding="utf-8"))
