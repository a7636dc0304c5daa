"""How each device came up the ladder, as the page embeds it: where each rung stands, and when it was reached."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from abm_trace.core.nouns import RUNGS, Origin, Verdict
from abm_trace.exports._interface import Report
from abm_trace.exports.html._encoding import Numbered, since

Seat = tuple[int, int, int]
"""A path, what the number in it counts (0 lines, 1 records, 2 bytes), and the source that says it."""

_Key = tuple[str, int | None, int | None]
"""A rung, and the offset and record of what proves it: an origin that is cited has gained a line since."""

_LADDER: Final = frozenset(RUNGS)
_NONE: Final[dict[_Key, tuple[str, int | None]]] = {}
_REGISTERED: Final = frozenset(RUNGS[RUNGS.index("registered") :])


class Rungs:
    """Three columns with a list for each device: `seats` has each rung's seat, lowest first, up to the highest that is
    proved (a number of `numbered`, None where a rung is not proved); `numbers` (in the seat) and `times` (ms after the
    device's own base) have those of the proved rungs alone.

    They are those of `rows`; `asked` is when each device of the report asked, with whether it came to be registered.
    """

    def __init__(
        self,
        report: Report,
        rows: Sequence[Verdict],
        bases: Iterable[int],
        word: Callable[[str], int],
        own: Callable[[str, str], int],
    ) -> None:
        self.numbered: Numbered[Seat] = Numbered()
        self.seats: list[object] = []
        self.numbers: list[object] = []
        self.times: list[object] = []
        said = _Sayings(report, rows)
        self.asked = [
            (at, verdict.last_rung in _REGISTERED)
            for verdict in report.verdicts
            if (origin := verdict.rungs.get("requested")) is not None
            and (at := said.when(verdict, "requested", origin)[1]) is not None
        ]
        for verdict, base in zip(rows, bases, strict=True):
            seats: list[int | None] = []
            numbers: list[int | None] = []
            times: list[float | str | None] = []
            last: str | None = None
            mine = 0
            for rung in _proved(verdict):
                origin = verdict.rungs.get(rung)
                if origin is None:
                    seats.append(None)
                    continue
                path = origin.path
                if path != last:  # One after the other they mostly stand in one file.
                    last = path
                    mine = own(path, verdict.serial)
                source, at = said.when(verdict, rung, origin)
                how, number = 0, origin.line
                if number is None:
                    how, number = (2, origin.offset) if origin.record is None else (1, origin.record)
                seats.append(self.numbered[mine, how, word(source)])
                numbers.append(number)
                times.append(since(at, base))
            self.seats.append(seats)
            self.numbers.append(numbers)
            self.times.append(times)


class _Sayings:
    """Who says that a device reached a rung, and when: of the rungs that the page shows, and of every request."""

    def __init__(self, report: Report, rows: Sequence[Verdict]) -> None:
        wanted: dict[str, set[_Key]] = defaultdict(set)
        for verdict in rows:
            for rung, origin in verdict.rungs.items():
                if origin is not None:
                    wanted[origin.path].add((rung, origin.offset, origin.record))
        if len(rows) < len(report.verdicts):
            for verdict in report.verdicts:
                origin = verdict.rungs.get("requested")
                if origin is not None and (verdict.last_rung != "requested" or verdict.last_rung_at is None):
                    wanted[origin.path].add(("requested", origin.offset, origin.record))
        self._facts = {
            reading.path: {
                key: (fact.source, fact.at)
                for fact in reading.facts
                if fact.kind in _LADDER and (key := (fact.kind, fact.origin.offset, fact.origin.record)) in some
            }
            for reading in report.readings
            if reading.facts and (some := wanted[reading.path])
        }
        self._began = {reading.path: reading.first_at for reading in report.readings if reading.captures}

    def when(self, verdict: Verdict, rung: str, origin: Origin) -> tuple[str, int | None]:
        """The source and the time of a rung of this device that this proves; "" and None where they are not known."""
        said = self._facts.get(origin.path, _NONE).get((rung, origin.offset, origin.record))
        if said is None:  # A boot is no fact of its own where it is the first line of the device's capture.
            began = None if origin.offset else self._began.get(origin.path)
            said = ("log" if origin.path in self._began else "", began)
        source, at = said
        if at is not None and source == "log":
            at -= verdict.clock_offset_us or 0
        if rung == verdict.last_rung and verdict.last_rung_at is not None:
            at = verdict.last_rung_at
        return source, at


def _proved(verdict: Verdict) -> Sequence[str]:
    """The rungs up to the highest that is proved."""
    top = len(RUNGS)
    while top and verdict.rungs.get(RUNGS[top - 1]) is None:
        top -= 1
    return RUNGS[:top]
