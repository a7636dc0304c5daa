"""The moments of a case: `as_of`, and how far each side was read."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import chain, groupby, zip_longest
from operator import itemgetter
from typing import Final

import msgspec

from abm_trace import formats
from abm_trace.core.beginnings import Beginning, beginnings
from abm_trace.core.instants import SECOND
from abm_trace.core.nouns import Device, Fact, Origin, Reading
from abm_trace.core.packed import Packed
from abm_trace.formats._interface import Format
from abm_trace.formats.exports._interface import MORE, PART
from abm_trace.pipeline.case import Case
from abm_trace.verdict import Reach, offset_us
from abm_trace.verdict.context import SIDES

WITNESS_US: Final = 600 * SECOND
"""Within this another device or a server bears an event out (CASE.md, default as_of)."""

_NO_EVENTS: Final = frozenset({"token", "enrolment_profile", "coverage", "known"})


def newest_event(devices: Collection[Device], readings: Iterable[Reading], wide: Iterable[Fact] = ()) -> int | None:
    """The newest event that a server recorded, or that another device or a server bears out within ten minutes, else
    the newest event.

    Device times are corrected by the device's last known offset. One clock that runs ahead moves nothing, and neither
    does one record of a future date: later than its own export says that it reaches, or of another age than the rest.
    `wide` are the facts that are of no device; of these a server's own events count.
    """
    readings, servers = list(readings), list(_of_servers(wide))
    ends = {reading.path: reading.last_at for reading in readings if reading.captures and reading.last_at is not None}
    future = _Future(readings)
    newest: list[_Event] = []
    for count in (_NEWEST, None):  # The newest few decide, as a rule.
        events = chain(servers, _events(devices, ends))
        newest = sorted(events) if count is None else nsmallest(count, events)
        whole = len(newest) != count
        if (found := _borne_out(newest, future, whole=whole)) is not None:
            return -found
        if whole:
            break
    clocks = [event for event in newest if not _is_of_server(event)]
    if len({owner for _, owner, _ in clocks}) < _ENOUGH:
        clocks = [event for event in newest if not future.holds(event)] or newest
    return -clocks[0][0] if clocks else None


def _borne_out(newest: Sequence["_Event"], future: "_Future", *, whole: bool) -> int | None:
    """How long ago the newest event was that something bears out; None where nothing does, or where it is not known
    what came before these events, which are not the `whole`.
    """
    runs = [list(run) for _, run in groupby(newest, key=itemgetter(1))]
    later: int | None = None
    for run, older in zip_longest(runs, runs[1:]):
        if older is None and not whole:
            return None
        others = [ago for ago in (later, older[0][0] if older else None) if ago is not None]
        for event in run:
            away = min((abs(event[0] - ago) for ago in others), default=0)
            said = _is_of_server(event) and (older is None or away <= _AGE_US)
            if (others and away <= WITNESS_US) or (said and not future.holds(event)):
                return event[0]
        later = run[-1][0]
    return None


class _Future:
    """Knows the records that are dated later than their own export reaches: such a date is no event."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._readings = {reading.path: reading for reading in readings}
        self._reached: dict[tuple[str, str], int | None] = {}

    def holds(self, event: "_Event") -> bool:
        """Whether an event is such a record; each export is looked at once, and only if one of its records is alone."""
        ago, owner, path = event
        if not (path and _is_of_server(event)):
            return False
        place = path, str(owner[1])
        if place not in self._reached:
            said = (
                fact.at
                for fact in (self._readings[path].facts if path in self._readings else ())
                if fact.at is not None and fact.kind == "coverage" and (fact.value or fact.source) == owner[1]
            )
            self._reached[place] = max(said, default=None)
        reached = self._reached[place]
        return reached is not None and -ago > reached + WITNESS_US


_NEWEST: Final = 1000
_ENOUGH: Final = 2
"""Clocks that say what age a case is of, where one record is of another."""

_AGE_US: Final = 7 * 86_400 * SECOND
"""A server's lone record that is further from everything else is of another age. Origin: ours; a weekend between the
staging and the record is common, a week hardly."""

_SERVERS: Final = frozenset(name for side in SIDES.values() for name in side)
_SERVER_EVENTS: Final = frozenset({"sync_ok", "sync_failed", "audit_event"})
"""What of a server's own is an event, where no device is named."""

_Event = tuple[int, tuple[str, ...], str]
"""How long ago; whose word: a device's, or (device, source), what a source says of it; a record's blob, "" for none."""


def _is_of_server(event: _Event) -> bool:
    """Whether a server recorded it, whose clock needs no witness."""
    return event[1][-1] in _SERVERS and len(event[1]) > 1


def _of_servers(wide: Iterable[Fact]) -> Iterator[_Event]:
    """The events of servers themselves."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for fact in wide:
        if fact.at is not None and fact.kind in _SERVER_EVENTS:
            owner = fact.attrs.get("server", ""), fact.source
            yield -fact.at, known.setdefault(owner, owner), ""


class _Origin(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How an origin begins."""

    path: str
    by: str
    offset: int | None = None


class _Dated(Beginning, frozen=True, array_like=True, gc=False):
    """A fact up to where it stands."""

    origin: _Origin


class _Unit(msgspec.Struct, frozen=True, gc=False):
    """A device with no more than its facts."""

    serial: str
    facts: tuple[_Dated, ...]


def _events(devices: Collection[Device], ends: Mapping[str, int]) -> Iterator[_Event]:
    """The events of all devices."""
    units: Iterable[Device | _Unit] = devices.seen_as(_Unit) if isinstance(devices, Packed) else devices
    for device in units:
        serial = device.serial
        itself = (serial,)
        own: list[int] = []
        offset = 0
        for fact in device.facts:
            at = fact.at
            if fact.kind == "clock_offset":
                offset = offset_us(fact) or 0
            if at is None or fact.kind in _NO_EVENTS or (fact.kind == "dep_record" and "op_type" not in fact.attrs):
                continue  # A fetched record is dated by its page, which is no event of the device.
            if fact.source != "log":
                yield -at, (serial, fact.source), fact.origin.path
                continue
            own.append(at)
            if fact.kind == "booted" and not fact.origin.offset:
                own.append(ends.get(fact.origin.path, at))
        for at in own:
            yield offset - at, itself, ""


def reach(
    readings: Iterable[Reading], case: Case, as_of: int, server_of: Callable[[str, str], str]
) -> dict[str, list[Reach]]:
    """How far each side was read, and for which MDM server: up to what each of its sources says, else up to `as_of`.

    `server_of(path, product)` names the server of a file that names none. A list of a product that is not whole leaves
    its other lists unread too: who is not on these may stand on that (Jamf's mobile devices and computers).
    """
    found: dict[str, list[Reach]] = {}
    readings = list(readings)
    partial = _partial(readings, server_of)
    open_ = unfinished(readings, server_of)
    lacking = {(_list(each, server_of), _of(each).split(" ")[0]) for each in readings if each.path in open_}
    for reading in readings:
        covers = () if reading.captures or reading.path in partial else _covers(reading)
        for source in covers:
            if lacking and (_list(reading, server_of), source) in lacking:
                continue
            side = next(side for side, names in SIDES.items() if source in names)
            end = (_end(reading, source),)
            own = _product(reading) if source in _OF_A_SERVER or "mdm" in covers else ""
            product = own if "mdm" in covers else ""
            for server, until in _until(reading, source, case, as_of).items():
                name = server or (server_of(reading.path, own) if source in _OF_A_SERVER else "")
                kind = _kind(reading) if source == "mdm" else ""
                found.setdefault(side, []).append(Reach(until, 0, end, name, source, product, kind))
    return found


def held(readings: Iterable[Reading], reach: Collection[str]) -> dict[str, str]:
    """What the case holds of a side that was not read (one not in `reach`), where it holds anything: `untold` where
    that mostly does not say how the devices stand, else `part`, for no list that does is whole.
    """
    found: dict[str, str] = {}
    for side in ("apple", "mdm"):
        if side in reach:
            continue
        kinds = Counter(
            head.kind
            for reading in readings
            if not reading.captures
            for head in _heads(reading)
            if head.source in SIDES[side] and head.kind not in _BESIDE
        )
        if kinds:
            told = kinds.total() - sum(kinds[kind] for kind in _STATELESS)
            found[side] = "part" if told * 2 >= kinds.total() else "untold"
    return found


_STATELESS: Final = frozenset({
    "known", "assigned", "unassigned", "released", "migration", "server", "account", "enrolment_untold",
})  # fmt: skip
"""Whose a device is, and not how it stands."""

_BESIDE: Final = frozenset({"coverage", "posture"})
"""What stands beside that."""


def unfinished(readings: Sequence[Reading], server_of: Callable[[str, str], str]) -> frozenset[str]:
    """The files of lists that are not whole: another page follows their last one, or they hold fewer rows than there
    are, and the case has no other file of it that ends it.
    """
    open_ = [reading for reading in readings if any(each.reason.startswith(MORE) for each in reading.skipped)]
    paths, names = {reading.path for reading in open_}, {reading.format for reading in open_}
    ended: dict[tuple[str, str], set[str]] = {}
    for reading in readings:
        if reading.format in names and reading.path not in paths and (of := _of_whole(reading)) is not None:
            ended.setdefault(_list(reading, server_of), set()).add(of)
    return _partial(readings, server_of) | {
        reading.path
        for reading in open_
        if not (ends := ended.get(_list(reading, server_of))) or ends.isdisjoint({"", _of(reading) or min(ends)})
    }


def _partial(readings: Sequence[Reading], server_of: Callable[[str, str], str]) -> frozenset[str]:
    """The files of lists that say how many rows there are, where all of them together hold fewer."""
    parts: dict[tuple[str, str], dict[str, list[tuple[str, int, int]]]] = {}
    for reading in readings:
        for each in reading.skipped:
            if each.reason.startswith(PART) and (match := _OF.search(each.reason)):
                lists = parts.setdefault(_list(reading, server_of), {})
                lists.setdefault(each.reason[: match.start()], []).append((reading.path, int(match[1]), int(match[2])))
    short: set[str] = set()
    for lists in parts.values():
        lacking = [name for name, each in lists.items() if _is_short(each)]
        if lacking != [PART] or len(lists) == 1:  # A page without rows may be one behind the last.
            short.update(path for name in lacking for path, *_ in lists[name])
    return frozenset(short)


def _is_short(parts: Sequence[tuple[str, int, int]]) -> bool:
    """Whether these parts of a list, (path, rows, rows of the list), are together not the whole of it."""
    return sum(rows for _, rows, _ in parts) < _WHOLE_MIN * max(total for *_, total in parts)


def _list(reading: Reading, server_of: Callable[[str, str], str]) -> tuple[str, str]:
    """Whose lists a file is of: the format's, and the MDM server's."""
    return reading.format, server_of(reading.path, _product(reading))


def _of(reading: Reading) -> str:
    """What a list is made of: the source of its records, and what the MDM counts them as (`mdm jamf/mobile`).

    "" where it has none, or where the format has but one list. A record of an ADE list may say too how its device
    stands with the MDM, but no record of the MDM's own list is a `dep_record`.
    """
    first: dict[str, int] = {}
    for number, head in enumerate(_heads(reading)):
        if head.kind in _RECORDS:
            first.setdefault(head.source, number)
    if not first:
        return ""
    source = min(first)
    (fact,) = _some(reading, [first[source]])
    return f"{source} {fact.attrs.get('mdm_id', '').rpartition('/')[0]}".strip()


def _kind(reading: Reading) -> str:
    """`computer` or `mobile` where a list holds nothing else, of a product that has a list of each; else ""."""
    if "/" not in _of(reading):
        return ""
    kinds = {
        fact.attrs.get("mdm_id", "").split("/")[1:2] == ["computer"]
        for fact in beginnings(reading.facts)
        if fact.kind in _RECORDS and fact.source == "mdm"
    }
    return ("computer" if True in kinds else "mobile") if len(kinds) == 1 else ""


def _of_whole(reading: Reading) -> str | None:
    """As `_of`, for a list to which nothing lacks; None for one of which its file says that something does."""
    lacking = {head.source for head in _heads(reading) if head.kind == "coverage" and head.at is None}
    of = _of(reading)
    return None if of.split(" ")[0] in lacking or (lacking and not of) else of


_RECORDS: Final = frozenset({"dep_record", "enrolled", "enrolled_by_hand", "mdm_row"})
"""What the lists are made of that one format has several of."""

_WHOLE_MIN: Final = 0.9
"""From this share of its rows on a list is whole: devices come and go between its pages. Origin: ours; the first page
of several lacks half of them, or more."""

_OF: Final = re.compile(r": ([0-9]{1,12}) of ([0-9]{1,12})$")

_OF_A_SERVER: Final = frozenset({"dep", "mdm"})


def _covers(reading: Reading) -> tuple[str, ...]:
    """The sources whose silence a file proves, also where it holds no record."""
    if reading.format not in formats.formats():
        return ()
    form: Format = formats.formats()[reading.format][1].FORMAT
    if not form.only_said:
        return form.covers
    said = {head.source for head in _heads(reading) if head.kind == "coverage"}
    return tuple(source for source in form.covers if source in said)


def _until(reading: Reading, source: str, case: Case, as_of: int) -> dict[str, int]:
    """MDM server ("" where it is not said) → how far the source was read for it.

    A coverage fact without a time says that the list is not whole, so that nothing follows from what it lacks. Nor does
    it where more of the records do not say whether their device is enrolled than do: it was exported without that.
    """
    coverage = [n for n, head in enumerate(_heads(reading)) if head.kind == "coverage"]
    own = [fact for fact in _some(reading, coverage) if (fact.value or fact.source) == source]
    keys = sorted((name for name in case.coverage if _speaks_of(name, source, reading)), key=lambda name: "." in name)
    said = [case.coverage[name] for name in keys if ("." in name) == ("." in keys[-1])]
    if said:  # What is said of the product goes before what is said of the family.
        return dict.fromkeys({fact.attrs.get("server", "") for fact in own} or {""}, max(said))
    if source == "mdm" and _tells_nothing(reading):
        return {}
    if not own:
        return {"": as_of}
    reached: dict[str, int] = {}
    for fact in own:
        server = fact.attrs.get("server", "")
        if fact.at is not None:
            reached[server] = max(reached.get(server, fact.at), fact.at)
    lacking = {fact.attrs.get("server", "") for fact in own if fact.at is None}
    return {server: until for server, until in reached.items() if server not in lacking}


def _tells_nothing(reading: Reading) -> bool:
    kinds = Counter(fact.kind for fact in reading.facts if fact.source == "mdm" and fact.kind not in _BESIDE)
    untold = kinds["enrolment_untold"]
    return untold > kinds.total() - untold


def _speaks_of(name: str, source: str, reading: Reading) -> bool:
    """Whether a key of `[coverage]`, such as `mdm` or `mdm.jamf`, speaks of a source in a reading."""
    family, _, product = name.partition(".")
    if family != ("abm" if source == "org" else source):
        return False
    own = _product(reading)
    return not product or own == _ANY_PRODUCT or product.casefold() in f"{reading.path} {own}".casefold()


_ANY_PRODUCT: Final = "mdm-inventory"
"""The guide's own columns say nothing of a product."""


def _product(reading: Reading) -> str:
    """The MDM product of a reading: what its records say, else its format."""
    return next((fact.attrs["mdm"] for fact in beginnings(reading.facts) if "mdm" in fact.attrs), reading.format)


def _end(reading: Reading, source: str) -> Origin:
    """The newest record of a source in a blob: to there it was read, and it held nothing more."""
    source = "abm" if source == "org" else source
    facts: Iterable[Fact | _Dated] = reading.facts
    if isinstance(reading.facts, Packed):
        facts = reading.facts.seen_as(_Dated)
    numbers = (
        (fact.at or 0, fact.origin.offset or 0, -number)
        for number, fact in enumerate(facts)
        if fact.source == source and fact.kind != "coverage"
    )
    *_, first = max(numbers, default=(None,))
    if first is None:
        return Origin(reading.path, reading.format, 0, 0, 1, 0)
    (newest,) = _some(reading, [-first])
    return newest.origin


def _some(reading: Reading, numbers: Iterable[int]) -> Iterator[Fact]:
    """The facts with these numbers, which ascend."""
    facts = reading.facts
    return facts.some(numbers) if isinstance(facts, Packed) else map(facts.__getitem__, numbers)


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How a fact begins: packed ones need not be decoded further to find the few that are looked at."""

    kind: str
    at: int | None
    source: str


def _heads(reading: Reading) -> Iterable[Fact | _Head]:
    return reading.facts.seen_as(_Head) if isinstance(reading.facts, Packed) else reading.facts
