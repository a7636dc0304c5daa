"""What the entries of a log add up to: keys, retention, holds, purges; and which entries broke a rule of the log."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from abm_trace.core import instants
from abm_trace.evidence import tree
from abm_trace.evidence.entry import KEPT, Entry, encode
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import VerifierKey

DAY: Final = 86_400 * instants.SECOND
DAYS_MIN: Final = 90
"""Evidence is kept for at least so long. From: SPEC E3."""

_BROKEN, _PLAIN, _KEPT, _PURGED = range(4)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long evidence is kept: never shorter than `days_min`, not longer than `days_max` where there is one."""

    days_min: int = DAYS_MIN
    days_max: int | None = None

    def __str__(self) -> str:
        return f"{self.days_min} days at least" + (f", {self.days_max} at most" if self.days_max else "")


@dataclass(slots=True)
class Ledger:
    """The state after the entries that were taken so far, which are taken in order.

    `times` has the time of each (µs UTC); `problems` the index of each entry that broke a rule, and which.
    """

    times: "array[int]" = field(default_factory=lambda: array("q"))
    active: dict[bytes, VerifierKey] = field(default_factory=dict)
    added: list[tuple[int, VerifierKey]] = field(default_factory=list)
    holds: dict[int, Entry] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    problems: list[tuple[int, str]] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    _states: bytearray = field(default_factory=bytearray)
    _holds: bytes = b""

    @property
    def size(self) -> int:
        """How many entries were taken."""
        return len(self.times)

    def skip(self) -> None:
        """Take an entry that cannot be read: it holds its place and says nothing."""
        self.times.append(self.times[-1] if self.times else 0)
        self._states.append(_BROKEN)

    def take(self, entry: Entry) -> None:
        """Take the next entry."""
        index, at = self.size, entry.at
        if self.times and at < self.times[-1]:
            self.back.append(index)
        if entry.kind in KEPT:
            self.times.append(at)
            self._states.append(_KEPT)
            return
        if reason := self.refusal(entry):
            self.problems.append((index, reason))
        self.times.append(at)
        self._states.append(_PLAIN)
        match entry.kind:
            case "key":
                key = VerifierKey.parse(entry.key)
                self.active.pop(key.id, None)
                if entry.act == "add":
                    self.active[key.id] = key
                    self.added.append((index, key))
            case "config" if not reason:
                self.policy = Policy(entry.days_min or DAYS_MIN, entry.days_max)
            case "hold":
                self.holds[index] = entry
            case "release" if not reason:
                del self.holds[entry.hold or 0]
            case "purge":
                for first, last in entry.ranges:
                    for each in range(first, min(last + 1, index)):
                        if self._states[each] == _KEPT:
                            self._states[each] = _PURGED
            case _:
                pass
        if entry.kind in {"hold", "release"}:
            self._holds += tree.leaf_hash(encode(entry))

    def refusal(self, entry: Entry) -> str:
        """Why the log would not take this entry next; "" if it would."""
        match entry.kind:
            case "config":
                if (entry.days_min or 0) < DAYS_MIN:
                    return f"retention of {entry.days_min} days: it is {DAYS_MIN} at least"
                if entry.days_max is not None and entry.days_max < (entry.days_min or 0):
                    return f"a maximum of {entry.days_max} days is below the minimum of {entry.days_min}"
            case "release":
                return self._refusal_of_release(entry)
            case "purge":
                return self.refusal_of_purge(entry.ranges, entry.at) or (
                    "" if entry.holds == self.holds_digest() else "its digest of the holds is another one"
                )
            case "key":
                return self._refusal_of_key(entry)
            case _:
                pass
        return ""

    def _refusal_of_key(self, entry: Entry) -> str:
        try:
            key = VerifierKey.parse(entry.key)
        except FormatError as error:
            return str(error)
        names = {each.name for each in self.active.values()} or {key.name}
        if entry.act == "add" and (key.id in self.active or key.name not in names):
            return "that key signs already, or has another name than the log"
        if entry.act == "retire" and (key.id not in self.active or len(self.active) == 1):
            return "that key does not sign, or is the only one that does"
        return ""

    def _refusal_of_release(self, entry: Entry) -> str:
        held = self.holds.get(-1 if entry.hold is None else entry.hold)
        if held is None:
            return f"record {entry.hold} is no hold that stands"
        if _same(entry.second, entry.actor) or _same(entry.second, held.actor):
            return "a hold is lifted by a second person: neither the one who placed it nor the one who asks"
        return ""

    def refusal_of_purge(self, ranges: Iterable[tuple[int, int]], at: int) -> str:
        """Why the bytes of these entries may not be deleted at this time; "" if they may."""
        for first, last in ranges:
            if last >= self.size:
                return f"record {last} is not in the log"
            newest = max(range(first, last + 1), key=self.times.__getitem__)
            until = self.times[newest] + self.policy.days_min * DAY
            if at < until:
                days = (at - self.times[newest]) // DAY
                return (
                    f"record {newest} is {days} days old; evidence is kept for {self.policy.days_min} days,"
                    f" this until {instants.render(until)}"
                )
            for index, hold in self.holds.items():
                if not hold.ranges or any(low <= last and first <= high for low, high in hold.ranges):
                    return f"records {first} to {last} are under the hold of record {index} ({hold.reason})"
        return ""

    def holds_digest(self) -> str:
        """SHA-256 over the leaf hashes of all holds and releases so far: what a purge has consulted."""
        return hashlib.sha256(self._holds).hexdigest()

    def is_purged(self, index: int) -> bool:
        """Whether the bytes of an entry were purged."""
        return self._states[index] == _PURGED

    def older(self, at: int, days: int) -> list[tuple[int, int]]:
        """The ranges of entries that keep bytes, are older than so many days, and under no hold."""
        found = [
            index
            for index, state in enumerate(self._states)
            if state == _KEPT and self.times[index] + days * DAY <= at and not self._is_held(index)
        ]
        return joined(found)

    def _is_held(self, index: int) -> bool:
        return any(
            not hold.ranges or any(first <= index <= last for first, last in hold.ranges)
            for hold in self.holds.values()
        )


def joined(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Rising indexes as ranges, first and last."""
    ranges: list[tuple[int, int]] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1] = (ranges[-1][0], index)
        else:
            ranges.append((index, index))
    return ranges


def _same(one: str, other: str) -> bool:
    """Whether two actors are one person, however written."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
