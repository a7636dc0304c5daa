"""The firmware check (SPEC G7): which devices need a fix before they are staged. Pure; what needs what is data.

`firmware.toml` says of each need what the guide claims and what Apple documents.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Final

import msgspec

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Device, Origin

NEEDS_FIX: Final = "needs_fix"
FIXED: Final = "fixed"
NOT_AFFECTED: Final = "not_affected"
UNKNOWN: Final = "unknown"

STATES: Final = (NEEDS_FIX, UNKNOWN, FIXED, NOT_AFFECTED)
"""What can be said of a device, the worst first."""

_MODELS: Final = ("model", "product_type", "model_number")
_VERSION = re.compile(r"\d+(?:\.\d+)*", re.ASCII)


class FirmwareError(AbmTraceError):
    """A file of needs that says nothing that could be used."""


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fix that some devices need before they are staged.

    `origin` is whose word the need is (`guide`, `vendor`, `ours`); `guide` and `apple` say what each of them says.
    """

    id: str
    title: str
    fix: str
    origin: str
    do: str
    layer: str = ""
    models: list[str] = []
    model_numbers: list[str] = []
    names: list[str] = []
    fixed_from: str = ""
    fixed_builds: list[str] = []
    guide: str = ""
    apple: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    need: list[Need]


class Checked(msgspec.Struct, frozen=True):
    """A device, the need that decided (its id, "" for none), why, and where its model and version are written."""

    serial: str
    state: str
    need: str
    why: str
    model: str
    os_version: str
    build: str
    evidence: tuple[Origin, ...] = ()


def needs(more: bytes | None = None, path: str = "") -> tuple[Need, ...]:
    """The needs that ship, and those of a user's own file. Raises FirmwareError."""
    found = {
        need.id: need for need in _read((files("abm_trace.checks") / "firmware.toml").read_bytes(), "firmware.toml")
    }
    if more is not None:
        found |= {need.id: need for need in _read(more, path)}
    return tuple(found.values())


def _read(data: bytes, path: str) -> list[Need]:
    try:
        found = msgspec.convert(tomllib.loads(data.decode("utf-8-sig")), _File).need
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise FirmwareError(f"{path}: {error}", hint="docs/gates.md shows what such a file looks like.") from error
    for need in found:
        if not (need.models or need.model_numbers or need.names):
            raise FirmwareError(f"{path}: {need.id} names no model", hint='Say which: models = ["iPad16,3"]')
        if need.fixed_from and not _VERSION.fullmatch(need.fixed_from):
            raise FirmwareError(
                f"{path}: {need.id}: fixed_from = {need.fixed_from!r} is no version", hint="Example: 18.1"
            )
    return found


def check(devices: Iterable[Device], wanted: Sequence[Need]) -> list[Checked]:
    """What the needs say of each device, in the order in which the devices come."""
    return [_check(device, wanted) for device in devices]


def _check(device: Device, wanted: Sequence[Need]) -> Checked:
    said, origins = _said(device)
    models = [words for value in said["model"] if (words := _words(value))]
    version, build = said["os_version"][-1], said["build"][-1]
    judged = [(*_state(need, version, build), need.id) for need in wanted if _is_meant(need, models)]
    if not models:
        judged = [(UNKNOWN, "nothing says which model it is", "")]
    elif not judged and any(_may_be_meant(need, models) for need in wanted):
        judged = [(UNKNOWN, f"{said['model'][0]} does not say which model it is", "")]
    elif not judged:
        judged = [(NOT_AFFECTED, "its model needs no fix", "")]
    state, why, need = min(judged, key=lambda each: STATES.index(each[0]))
    return Checked(device.serial, state, need, why, said["model"][0], version, build, origins)


def _is_meant(need: Need, models: Sequence[frozenset[str]]) -> bool:
    """Whether one of the device's names is an identifier of the need's, or has all the words of one of its names."""
    identifiers = {each.casefold() for each in (*need.models, *need.model_numbers)}
    return any(
        not identifiers.isdisjoint(words) or any(_words(name) <= words for name in need.names) for words in models
    )


def _may_be_meant(need: Need, models: Sequence[frozenset[str]]) -> bool:
    """Whether all that is said of the model is less than a name of the need's, as `iPad Pro` is."""
    return all(any(words < _words(name) for name in need.names) for words in models)


def _state(need: Need, version: str, build: str) -> tuple[str, str]:
    """What a need says of a device that is meant, by its version and build."""
    if build and build.upper() in (each.upper() for each in need.fixed_builds):
        return FIXED, f"build {build} holds {need.fix}"
    if not need.fixed_from:
        if need.fixed_builds and not build:
            return UNKNOWN, f"nothing says which build it has; {need.fix} is in {', '.join(need.fixed_builds)}"
        if need.fixed_builds:
            return NEEDS_FIX, f"build {build} is none of {', '.join(need.fixed_builds)}, which hold {need.fix}"
        return NEEDS_FIX, f"nobody says which builds hold {need.fix}"
    if (own := parts(version)) is None:
        return UNKNOWN, f"nothing says which version it has; {need.fix} is in {need.fixed_from} and later"
    if own >= (parts(need.fixed_from) or ()):
        return FIXED, f"version {version} holds {need.fix}"
    return NEEDS_FIX, f"version {version} is older than {need.fixed_from}, which holds {need.fix}"


def parts(version: str) -> tuple[int, ...] | None:
    """The numbers of a version, so that 18.10 is later than 18.4 and 18 is 18.0; None where there are none.

    Words around it (`iPadOS 18.4 (22E240)`) say nothing.
    """
    found = _VERSION.search(version)
    if found is None:
        return None
    numbers = [int(each) for each in found[0].split(".")[:8] if len(each) < 10]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _said(device: Device) -> tuple[Mapping[str, list[str]], tuple[Origin, ...]]:
    """What is said of the device's model, version and build, the manifest first and the newest last; and where."""
    said: dict[str, list[str]] = {"model": [], "os_version": [], "build": []}
    origins: dict[Origin, None] = {}
    for attrs, origin in ((device.attrs, None), *((fact.attrs, fact.origin) for fact in device.facts)):
        for key, names in (("model", _MODELS), ("os_version", ("os_version",)), ("build", ("build",))):
            values = [attrs[name] for name in names if attrs.get(name)]
            said[key] += values
            if values and origin is not None:
                origins[origin] = None
    return {key: values or [""] for key, values in said.items()}, tuple(origins)[:4]


def _words(text: str) -> frozenset[str]:
    """`iPad Pro 11-inch (M4)` → ipad, pro, 11, inch, m4; `iPad16,3` is one word."""
    return frozenset(re.findall(r"[a-z0-9,]+", text.casefold()))
