"""Remedies (SPEC M1 to M4): configuration, scripts and recipes, rendered for this rollout's settings.

`remedies.toml` says of each what it is for, what is known of its effect on iPadOS, and which program tests its files;
a template holds `@@name@@` for a setting, `@@name|, @@` for a list with what stands between, and a line with
`@@*name@@` is repeated for each value of a list.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from abm_trace.remedies.settings import COMES_FROM, RemedyError, Values

__all__ = ["Remedy", "RemedyError", "Rendered", "remedies", "render", "used"]

_MARK: Final = re.compile(r"@@(\*?)([a-z_]+)(?:\|([^@\n]*))?@@")


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a remedy: its name, where it belongs, and the command that tests it ("" where there is none)."""

    name: str
    belongs: str
    test: str = ""
    executable: bool = False


class Remedy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What helps against something: `effect` is what is known of its effect on iPadOS, and on whose word."""

    title: str
    layers: list[str]
    effect: str
    use: list[str]
    files: list[Template]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file that is ready: its name, where it belongs, how it is tested, its text."""

    name: str
    belongs: str
    test: str
    executable: bool
    text: str


@cache
def remedies() -> Mapping[str, Remedy]:
    """Name → remedy."""
    data = (files("abm_trace.remedies") / "remedies.toml").read_bytes()
    return msgspec.convert(tomllib.loads(data.decode()), dict[str, Remedy])


def render(name: str, values: Values) -> list[Rendered]:
    """The files of a remedy for the settings, as `settings.complete` gives them. Raises RemedyError for no remedy."""
    return [
        Rendered(each.name, fill(each.belongs, values), each.test, each.executable, fill(_template(each), values))
        for each in _remedy(name).files
    ]


def used(name: str) -> frozenset[str]:
    """The settings that the files of a remedy, or what is said of them, depend on. Raises RemedyError for no remedy."""
    remedy = _remedy(name)
    texts = [*remedy.use, *(text for each in remedy.files for text in (each.belongs, _template(each)))]
    return frozenset(COMES_FROM.get(found[2], found[2]) for text in texts for found in _MARK.finditer(text))


def _remedy(name: str) -> Remedy:
    if name not in remedies():
        raise RemedyError(f"there is no remedy {name[:100]!r}", hint=f"There are {', '.join(remedies())}.")
    return remedies()[name]


def _template(file: Template) -> str:
    return (files("abm_trace.remedies") / "templates" / file.name).read_text(encoding="utf-8")


def fill(template: str, values: Values) -> str:
    """The text with its settings. Raises KeyError for a setting that there is not, which is a fault of the template."""
    lines = []
    for line in template.split("\n"):
        repeated = [found[2] for found in _MARK.finditer(line) if found[1]]
        turns = values[repeated[0]] if repeated else ("",)
        lines += [_MARK.sub(lambda found, turn=turn: _value(found, turn, values), line) for turn in turns]  # type: ignore[misc]  # A lambda with a default.
    return "\n".join(lines)


def _value(found: re.Match[str], turn: str, values: Values) -> str:
    star, name, between = found.groups()
    if star:
        return turn
    return (between if between is not None else " ").join(values[name])
