"""From readings to devices: every fact finds its owner, every capture says when its device booted."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from abm_trace.core.nouns import NO_ATTRS, Device, Fact, Origin, Reading, Skipped
from abm_trace.core.packed import Packed
from abm_trace.identity.owners import SHARED_KEYS, UNIQUE_KEYS, Owners, Scope, names_of
from abm_trace.identity.serials import Serials, is_numbered_word, looks_like_serial
from abm_trace.identity.servers import Servers
from abm_trace.identity.shelves import SHELF_DEVICES, Shelves

NAMING_SOURCES: Final = frozenset({"manifest", "audit", "abm", "mdm", "dep"})
"""The sources whose serials are devices; a serial that none of them names is none (CASE.md)."""

_DEVICE_SOURCES: Final = frozenset({"audit", "abm", "dep", "mdm", "capture", "log"})
_STRANGERS_MAX = 20
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")
_WIDE_KINDS: Final = frozenset({"coverage", "token"})
_SERVER_KINDS: Final = frozenset({"server", "account", "sync_ok", "sync_failed", "server_token", "dep_profile"})
_OF_A_SERVER: Final = frozenset({"dep", "mdm"})
"""Sources that are one MDM server's: what they say is said of its devices."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The devices of a case, the facts that are wider than one device, and what found no owner.

    The devices are packed where any reading's facts are.
    """

    devices: Sequence[Device]
    wide: tuple[tuple[Scope, Fact], ...]
    skipped: tuple[Skipped, ...]
    owners: Owners


def resolve(readings: Sequence[Reading], names_in: Callable[[Reading], frozenset[str]]) -> Resolution:
    """The devices of the readings, in order of serial.

    `names_in` looks through a whole capture for the devices that it names; it is asked only about captures in which
    some line names none.
    """
    lists = [reading for reading in readings if reading.sights]
    readings = [reading for reading in readings if not reading.sights]
    owners, lacking = _owners(readings)
    spelled = owners.serials.spelled
    packing = any(isinstance(reading.facts, Packed) for reading in readings)
    shelves = Shelves(sorted(spelled, key=lambda key: spelled[key]), packing=packing)
    sorter = _Sorter(owners, shelves, names_in)
    for reading in readings:
        if reading.captures:
            sorter.capture(reading)
    if lacking:
        for key, lines in shelves.items():  # A row without a serial may share its request with a device's log.
            for fact in lines:
                for kind in SHARED_KEYS:
                    if value := fact.attrs.get(kind):
                        owners.link(kind, value, key)
    for reading in readings:
        if not reading.captures:
            sorter.export(reading)
    conflicts = _conflicts(owners, shelves) if owners.conflicts else {}
    sightings = _sightings(owners, lists)
    devices = (
        Device(
            spelled[key],
            _manifest(facts),
            tuple(facts),
            tuple(conflicts.get(key, ())),
            tuple(sightings.get(key, ())),
        )
        for key, facts in shelves.items(emptying=True)
    )
    ordered: Sequence[Device]
    if packing:
        ordered = Packed(Device, SHELF_DEVICES)
        ordered.extend(devices)
        ordered.close()
    else:
        ordered = tuple(devices)
    return Resolution(ordered, tuple(sorter.wide), tuple(sorter.skipped), owners)


def _owners(readings: Sequence[Reading]) -> tuple[Owners, bool]:
    """The names of the case, and whether any row that names devices lacks a serial.

    The facts of a large export are decoded each time they are looked at, so they are looked at twice: for the serials
    and the other names, and for the keys that lead to these serials.
    """
    manifest: dict[str, None] = {}
    others: dict[str, None] = {}
    sites: dict[str, str] = {}
    hosts: dict[str, str] = {}
    lacking = False

    def noting() -> Iterator[Fact]:
        nonlocal lacking
        for fact in _exported(readings):
            if fact.source in NAMING_SOURCES:
                serial = fact.attrs.get("serial")
                if serial is None:
                    lacking = True
                else:
                    (manifest if fact.source == "manifest" else others)[serial] = None
            if fact.source == "manifest":
                for attr, names in (("site", sites), ("staging_host", hosts)):
                    if name := fact.attrs.get(attr):
                        names.setdefault(name.casefold(), name)
            yield fact

    servers = Servers.named(noting())
    if not manifest and not others:
        others = dict.fromkeys(sorted(_guessed(readings)))
    owners = Owners(Serials(manifest, others), sites=sites, hosts=hosts, servers=servers)
    owners.learn(_exported(readings))
    return owners, lacking


def _exported(readings: Iterable[Reading]) -> Iterator[Fact]:
    return (fact for reading in readings if not reading.captures for fact in reading.facts)


_OF_ONE_DEVICE: Final = "mac-checks"
"""What a device answered about itself: its file is named after it, as a capture's is."""


def _guessed(readings: Iterable[Reading]) -> set[str]:
    """The serials of a case without manifest or exports: named in lines, or hosts and files that look like one."""
    found = set()
    for reading in readings:
        found |= {fact.attrs["serial"] for fact in reading.facts if "serial" in fact.attrs}
        if reading.captures or reading.format == _OF_ONE_DEVICE:
            found |= {host for fact in reading.facts if looks_like_serial(host := fact.attrs.get("host", ""))}
            stem = reading.path.rpartition("/")[2].partition(".")[0]
            if looks_like_serial(stem) and (reading.facts or not is_numbered_word(stem)):
                found.add(stem)
    return found


@dataclass(slots=True)
class _Sorter:
    """Gives each fact to its owner, reading by reading."""

    owners: Owners
    shelves: Shelves
    names_in: Callable[[Reading], frozenset[str]]
    wide: list[tuple[Scope, Fact]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def capture(self, reading: Reading) -> None:
        """The lines of a capture, and the boots that it shows."""
        named = self.owners.by_path(reading.path)
        hosts = reading.host or any("host" in fact.attrs for fact in reading.facts)
        if named.kind == "device" and not hosts:  # The usual case: a capture of one device, named after it.
            self.shelves.add(named.name, (_boot(reading), *reading.facts))
            return
        owned, nameless = self._lines(reading, None)
        silent = named.kind != "device" and not reading.facts
        sole = self._sole(reading, set(owned)) if nameless or silent else None
        if sole:
            owned, nameless = self._lines(reading, sole)
        host = self.owners.by_name(reading.host) if reading.host else None
        own = sole or host or (named.name if named.kind == "device" else None)
        if host and named.kind != "device" and (nameless or len(owned) > 1):
            own = None  # A shared capture that happens to begin and end with one device.
        self._left_over(reading, nameless)
        if own is not None:
            self.shelves.add(own, (_boot(reading),))
        for key, lines in owned.items():
            if key != own:
                first = min(lines, key=lambda fact: (fact.at or 0, fact.origin.offset or 0))
                boot = Fact("booted", first.at, "log", "first fact of a shared capture", NO_ATTRS, first.origin)
                self.shelves.add(key, (boot,))
            self.shelves.add(key, lines)

    def export(self, reading: Reading) -> None:
        """The rows, probes and payloads of anything but a capture."""
        strangers: Counter[str] = Counter()
        for each in reading.facts:
            fact = each
            if fact.kind in _SERVER_KINDS:
                self.wide.append((Scope("server", self.owners.servers.of(fact)), fact))
                continue
            if fact.kind in _WIDE_KINDS:
                self.wide.append((Scope("case", ""), fact))
                continue
            if self.owners.servers and (fact.source in _OF_A_SERVER or "server_id" in fact.attrs):
                fact = self.owners.servers.naming(fact)
            scope = self.owners.of_export(fact)
            if scope.kind == "device":
                self.shelves.add(scope.name, (fact,))
            elif scope.kind == "stranger":
                strangers[scope.name] += 1
            elif fact.kind == "audit_event":  # The organisation's own: users, settings, servers.
                self.wide.append((scope, fact))
            elif fact.source in _DEVICE_SOURCES:
                strangers[""] += 1
            else:
                self.wide.append((scope, fact))
        self._strangers(reading, strangers, "record")

    def _lines(self, reading: Reading, sole: str | None) -> tuple[dict[str, list[Fact]], list[tuple[Scope, Fact]]]:
        owned: dict[str, list[Fact]] = {}
        nameless = []
        for fact in reading.facts:
            scope = self.owners.of_line(fact, sole)
            if scope.kind == "device":
                owned.setdefault(scope.name, []).append(fact)
            else:
                nameless.append((scope, fact))
        return owned, nameless

    def _sole(self, reading: Reading, owned: set[str]) -> str | None:
        """The one device that the whole capture names, None if it names none or several."""
        if len(owned) > 1:
            return None
        named = owned | {key for name in self.names_in(reading) if (key := self.owners.by_name(name))}
        return named.pop() if len(named) == 1 else None

    def _left_over(self, reading: Reading, nameless: list[tuple[Scope, Fact]]) -> None:
        strangers: Counter[str] = Counter()
        for scope, fact in nameless:
            if scope.kind in {"host", "site", "case"} and fact.kind == "clock_offset":
                self.wide.append((scope, fact))
            else:
                strangers[scope.name if scope.kind == "stranger" else ""] += 1
        self._strangers(reading, strangers, "line")

    def _strangers(self, reading: Reading, strangers: Counter[str], noun: str) -> None:
        """Name what belongs to no device of the case."""
        for name, count in sorted(strangers.items())[:_STRANGERS_MAX]:
            what = f"{count:,} {noun}{'s' * (count != 1)} with facts"
            whose = "that name no device of the case"
            if name:
                whose = f"of {name}, which no manifest, ABM or MDM source names"
            elif noun == "line" and not any(looks_like_serial(word) for word in _WORDS.split(reading.path)):
                whose += " (name the file, or its folder, after its device: SERIAL.log)"
            self.skipped.append(Skipped(reading.path, f"{what} {whose}: not used"))
        if len(strangers) > _STRANGERS_MAX:
            rest = len(strangers) - _STRANGERS_MAX
            self.skipped.append(
                Skipped(reading.path, f"{noun}s of {rest:,} more serials that no source names: not used")
            )


def _boot(reading: Reading) -> Fact:
    origin = Origin(reading.path, reading.format, 0, 0)
    return Fact("booted", reading.first_at, "log", "first line of its capture", NO_ATTRS, origin)


def _manifest(facts: Iterable[Fact]) -> Mapping[str, str]:
    """What the manifest says of a device; where two rows differ, the same one wins in any order."""
    rows = [fact.attrs for fact in facts if fact.source == "manifest"]
    if not rows:
        return NO_ATTRS
    return max(rows, key=lambda row: (len(row), sorted(row.items()))) if len(rows) > 1 else rows[0]


def _sightings(owners: Owners, lists: Iterable[Reading]) -> dict[str, list[Fact]]:
    """Each device's sightings, undated ones first.

    One without a place has the site that its file is named after, else its address. Most rows of a network's list are
    of nobody in the case, and no word is said of each.
    """
    found: dict[str, list[Fact]] = {}
    for reading in lists:
        named = owners.by_path(reading.path)
        site = named.name if named.kind in {"site", "host"} else ""
        for fact in reading.facts:
            if key := owners.sighted(fact):
                place = fact.value or site or fact.attrs.get("ip", "")
                found.setdefault(key, []).append(msgspec.structs.replace(fact, value=place))
    for each in found.values():
        each.sort(key=_seen_at)
    return found


def _seen_at(fact: Fact) -> tuple[int, str, str, str, int]:
    at = -1 if fact.at is None else fact.at
    return at, fact.attrs.get("until", ""), fact.value, fact.origin.path, fact.origin.offset or 0


def _conflicts(owners: Owners, shelves: Shelves) -> dict[str, list[Fact]]:
    """Each device's identifiers that lead to another device as well: a fact for each line that says so, its own first.

    Of each device one line is cited, of a few devices: a faulty request may have given thousands the same identifier.
    """
    lines: dict[tuple[str, str], dict[str, Origin]] = defaultdict(dict)
    suspects = {key for keys in owners.conflicts.values() for key in keys}
    for key, facts in shelves.items():
        for fact in facts if key in suspects else ():
            for name in names_of(fact.attrs):
                if name in owners.conflicts:
                    lines[name][key] = min(lines[name].get(key, fact.origin), fact.origin, key=_place)
    found: dict[str, list[Fact]] = defaultdict(list)
    for (kind, value), keys in sorted(owners.conflicts.items()):
        said = lines[kind, value]
        first = sorted(keys & said.keys())[:_CITED_MAX]
        names = ", ".join(owners.serials.spelled[key] for key in sorted(keys))
        strength = "conflict" if kind in UNIQUE_KEYS else "shared"
        text = f"{kind} {value} is named for {names}"
        for key in keys:
            cited = dict.fromkeys([*([key] if key in said else []), *first])
            found[key] += [Fact(strength, None, "identity", text, {kind: value}, said[each]) for each in cited]
    return found


_CITED_MAX: Final = 3


def _place(origin: Origin) -> tuple[str, int]:
    return origin.path, origin.offset or 0
