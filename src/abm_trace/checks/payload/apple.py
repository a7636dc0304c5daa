"""The facts of Apple's published schema, as data: which keys a payload has, of which types, which it must have.

apple.json is made from Apple's own files by scripts/make_apple_schema.py; it names its origin and licence.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

_NAME_CHARS_MAX: Final = 80


class Item(msgspec.Struct, frozen=True):
    """What the members of an array must be."""

    type: str = "any"
    values: tuple[str | int, ...] = ()
    format: str = ""


class Key(Item, frozen=True):
    """What Apple says of one key: its type, whether it must be there, its values, since when it is gone."""

    required: bool = False
    removed: str = ""
    items: Item | None = None
    chars_max: int | None = None


class Type(msgspec.Struct, frozen=True):
    """A type of payload; `single` says that a profile may have one of it."""

    keys: Mapping[str, Key]
    single: bool = False


class Facts(msgspec.Struct, frozen=True):
    """All that is known, and from where."""

    origin: str
    dep_origin: str
    types: Mapping[str, Type]
    skip_keys: frozenset[str]


@cache
def facts() -> Facts:
    """The shipped facts."""
    data = files("abm_trace.checks.payload").joinpath("apple.json").read_bytes()
    return msgspec.json.decode(data, type=Facts)


@cache
def keys(name: str) -> Mapping[str, Key]:
    """The keys of a type of `facts().types`; a payload type has the common ones too. Raises KeyError."""
    types = facts().types
    common = types["CommonPayloadKeys"].keys if name.startswith("com.apple.") else {}
    return {**common, **types[name].keys}


@cache
def dep_signs() -> frozenset[str]:
    """The keys by which a JSON object is known as a DEP profile: `url` or `region` alone stand in any JSON."""
    return frozenset(key for key in keys("dep-profile") if "_" in key and key != "profile_uuid")


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A format of the schema, compiled once."""
    return re.compile(text)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, "" where none is near."""
    if len(name) > _NAME_CHARS_MAX:
        return ""
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, 1, 0.8)
    return folded[near[0]] if near else ""
