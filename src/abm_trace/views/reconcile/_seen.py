"""What the sources say of each device, and how far each of them was read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from abm_trace.core.nouns import Device, Fact, Verdict

MANIFEST, ABM, FETCH, SYNC, MDM = "manifest", "abm", "fetch", "sync", "mdm"
SOURCES: Final = {
    MANIFEST: "manifest",
    ABM: "Apple Business Manager",
    FETCH: "DEP full fetch",
    SYNC: "DEP sync stream",
    MDM: "MDM",
}
"""The sources, in the order in which a device comes through them."""

DEP, REQUESTS = "dep", "audit"
NAMES: Final = {**SOURCES, DEP: "DEP", REQUESTS: "guide's audit"}
"""The same, and two more sides of a comparison: the fetch or the sync stream, and the audit of requests."""

CHECK_INS: Final = ("authenticate", "token_update", "token_renewed", "connected", "checked_out", "configured")
RECORDS: Final = ("enrolled", "enrolled_by_hand", "enrolled_without_token", "mdm_row")
ENROLLED: Final = RECORDS[:-1]
OF_A_SERVER: Final = frozenset({FETCH, SYNC, MDM})


@dataclass(frozen=True, slots=True)
class Listing:
    """A source that was read as a whole up to `until` (µs UTC), for the devices of an MDM server ("": of all).

    `source` is one of SOURCES, or REQUESTS for an audit that tells who asked.
    """

    source: str
    until: int
    server: str = ""


@dataclass(frozen=True)
class Seen:
    """A device as the sources see it. `server` is the MDM server that it is assigned to, "" where none is known;
    `released`, `unassigned` and `record` are the standing words of ABM and DEP about it, None where there are none.
    """

    device: Device
    verdict: Verdict | None = None
    server: str = ""
    released: Fact | None = None
    unassigned: Fact | None = None
    record: Fact | None = None

    @cached_property
    def kinds(self) -> Mapping[str, list[Fact]]:
        """The device's facts by kind; what its own log says is left out but for its boots."""
        found: dict[str, list[Fact]] = {}
        for fact in self.device.facts:
            if fact.source != "log" or fact.kind == "booted":
                found.setdefault(fact.kind, []).append(fact)
        return found

    @cached_property
    def sources(self) -> frozenset[str]:
        """The sources that name the device; ABM no longer does where it was released."""
        found = {MANIFEST for fact in self.device.facts if fact.source == "manifest"}
        if not self.released and any(fact.source in {"abm", "audit"} for fact in self.device.facts):
            found.add(ABM)
        if any(fact.source == "mdm" and fact.kind in {*CHECK_INS, *RECORDS} for fact in self.device.facts):
            found.add(MDM)
        listed = [fact for fact in self.kinds.get("dep_record", ()) if fact.value != "deleted"]
        if any(fact.attrs.get("phase") == "fetch" for fact in listed):
            found.add(FETCH)
        if any(fact.attrs.get("phase") != "fetch" for fact in (*listed, *self.kinds.get("synced", ()))):
            found.add(SYNC)
        return frozenset(found)

    def first(self, *kinds: str) -> Fact | None:
        """The earliest fact of these kinds, one without a time last."""
        facts = [fact for kind in kinds for fact in self.kinds.get(kind, ())]
        return min(facts, key=lambda fact: (fact.at is None, fact.at or 0, fact.kind, fact.value), default=None)

    @cached_property
    def assigned(self) -> Fact | None:
        """ABM's own last word that the device is assigned to a server."""
        if self.released or self.unassigned:
            return None
        facts = [fact for fact in self.kinds.get("assigned", ()) if fact.source in {"abm", "audit"}]
        return max(facts, key=lambda fact: (fact.at or 0, fact.source, fact.value), default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """A device of a difference, with the likely reason; or one that was not compared, and why not."""

    serial: str
    site: str
    server: str
    reason: str


def row_of(seen: Seen, reason: str) -> Row:
    """A device of a difference."""
    return Row(seen.device.serial, seen.device.attrs.get("site", ""), seen.server, reason)


@dataclass(frozen=True, slots=True)
class Source:
    """What was read of a source: `state` is `read`, `in part` or `not read`; `devices` how many it names."""

    id: str
    state: str
    devices: int
    until: int | None = None


class Book:
    """What was read, and for whom."""

    def __init__(self, seen: Sequence[Seen], listings: Iterable[Listing]) -> None:
        self._listings: dict[str, list[Listing]] = {name: [] for name in (*SOURCES, REQUESTS)}
        for listing in listings:
            self._listings[listing.source].append(listing)
        self.named = {name: sum(name in each.sources for each in seen) for name in SOURCES}
        self._records = any("dep_record" in each.kinds for each in seen)
        self._inventories = {server_of(each, *RECORDS) for each in seen} - {""}
        if any(each.released for each in seen):
            self.named[ABM] = max(self.named[ABM], 1)

    def until(self, source: str, server: str = "") -> int | None:
        """Up to when a source was read as a whole for the devices of a server; None if it was not."""
        found = [
            each.until
            for each in self._listings[source]
            if source not in OF_A_SERVER or not (each.server and server) or each.server == server
        ]
        return max(found, default=None)

    def recorded(self, seen: Seen) -> bool:
        """Whether the MDM has a record of a device. Where no inventory of its server is read, NanoMDM's way, the first
        TokenUpdate is its enrolment.
        """
        if any(kind in seen.kinds for kind in RECORDS):
            return True
        return "token_update" in seen.kinds and server_of(seen, "token_update") not in self._inventories

    def state(self, source: str) -> str:
        """`read`, `in part` (devices are named, but no list is whole) or `not read`."""
        if source == DEP:
            if not (self._records or self._listings[FETCH] or self._listings[SYNC]):
                return "not read"
            return min((self.state(name) for name in (FETCH, SYNC)), key=("read", "in part", "not read").index)
        return "read" if self._listings[source] else "in part" if self.named[source] else "not read"

    def summary(self) -> tuple[Source, ...]:
        """The sources in their order."""
        return tuple(Source(name, self.state(name), self.named[name], self.until(name)) for name in SOURCES)


def server_of(seen: Seen, *kinds: str) -> str:
    """The MDM server that facts of these kinds name, else the device's; "" where there is no such fact."""
    fact = seen.first(*kinds)
    return fact.attrs.get("server", seen.server) if fact else ""


def the_source(source: str) -> str:
    """A source, as a sentence names it."""
    return NAMES[source] if source in {ABM, DEP} else f"the {NAMES[source]}"
