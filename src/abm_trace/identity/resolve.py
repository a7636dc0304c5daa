"""From readings to devices: every fact finds its owner, every capture says when its device booted."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from abm_trace.core.nouns import NO_ATTRS, Device, Fact, Origin, Reading, Skipped
from abm_trace.core.packed import Packed, packed
from abm_trace.identity.naming import NOBODY, OF_A_SERVER, SERVER_KINDS, WIDE_KINDS, named
from abm_trace.identity.owners import SHARED_KEYS, UNIQUE_KEYS, Owners, Scope, names_of
from abm_trace.identity.serials import looks_like_serial
from abm_trace.identity.shelves import Held, Shelves, decoded

_DEVICE_SOURCES: Final = frozenset({"audit", "abm", "dep", "mdm", "capture", "log"})
_STRANGERS_MAX = 20
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


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
    names = named(readings)
    owners = names.owners
    spelled = owners.serials.spelled
    packing = any(isinstance(reading.facts, Packed) for reading in readings)
    shelves = Shelves(sorted(spelled, key=spelled.__getitem__), packing=packing)
    sorter = _Sorter(owners, shelves, names_in)
    for reading in readings:
        if reading.captures:
            sorter.capture(reading)
    if names.lacking:
        for key, lines in shelves.items():  # A row without a serial may share its request with a device's log.
            for fact in lines:
                for kind in SHARED_KEYS:
                    if value := fact.attrs.get(kind):
                        owners.link(kind, value, key)
    places = names.places(shelves.numbers.get)
    exports = (reading for reading in readings if not reading.captures)
    for reading, whose in zip(exports, names.whose, strict=True):
        sorter.export(reading, map(places.__getitem__, whose))
    conflicts = _conflicts(owners, shelves) if owners.conflicts else {}
    beside = _Beside(spelled, conflicts, _sightings(owners, lists))
    devices = _packed(shelves, beside) if packing else _at_hand(shelves, beside)
    return Resolution(devices, tuple(sorter.wide), tuple(sorter.skipped), owners)


class _Beside(NamedTuple):
    """What devices have beside their facts, by their keys."""

    spelled: Mapping[str, str]
    conflicts: Mapping[str, Sequence[Fact]]
    sightings: Mapping[str, Sequence[Fact]]

    def of(self, key: str) -> tuple[str, tuple[Fact, ...], tuple[Fact, ...]]:
        """A device's serial, conflicts and sightings."""
        return self.spelled[key], tuple(self.conflicts.get(key, ())), tuple(self.sightings.get(key, ()))


def _at_hand(shelves: Shelves, beside: _Beside) -> tuple[Device, ...]:
    found = []
    for key, facts in shelves.items():
        serial, conflicts, sightings = beside.of(key)
        found.append(Device(serial, _manifest(facts), tuple(facts), conflicts, sightings))
    return tuple(found)


class _Encoded(msgspec.Struct):
    """A device as it is encoded, with the facts as they were: the same fields under the same names."""

    serial: str
    attrs: msgspec.Raw | Mapping[str, str]
    facts: Sequence[msgspec.Raw]
    conflicts: Sequence[Fact]
    sightings: Sequence[Fact]


class _Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact up to its attributes, and these as they were encoded."""

    kind: str
    at: int | None
    source: str
    value: str
    attrs: msgspec.Raw


_row = msgspec.msgpack.Decoder(_Row).decode
_attrs = msgspec.msgpack.Decoder(dict[str, str]).decode


def _packed(shelves: Shelves, beside: _Beside) -> Packed[Device]:
    found = Packed(Device, shelves.size)
    for shelf in shelves.emptied():
        devices = []
        for key, facts in shelf:
            serial, conflicts, sightings = beside.of(key)
            rows = [row.attrs for row in map(_row, facts) if row.source == "manifest"]
            attrs = rows[0] if len(rows) == 1 else _fullest([_attrs(row) for row in rows])
            devices.append(_Encoded(serial, attrs, facts, conflicts, sightings))
        found.take(packed(devices), len(devices))
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

    def export(self, reading: Reading, places: Iterable[int]) -> None:
        """The rows, probes and payloads of anything but a capture.

        `places` are the numbers of the devices whose the facts are, NOBODY where that is still to be found out.
        """
        strangers: Counter[str] = Counter()
        facts: Iterable[Held] = reading.facts
        if isinstance(reading.facts, Packed):
            facts = reading.facts.seen_as(msgspec.Raw)
        put = self.shelves.put
        for fact, place in zip(facts, places, strict=True):
            if place != NOBODY:
                put(place, fact)
            else:
                self._row(fact if isinstance(fact, Fact) else decoded(fact), strangers)
        self._strangers(reading, strangers, "record")

    def _row(self, fact: Fact, strangers: Counter[str]) -> None:
        if fact.kind in SERVER_KINDS:
            self.wide.append((Scope("server", self.owners.servers.of(fact)), fact))
            return
        if fact.kind in WIDE_KINDS:
            self.wide.append((Scope("case", ""), fact))
            return
        if self.owners.servers and (fact.source in OF_A_SERVER or "server_id" in fact.attrs):
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
    return _fullest([fact.attrs for fact in facts if fact.source == "manifest"])


def _fullest(rows: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
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

    Of each device one line is cited, of a few devices, and few are named: a faulty request, or an export that gives all
    one UDID, may make thousands of one identifier, and each of them says so.
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
        strength = "conflict" if kind in UNIQUE_KEYS else "shared"
        text = f"{kind} {value} is named for {_few([owners.serials.spelled[key] for key in sorted(keys)])}"
        attrs = {kind: value}
        told = {key: Fact(strength, None, "identity", text, attrs, origin) for key, origin in said.items()}
        for key in keys:
            found[key] += [told[each] for each in dict.fromkeys((key, *first)) if each in told]
    return found


def _few(serials: Sequence[str]) -> str:
    """The devices; of many the first, and how many there are."""
    names = ", ".join(serials[:NAMED_MAX])
    more = len(serials) - NAMED_MAX
    return names if more <= 0 else f"{len(serials):,} devices: {names} and {more:,} more"


NAMED_MAX: Final = 10
"""So many devices of one identifier are named: more nobody compares by eye. Origin: ours."""

_CITED_MAX: Final = 3


def _place(origin: Origin) -> tuple[str, int]:
    return origin.path, origin.offset or 0
