"""What the entries of a log add up to: keys, retention, holds, purges; and which entries broke a rule of the log."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from abm_trace.core import instants
from abm_trace.evidence import persons, tree
from abm_trace.evidence.entry import KEPT, Entry, encode
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import VerifierKey

DAY: Final = 86_400 * instants.SECOND
DAYS_MIN: Final = 90
"""Evidence is kept for at least so long. From: SPEC E3."""

DAYS_MAX: Final = 36_500
"""Nor longer than a hundred years, which no calendar of ours ends before. Origin: ours."""

_BROKEN, _PLAIN, _KEPT, _PURGED = range(4)
_EVERYTHING: Final = 1 << 62
"""Behind the last record that a log can have."""


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

    `times` has the time of each (µs UTC), `newest` the latest up to each: a record's age counts from there, so that a
    clock set back makes none older. `problems` has the index of each entry that broke a rule, and which.
    """

    times: "array[int]" = field(default_factory=lambda: array("q"))
    newest: "array[int]" = field(default_factory=lambda: array("q"))
    active: dict[bytes, VerifierKey] = field(default_factory=dict)
    added: list[tuple[int, VerifierKey]] = field(default_factory=list)
    holds: dict[int, Entry] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    problems: list[tuple[int, str]] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    keyed: list[int] = field(default_factory=list)
    """The entries by which a key came or went."""
    _states: bytearray = field(default_factory=bytearray)
    _holds: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _held: list[tuple[int, int, int]] | None = None
    """First and last record under the holds that stand, joined and in order, with one of the holds; None: not yet."""

    @property
    def size(self) -> int:
        """How many entries were taken."""
        return len(self.times)

    def skip(self) -> None:
        """Take an entry that cannot be read: it holds its place and says nothing."""
        self._note(self.times[-1] if self.times else 0, _BROKEN)

    def _note(self, at: int, state: int) -> None:
        self.times.append(at)
        self.newest.append(max(at, self.newest[-1]) if self.newest else at)
        self._states.append(state)

    def take(self, entry: Entry) -> None:
        """Take the next entry."""
        index, at = self.size, entry.at
        if self.times and at < self.times[-1]:
            self.back.append(index)
        if entry.kind in KEPT:
            self._note(at, _KEPT)
            return
        if reason := self.refusal(entry):
            self.problems.append((index, reason))
        self._note(at, _PLAIN)
        match entry.kind:
            case "key" if not reason:
                self.keyed.append(index)
                key = VerifierKey.parse(entry.key)
                if entry.act == "add":
                    self.active[key.id] = key
                    self.added.append((index, key))
                else:
                    del self.active[key.id]
            case "config" if not reason:
                self.policy = Policy(entry.days_min or DAYS_MIN, entry.days_max)
            case "hold":
                self.holds[index] = entry
            case "release" if not reason:
                del self.holds[entry.hold or 0]
            case "purge":
                for first, last in entry.ranges:
                    while (first := self._states.find(_KEPT, first, min(last + 1, index))) >= 0:
                        self._states[first] = _PURGED
            case _:
                pass
        if entry.kind in {"hold", "release"}:
            self._holds.update(tree.leaf_hash(encode(entry)))
            self._held = None

    def refusal(self, entry: Entry) -> str:
        """Why the log would not take this entry next; "" if it would."""
        match entry.kind:
            case "config":
                return self._refusal_of_config(entry.days_min or 0, entry.days_max)
            case "release":
                return self._refusal_of_release(entry)
            case "purge":
                return self.refusal_of_purge(entry.ranges, entry.at) or self._refusal_of_proof(entry)
            case "key":
                return self._refusal_of_key(entry)
            case _:
                pass
        return ""

    def _refusal_of_config(self, days_min: int, days_max: int | None) -> str:
        if not DAYS_MIN <= days_min <= DAYS_MAX:
            return f"retention of {days_min} days: it is {DAYS_MIN} at least, and {DAYS_MAX:,} at most"
        if days_min < self.policy.days_min:
            return f"retention of {days_min} days: it was {self.policy.days_min}, and is only raised"
        if days_max is not None and not days_min <= days_max <= DAYS_MAX:
            against = f"below the minimum of {days_min}" if days_max < days_min else f"more than {DAYS_MAX:,}"
            return f"a maximum of {days_max} days is {against}"
        return ""

    def _refusal_of_proof(self, entry: Entry) -> str:
        """Why a purge entry does not say what it has to have gone by; "" if it does."""
        if entry.holds != self.holds_digest():
            return "its digest of the holds is another one"
        if entry.policy != str(self.policy):
            return f"it says that it went by `{entry.policy}`, and the log keeps evidence for `{self.policy}`"
        return ""

    def _refusal_of_key(self, entry: Entry) -> str:
        try:
            key = VerifierKey.parse(entry.key)
        except FormatError as error:
            return str(error)
        named = next(iter(self.active.values()), key)  # All have one name.
        if entry.act == "add" and (key.id in self.active or key.name != named.name):
            return "that key signs already, or has another name than the log"
        if entry.act == "retire" and (key.id not in self.active or len(self.active) == 1):
            return "that key does not sign, or is the only one that does"
        return ""

    def _refusal_of_release(self, entry: Entry) -> str:
        held = self.holds.get(-1 if entry.hold is None else entry.hold)
        if held is None:
            return f"record {entry.hold} is no hold that stands"
        if unclear := persons.unclear(entry.second):
            return f"the name of the second person {unclear}, and could look like another: write it in plain letters"
        if not all(persons.are_two(entry.second, each) for each in (entry.actor, held.actor)):
            return (
                "a hold is lifted by a second person: neither the one who placed it nor the one who asks, nor somebody"
                " whose name looks like theirs"
            )
        return ""

    def refusal_of_purge(self, ranges: Iterable[tuple[int, int]], at: int) -> str:
        """Why the bytes of these entries may not be deleted at this time; "" if they may."""
        for first, last in ranges:
            if last >= self.size:
                return f"record {last} is not in the log"
            until = self.newest[last] + self.policy.days_min * DAY
            if at < until:
                days = (at - self.newest[last]) // DAY
                old = f"is {days} day{'' if days == 1 else 's'} old, by" if days >= 0 else "is dated later, by"
                return (
                    f"record {last} {old} the newest entry up to it; evidence is kept for"
                    f" {self.policy.days_min} days, this until {instants.render(min(until, instants.LAST))}"
                )
            if (index := self._hold_of(first, last)) is not None:
                named = f"record {first} is" if first == last else f"records {first} to {last} are"
                return f"{named} under the hold of record {index} ({self.holds[index].reason})"
        return ""

    def _hold_of(self, first: int, last: int) -> int | None:
        """A hold that stands over one of these records, None if there is none."""
        if self._held is None:
            self._held = _spans(self.holds)
        at = bisect_left(self._held, first, key=lambda span: span[1])
        return self._held[at][2] if at < len(self._held) and self._held[at][0] <= last else None

    def holds_digest(self) -> str:
        """SHA-256 over the leaf hashes of all holds and releases so far: what a purge has consulted."""
        return self._holds.hexdigest()

    def is_purged(self, index: int) -> bool:
        """Whether the bytes of an entry were purged."""
        return self._states[index] == _PURGED

    def keeping(self, ranges: Iterable[tuple[int, int]]) -> int:
        """How many of these entries keep bytes still."""
        return sum(self._states.count(_KEPT, first, last + 1) for first, last in ranges)

    def older(self, at: int, days: int) -> list[tuple[int, int]]:
        """The ranges of entries that keep bytes, are older than so many days, and under no hold."""
        found = [
            index
            for index, state in enumerate(self._states)
            if state == _KEPT and self.newest[index] + days * DAY <= at and self._hold_of(index, index) is None
        ]
        return joined(found)


def _spans(holds: Mapping[int, Entry]) -> list[tuple[int, int, int]]:
    """First and last record, and a hold, of what is under holds; no two of them meet."""
    found = sorted(
        (first, last, index) for index, hold in holds.items() for first, last in hold.ranges or ((0, _EVERYTHING),)
    )
    spans: list[tuple[int, int, int]] = []
    for first, last, index in found:
        if not spans or first > spans[-1][1]:
            spans.append((first, last, index))
        elif last > spans[-1][1]:
            spans.append((spans[-1][1] + 1, last, index))
    return spans


def joined(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Rising indexes as ranges, first and last."""
    ranges: list[tuple[int, int]] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1] = (ranges[-1][0], index)
        else:
            ranges.append((index, index))
    return ranges
