"""From readings to devices: every fact finds its owner, every capture says when its device booted."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple

import msgspec

from abm_trace.core.beginnings import Held, beginnings
from abm_trace.core.nouns import NO_ATTRS, Device, Fact, Origin, Reading, Skipped
from abm_trace.core.packed import Packed, packed
from abm_trace.core.spill import Spill
from abm_trace.identity import conflicts
from abm_trace.identity.naming import NOBODY, OF_A_SERVER, SERVER_KINDS, WIDE_KINDS, named
from abm_trace.identity.owners import Owners, Scope
from abm_trace.identity.serials import looks_like_serial
from abm_trace.identity.shelves import Shelves, decoded

_DEVICE_SOURCES: Final = frozenset({"audit", "abm", "dep", "mdm", "capture", "log"})
_STRANGERS_MAX = 20
_WIDE_FACTS = 1_000
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


class Resolution(msgspec.Struct, frozen=True):
    """The devices of a case, the facts that are wider than one device, and what found no owner.

    The devices are packed where any reading's facts are.
    """

    devices: Sequence[Device]
    wide: Sequence[tuple[Scope, Fact]]
    skipped: tuple[Skipped, ...]
    owners: Owners


Thin = Callable[[str, Collection[Held]], tuple[Collection[Held], Skipped | None]]
"""What leaves out some of a device's facts (serial, facts), and says so."""


def _all(_serial: str, facts: Collection[Held]) -> tuple[Collection[Held], None]:
    return facts, None


def resolve(
    readings: Sequence[Reading], names_in: Callable[[Reading], frozenset[str]], thin: Thin = _all
) -> Resolution:
    """The devices of the readings, in order of serial.

    `names_in` looks through a whole capture for the devices that it names; it is asked only about captures in which
    some line names none. `thin` is asked about each device's facts.
    """
    lists = [reading for reading in readings if reading.sights]
    readings = [reading for reading in readings if not reading.sights]
    names = named(readings)
    owners = names.owners
    spelled = owners.serials.spelled
    packing = any(isinstance(reading.facts, Packed) for reading in readings)
    shelves = Shelves(sorted(spelled, key=spelled.__getitem__), packing=packing)
    wide = Packed(tuple[Scope, Fact], _WIDE_FACTS) if packing else list[tuple[Scope, Fact]]()
    sorter = _Sorter(owners, shelves, names_in, wide.add if isinstance(wide, Packed) else wide.append)
    for reading in readings:
        if reading.captures:
            sorter.capture(reading)
    places = names.places(shelves.numbers.get)
    exports = (reading for reading in readings if not reading.captures)
    for reading, whose in zip(exports, names.whose, strict=True):
        sorter.export(reading, map(places.__getitem__, whose))
    found = conflicts.of(owners, shelves)
    thinned: list[Skipped] = []

    def few(serial: str, facts: Collection[Held]) -> list[Held]:
        found, said = thin(serial, facts)
        if said:
            thinned.append(said)
        return found if isinstance(found, list) else [*found]

    beside = _Beside(spelled, found, _sightings(owners, lists))
    devices = _packed(shelves, beside, few) if packing else _at_hand(shelves, beside, few)
    if isinstance(wide, Packed):
        wide.close()
    return Resolution(devices, wide, (*sorter.skipped, *thinned), owners)


_Few = Callable[[str, Collection[Held]], list[Any]]


class _Beside(NamedTuple):
    """What devices have beside their facts, by their keys."""

    spelled: Mapping[str, str]
    conflicts: Mapping[str, Sequence[Fact]]
    sightings: Mapping[str, Sequence[Fact]]

    def of(self, key: str) -> tuple[str, tuple[Fact, ...], tuple[Fact, ...]]:
        """A device's serial, conflicts and sightings."""
        return self.spelled[key], tuple(self.conflicts.get(key, ())), tuple(self.sightings.get(key, ()))


def _at_hand(shelves: Shelves, beside: _Beside, few: _Few) -> tuple[Device, ...]:
    found = []
    for key, each in shelves.items():
        facts = tuple(each)
        serial, said, sightings = beside.of(key)
        rows = [fact for fact in facts if fact.source == "manifest"]
        attrs = rows[0].attrs if len(rows) == 1 else _fullest(row.attrs for row in rows)
        if len(rows) > 1:
            said += conflicts.sites(rows)
        found.append(Device(serial, attrs, tuple(few(serial, facts)), said, sightings))
    return tuple(found)


class _Encoded(msgspec.Struct):
    """A device as it is encoded, with the facts as they were: the same fields under the same names."""

    serial: str
    attrs: msgspec.Raw | Mapping[str, str]
    facts: Collection[msgspec.Raw]
    conflicts: Sequence[Fact]
    sightings: Sequence[Fact]


BLOCK_FACTS_MAX: Final = 20_000
"""How many facts are decoded at once with the devices that they are of, where one has no more. Origin: ours, 20 MB."""


class _Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact up to its attributes, and these as they were encoded."""

    kind: str
    at: int | None
    source: str
    value: str
    attrs: msgspec.Raw


_row = msgspec.msgpack.Decoder(_Row).decode
_attrs = msgspec.msgpack.Decoder(dict[str, str]).decode


def _packed(shelves: Shelves, beside: _Beside, few: _Few) -> Packed[Device]:
    """The devices, as many in a block as have BLOCK_FACTS_MAX facts, and no more than stand on a shelf."""
    found = Packed(Device, shelves.size, spill=Spill())
    for shelf in shelves.emptied():
        devices: list[_Encoded] = []
        held = 0
        for key, facts in shelf:
            serial, said, sightings = beside.of(key)
            rows = (row.attrs for row in map(_row, facts) if row.source == "manifest")  # A device may have very many.
            some = [*islice(rows, 2)]
            attrs = some[0] if len(some) == 1 else _fullest(map(_attrs, chain(some, rows)))
            if len(some) > 1:
                said += conflicts.sites(decoded(each) for each in facts if _row(each).source == "manifest")
            judged = few(serial, facts)
            if held and held + len(judged) > BLOCK_FACTS_MAX:
                found.take(packed(devices), len(devices))
                devices, held = [], 0
            devices.append(_Encoded(serial, attrs, judged, said, sightings))
            held += len(judged)
        found.take(packed(devices), len(devices))
    return found


class _Sorter(msgspec.Struct):
    """Gives each fact to its owner, reading by reading; `wide` takes those that are wider than a device."""

    owners: Owners
    shelves: Shelves
    names_in: Callable[[Reading], frozenset[str]]
    wide: Callable[[tuple[Scope, Fact]], None]
    skipped: list[Skipped] = msgspec.field(default_factory=list)

    def capture(self, reading: Reading) -> None:
        """The lines of a capture, and the boots that it shows."""
        named = self.owners.by_path(reading.path)
        hosts = reading.host or any("host" in fact.attrs for fact in beginnings(reading.facts))
        if named.kind == "device" and not hosts:  # The usual case: a capture of one device, named after it.
            self.shelves.add(named.name, (_boot(reading),))
            self.shelves.add(named.name, _held(reading.facts))
            for fact in beginnings(reading.facts):
                self.owners.link(fact.attrs, named.name)
            return
        lines = self._lines(reading, None)
        silent = named.kind != "device" and not reading.facts
        sole = self._sole(reading, set(lines.first)) if lines.nameless or silent else None
        if sole:
            lines = self._lines(reading, sole)
        host = self.owners.by_name(reading.host) if reading.host else None
        own = sole or host or (named.name if named.kind == "device" else None)
        if host and named.kind != "device" and (lines.nameless or len(lines.first) > 1):
            own = None  # A shared capture that happens to begin and end with one device.
        if own is not None:
            self.shelves.add(own, (_boot(reading),))
        for key, first in lines.first.items():
            if key != own:
                boot = Fact("booted", first.at, "log", "first fact of a shared capture", NO_ATTRS, first.origin)
                self.shelves.add(key, (boot,))
        self._give(reading, lines.whose)

    def _give(self, reading: Reading, whose: Sequence[Scope]) -> None:
        """Give the lines of a capture to those whose they are, and name what is nobody's."""
        strangers: Counter[str] = Counter()
        for scope, fact in zip(whose, reading.facts, strict=True):
            if scope.kind == "device":
                self.shelves.add(scope.name, (fact,))
                self.owners.link(fact.attrs, scope.name)
            elif scope.kind in {"host", "site", "case"} and fact.kind == "clock_offset":
                self.wide((scope, fact))
            else:
                strangers[scope.name if scope.kind == "stranger" else ""] += 1
        self._strangers(reading, strangers, "line")

    def export(self, reading: Reading, places: Iterable[int]) -> None:
        """The rows, probes and payloads of anything but a capture.

        `places` are the numbers of the devices whose the facts are, NOBODY where that is still to be found out.
        """
        strangers: Counter[str] = Counter()
        put = self.shelves.put
        for fact, place in zip(_held(reading.facts), places, strict=True):
            if place != NOBODY:
                put(place, fact)
            else:
                self._row(fact, strangers)
        self._strangers(reading, strangers, "record")

    def _row(self, held: Held, strangers: Counter[str]) -> None:
        fact = held if isinstance(held, Fact) else decoded(held)
        if fact.kind in SERVER_KINDS:
            self.wide((Scope("server", self.owners.servers.of(fact)), fact))
            return
        if fact.kind in WIDE_KINDS:
            self.wide((Scope("case", ""), fact))
            return
        if self.owners.servers and (fact.source in OF_A_SERVER or "server_id" in fact.attrs):
            named = self.owners.servers.naming(fact)
            held = held if named is fact else named
            fact = named
        scope = self.owners.of_export(fact)
        if scope.kind == "device":
            self.shelves.add(scope.name, (held,))
        elif scope.kind == "stranger":
            strangers[scope.name] += 1
        elif fact.kind == "audit_event":  # The organisation's own: users, settings, servers.
            self.wide((scope, fact))
        elif fact.source in _DEVICE_SOURCES:
            strangers[""] += 1
        else:
            self.wide((scope, fact))

    def _lines(self, reading: Reading, sole: str | None) -> "_Lines":
        found = _Lines()
        known: dict[Scope, Scope] = {}
        for fact in reading.facts:
            scope = self.owners.of_line(fact, sole)
            found.whose.append(known.setdefault(scope, scope))
            if scope.kind != "device":
                found.nameless = True
            elif (first := found.first.get(scope.name)) is None or _line(fact) < _line(first):
                found.first[scope.name] = fact
        return found

    def _sole(self, reading: Reading, owned: set[str]) -> str | None:
        """The one device that the whole capture names, None if it names none or several."""
        if len(owned) > 1:
            return None
        named = owned | {key for name in self.names_in(reading) if (key := self.owners.by_name(name))}
        return named.pop() if len(named) == 1 else None

    def _strangers(self, reading: Reading, strangers: Counter[str], noun: str) -> None:
        """Name what belongs to no device of the case."""
        for name, count in sorted(strangers.items())[:_STRANGERS_MAX]:
            what = f"{count:,} {noun}{'s' * (count != 1)} with facts"
            whose = "that name no device of the case"
            if name:
                whose = f"of {name}, which no manifest, ABM or MDM source names"
            elif _of_its_name(reading, noun) and not any(map(looks_like_serial, _WORDS.split(reading.path))):
                whose += " (name the file, or its folder, after its device: SERIAL.log)"
            self.skipped.append(Skipped(reading.path, f"{what} {whose}: not used"))
        if len(strangers) > _STRANGERS_MAX:
            rest = len(strangers) - _STRANGERS_MAX
            self.skipped.append(
                Skipped(reading.path, f"{noun}s of {rest:,} more serials that no source names: not used")
            )


class _Lines(msgspec.Struct):
    """Whose each line of a shared capture is, the first one of each device, and whether any names no device."""

    whose: list[Scope] = msgspec.field(default_factory=list)
    first: dict[str, Fact] = msgspec.field(default_factory=dict)
    nameless: bool = False


def _of_its_name(reading: Reading, noun: str) -> bool:
    """Whether the facts belong to whom the file is named after: of a capture, and of what a device itself answered."""
    return noun == "line" or next((fact.source == "log" for fact in reading.facts), False)


def _line(fact: Fact) -> tuple[int, int]:
    return fact.at or 0, fact.origin.offset or 0


def _held(facts: Sequence[Fact]) -> Iterable[Held]:
    """The facts, or packed ones as they are encoded."""
    return facts.seen_as(msgspec.Raw) if isinstance(facts, Packed) else facts


def _boot(reading: Reading) -> Fact:
    origin = Origin(reading.path, reading.format, 0, 0)
    return Fact("booted", reading.first_at, "log", "first line of its capture", NO_ATTRS, origin)


def _fullest(rows: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """What the manifest says of a device; where two rows differ, the same one wins in any order."""
    return max(rows, key=lambda row: (len(row), sorted(row.items())), default=NO_ATTRS)


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
