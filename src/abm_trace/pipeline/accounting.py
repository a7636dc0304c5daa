"""Nothing is lost in silence: what of a blob was not used is named, in bounds."""

from collections import Counter
from typing import Final

import msgspec

from abm_trace.core.nouns import Blob, Reading, Skipped
from abm_trace.sources.stream import File, Stream

SKIPPED_MAX: Final = 1000
"""How many skipped things of one blob are named one by one; the rest are counted in one line. Origin: ours."""


def unread(blob: Blob, *skipped: Skipped) -> Reading:
    """The reading of a blob that gave nothing."""
    return Reading(blob.path, "", "", skipped=skipped, size_bytes=blob.size_bytes)


def damage(blob: Blob, stream: Stream, *, read: bool = False) -> list[Skipped]:
    """What ended the stream before its end; `read` says that what came before it was read in a format."""
    if stream.problem is None:
        return []
    reason = stream.problem.reason()
    if read:
        reason = f"{reason.removesuffix('.')}. What stands before it was read."
    return [Skipped(blob.path, reason, offset=stream.consumed)]


def growth(blob: Blob, file: File) -> list[Skipped]:
    """What was added to a file while it was read, which is for the next time."""
    grown = file.grown()
    if grown is None:
        return []
    at, count = grown
    return [Skipped(blob.path, f"it grew while it was read: {count:,} bytes from here on are not read", offset=at)]


def bounded(reading: Reading) -> Reading:
    """The reading with at most SKIPPED_MAX things named one by one."""
    if len(reading.skipped) <= SKIPPED_MAX:
        return reading
    rest = Counter(each.reason for each in reading.skipped[SKIPPED_MAX:])
    more = (Skipped(reading.path, f"{reason} ({count:,} more like this)") for reason, count in rest.most_common(20))
    return msgspec.structs.replace(reading, skipped=(*reading.skipped[:SKIPPED_MAX], *more))


class Named:
    """What is named of one archive: SKIPPED_MAX things one by one, the rest counted by their reasons."""

    def __init__(self) -> None:
        self._own: list[Skipped] = []
        self._count = 0
        self._rest: Counter[str] = Counter()

    def add(self, skipped: Skipped) -> None:
        """Name something of the archive itself."""
        self._count += 1
        if self._count <= SKIPPED_MAX:
            self._own.append(skipped)
        else:
            self._more(skipped.reason)

    def bound(self, reading: Reading) -> Reading:
        """A member's reading with as many things named as are left."""
        left = max(0, SKIPPED_MAX - self._count)
        self._count += len(reading.skipped)
        if len(reading.skipped) <= left:
            return reading
        for each in reading.skipped[left:]:
            self._more(each.reason)
        why = reading.why or reading.skipped[0].reason
        return msgspec.structs.replace(reading, skipped=reading.skipped[:left], why=why)

    def all(self, path: str) -> tuple[Skipped, ...]:
        """What is named of the archive itself, and how much more there is."""
        more = (Skipped(path, f"{reason} ({count:,} more like this)") for reason, count in self._rest.most_common(20))
        return (*self._own, *more)

    def _more(self, reason: str) -> None:
        self._rest[reason if reason in self._rest or len(self._rest) < SKIPPED_MAX else "not used"] += 1
