"""`case.toml`: the zone of the case, how far its sources reach, thresholds of its own."""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from abm_trace.core import instants
from abm_trace.core.nouns import Skipped
from abm_trace.verdict import Thresholds, thresholds

NAME: Final = "case.toml"
KEYS: Final = ("timezone", "simulated", "coverage", "thresholds", "title", "scenario", "seed")
"""`title`, and the lab's `scenario` and `seed`, are for people alone."""

COVERAGE: Final = ("audit", "abm", "dep", "mdm")
_SIZE_BYTES_MAX = 64 * 1024


_Named = list[tuple[tuple[str, ...], str]]
"""What is not used, and why: the names that lead to it, table before key."""


class Case(msgspec.Struct, frozen=True):
    """What the case says of itself. What is wrong in its `case.toml` is named in `skipped` and left out."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"
    simulated: bool = False
    coverage: Mapping[str, int] = msgspec.field(default_factory=dict)
    thresholds: Thresholds = msgspec.field(default_factory=thresholds)
    skipped: tuple[Skipped, ...] = ()


def read(folder: Path) -> Case:
    """The settings of the case in `folder`; the defaults where it has no `case.toml`."""
    path = folder / NAME
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        return Case()  # A link out of the case is named where the case is listed.
    if path.stat().st_size > _SIZE_BYTES_MAX:
        return Case(
            skipped=(Skipped(NAME, f"larger than {_SIZE_BYTES_MAX // 1024} KiB, not used; the defaults stand"),)
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        what, line = _complaint(error)
        reason = f"not used: {what}; the defaults stand (zone UTC, every source read up to the end)"
        return Case(skipped=(Skipped(NAME, reason, line=line),))
    named: _Named = [
        ((key,), f"{key} is not known and not used; known are {', '.join(KEYS)}") for key in data if key not in KEYS
    ]
    if not isinstance(data.get("simulated", False), bool):
        named.append((("simulated",), f"simulated = {data['simulated']!r} is not used; write true or false"))
    zone_name, zone = _zone(data, named)
    limits = thresholds()
    for name, value in _table(data, "thresholds", named).items():
        if name in limits.items and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            limits = limits.changed(name, float(value))
        else:
            names = ", ".join(limits.items)
            reason = f"[thresholds] {name} = {value!r} is not used; the names are {names}, in seconds"
            named.append((("thresholds", name), reason))
    return Case(
        zone=zone,
        zone_name=zone_name,
        simulated=data.get("simulated") is True,
        coverage=_coverage(data, zone, named),
        thresholds=limits,
        skipped=tuple(Skipped(NAME, reason, line=_line(text, names)) for names, reason in named),
    )


def _complaint(error: OSError | ValueError | RecursionError) -> tuple[str, int | None]:
    """What is wrong with the file, in words, and on which line, where that is known."""
    if isinstance(error, OSError):
        return f"it cannot be read, {error.strerror}", None
    if isinstance(error, RecursionError):
        return "a value in it is nested too deeply", None
    if isinstance(error, UnicodeDecodeError):
        return "a byte in it is no UTF-8; save it as UTF-8", error.object.count(b"\n", 0, error.start) + 1
    text = str(error)
    _, found, rest = text.partition("at line ")
    digits = rest.partition(",")[0]
    return text, int(digits) if found and digits.isdigit() else None


def _line(text: str, names: tuple[str, ...]) -> int | None:
    """The line on which the names lead to a key, or to the table that holds it; None where they stand in none."""
    line, at = None, 0
    for name in names:
        key = rf"^[ \t]*\[?[ \t]*(?:[\w-]+\.)*[\"']?{re.escape(name)}[\"']?[ \t]*[.=\]]"
        if found := re.compile(key, re.MULTILINE).search(text, at):
            at = found.start()
            line = text.count("\n", 0, at) + 1
    return line


def _zone(data: Mapping[str, Any], named: _Named) -> tuple[str, tzinfo]:
    name = data.get("timezone", "UTC")
    try:
        return str(name), UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        reason = f"timezone = {name!r} is not known, UTC is used; write a name such as America/Chicago"
        named.append((("timezone",), reason))
        return "UTC", UTC


def _table(data: Mapping[str, Any], name: str, named: _Named) -> Mapping[str, Any]:
    table = data.get(name, {})
    if isinstance(table, dict):
        return table
    named.append(((name,), f"[{name}] is no table; it is not used"))
    return {}


def _coverage(data: Mapping[str, Any], zone: tzinfo, named: _Named) -> dict[str, int]:
    coverage = {}
    pending = list(_table(data, "coverage", named).items())
    for name, value in pending:
        if isinstance(value, dict):  # `mdm.jamf = …` is a table in TOML.
            pending += [(f"{name}.{key}", each) for key, each in value.items()]
            continue
        at = _instant(value, zone)
        if name.partition(".")[0] not in COVERAGE or at is None:
            reason = f"[coverage] {name} = {value!r} is not used; write {', '.join(COVERAGE)} = an RFC 3339 time"
            named.append((("coverage", *name.split(".")), reason))
        else:
            coverage[name] = at
    return coverage


def _instant(value: object, zone: tzinfo) -> int | None:
    if isinstance(value, datetime):
        return instants.from_datetime(value, zone)
    try:
        return instants.parse(value, zone) if isinstance(value, str) else None
    except ValueError:
        return None
