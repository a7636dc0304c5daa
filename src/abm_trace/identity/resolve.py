"""From readings to devices: every fact finds its owner, every capture says when its device booted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import NO_ATTRS, Device, Fact, Origin, Reading, Skipped
from abm_trace.identity.owners import SHARED_KEYS, UNIQUE_KEYS, Owners, Scope
from abm_trace.identity.serials import Serials, looks_like_serial

NAMING_SOURCES: Final = frozenset({"manifest", "audit", "abm", "mdm", "dep"})
"""The sources whose serials are devices; a serial that none of them names is none (CASE.md)."""

_WIDE_KINDS: Final = frozenset({"coverage", "token"})


@dataclass(frozen=True, slots=True)
class Resolution:
    """The devices of a case, the facts that are wider than one device, and what found no owner."""

    devices: tuple[Device, ...]
    wide: tuple[tuple[Scope, Fact], ...]
    skipped: tuple[Skipped, ...]
    owners: Owners


def resolve(readings: Sequence[Reading], names_in: Callable[[Reading], frozenset[str]]) -> Resolution:
    """The devices of the readings, in order of serial.

    `names_in` looks through a whole capture for the devices that it names; it is asked only about captures in which
    some line names none.
    """
    owners = _owners(readings)
    facts: dict[str, list[Fact]] = {key: [] for key in owners.serials.spelled}
    wide: list[tuple[Scope, Fact]] = []
    skipped: list[Skipped] = []
    for reading in readings:
        if reading.captures:
            _capture(reading, owners, facts, wide, skipped, names_in)
    exports = [reading for reading in readings if not reading.captures]
    if any("serial" not in fact.attrs for reading in exports for fact in reading.facts if fact.source in NAMING_SOURCES):
        for key, lines in facts.items():  # A row without a serial may share its request with a device's own log.
            for fact in lines:
                for kind in SHARED_KEYS:
                    if value := fact.attrs.get(kind):
                        owners.link(kind, value, key)
    for reading in exports:
        _export(reading, owners, facts, wide, skipped)
    conflicts = _conflicts(owners)
    attrs = _manifest(facts)
    devices = (
        Device(spelled, attrs.get(key, NO_ATTRS), tuple(facts[key]), tuple(conflicts.get(key, ())))
        for key, spelled in owners.serials.spelled.items()
    )
    return Resolution(tuple(sorted(devices, key=lambda device: device.serial)), tuple(wide), tuple(skipped), owners)


def _owners(readings: Sequence[Reading]) -> Owners:
    exports = [fact for reading in readings if not reading.captures for fact in reading.facts]
    manifest = [fact.attrs["serial"] for fact in exports if fact.source == "manifest" and "serial" in fact.attrs]
    others = [fact.attrs["serial"] for fact in exports if fact.source in NAMING_SOURCES and "serial" in fact.attrs]
    if not manifest and not others:
        others = sorted(_guessed(readings))
    owners = Owners(Serials(manifest, others))
    for fact in exports:
        for attr, names in (("site", owners.sites), ("staging_host", owners.hosts)):
            if fact.source == "manifest" and (name := fact.attrs.get(attr)):
                names.setdefault(name.casefold(), name)
    owners.learn(exports)
    return owners


def _guessed(readings: Iterable[Reading]) -> set[str]:
    """The serials of a case without manifest or exports: those in lines and rows, hosts and files that look like one."""
    found = set()
    for reading in readings:
        found |= {fact.attrs["serial"] for fact in reading.facts if "serial" in fact.attrs}
        if reading.captures:
            found |= {host for fact in reading.facts if looks_like_serial(host := fact.attrs.get("host", ""))}
            stem = reading.path.rpartition("/")[2].partition(".")[0]
            found |= {stem} if looks_like_serial(stem) else set()
    return found


def _capture(
    reading: Reading,
    owners: Owners,
    facts: Mapping[str, list[Fact]],
    wide: list[tuple[Scope, Fact]],
    skipped: list[Skipped],
    names_in: Callable[[Reading], frozenset[str]],
) -> None:
    named = owners.by_path(reading.path)
    if named.kind == "device" and not reading.host:  # The usual case: a capture of one device, named after it.
        if not any("host" in fact.attrs for fact in reading.facts):
            facts[named.name].append(_boot(reading, named.name))
            facts[named.name].extend(reading.facts)
            return
    owned, nameless = _lines(reading, owners, None)
    sole = None
    if nameless:
        sole = _sole(reading, owners, set(owned), names_in)
        if sole:
            owned, nameless = _lines(reading, owners, sole)
    own = sole or (named.name if named.kind == "device" else owners.by_name(reading.host) if reading.host else None)
    if own is None and len(owned) == 1 and not nameless and owners.by_name(reading.host):
        own = next(iter(owned))
    strangers: dict[str, int] = defaultdict(int)
    for scope, fact in nameless:
        if scope.kind in {"host", "site", "case"} and fact.kind == "clock_offset":
            wide.append((scope, fact))
        else:
            strangers[scope.name if scope.kind == "stranger" else ""] += 1
    for name, count in sorted(strangers.items()):
        skipped.append(Skipped(reading.path, _stranger(name, count)))
    if own is not None:
        facts[own].append(_boot(reading, own))
    for key, lines in owned.items():
        if key != own:
            first = min(lines, key=lambda fact: (fact.at or 0, fact.origin.offset or 0))
            boot = Fact("booted", first.at, "log", "first fact of a shared capture", NO_ATTRS, first.origin)
            facts[key].append(boot)
        facts[key].extend(lines)


def _lines(
    reading: Reading, owners: Owners, sole: str | None
) -> tuple[dict[str, list[Fact]], list[tuple[Scope, Fact]]]:
    owned: dict[str, list[Fact]] = {}
    nameless = []
    for fact in reading.facts:
        scope = owners.of_line(fact, sole)
        if scope.kind == "device":
            owned.setdefault(scope.name, []).append(fact)
        else:
            nameless.append((scope, fact))
    return owned, nameless


def _sole(
    reading: Reading, owners: Owners, owned: set[str], names_in: Callable[[Reading], frozenset[str]]
) -> str | None:
    """The one device that the whole capture names, None if it names none or several."""
    if len(owned) > 1:
        return None
    named = owned | {key for name in names_in(reading) if (key := owners.by_name(name))}
    return named.pop() if len(named) == 1 else None


def _stranger(name: str, count: int) -> str:
    lines = f"{count:,} line{'s' * (count != 1)} with facts"
    if name:
        return f"{lines} of {name}, which no manifest, ABM or MDM source names: not used"
    return f"{lines} that name no device of the case: not used"


def _boot(reading: Reading, key: str) -> Fact:
    origin = Origin(reading.path, reading.format, 0, 0)
    return Fact("booted", reading.first_at, "log", "first line of its capture", NO_ATTRS, origin)


def _export(
    reading: Reading,
    owners: Owners,
    facts: Mapping[str, list[Fact]],
    wide: list[tuple[Scope, Fact]],
    skipped: list[Skipped],
) -> None:
    strangers: dict[str, int] = defaultdict(int)
    for fact in reading.facts:
        if fact.kind in _WIDE_KINDS:
            wide.append((Scope("case", ""), fact))
            continue
        scope = owners.of_export(fact)
        if scope.kind == "device":
            facts[scope.name].append(fact)
        elif scope.kind == "stranger":
            strangers[scope.name] += 1
        elif fact.source in {"audit", "abm", "mdm", "capture"}:
            strangers[""] += 1
        else:
            wide.append((scope, fact))
    shown = sorted(strangers.items())
    for name, count in shown[:20]:
        skipped.append(Skipped(reading.path, _stranger(name, count).replace("line", "record", 1)))
    if len(shown) > 20:
        skipped.append(Skipped(reading.path, f"records of {len(shown) - 20:,} more serials that no source names"))


def _manifest(facts: Mapping[str, Sequence[Fact]]) -> dict[str, Mapping[str, str]]:
    """What the manifest says of each device; where two rows differ, the same one wins in any order."""
    attrs: dict[str, Mapping[str, str]] = {}
    for key, each in facts.items():
        rows = [fact.attrs for fact in each if fact.source == "manifest"]
        if rows:
            attrs[key] = max(rows, key=lambda row: (len(row), sorted(row.items()))) if len(rows) > 1 else rows[0]
    return attrs


def _conflicts(owners: Owners) -> dict[str, list[Fact]]:
    """Each device's identifiers that lead to another device as well."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for (kind, value), keys in sorted(owners.conflicts.items()):
        names = ", ".join(owners.serials.spelled[key] for key in sorted(keys))
        strength = "conflict" if kind in UNIQUE_KEYS else "shared"
        for key in keys:
            text = f"{kind} {value} is named for {names}"
            found[key].append(Fact(strength, None, "identity", text, {kind: value}, Origin("", "identity")))
    return found
