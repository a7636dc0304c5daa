"""How each device came up the ladder, as the page embeds it: where each rung stands, and when it was reached."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from abm_trace.core.nouns import RUNGS, Fact, Verdict
from abm_trace.exports._interface import Report
from abm_trace.exports.html._encoding import Numbered, since

Seat = tuple[int, int, int]
"""A path, what the number in it counts (0 lines, 1 records, 2 bytes), and the source that says it."""

_LADDER: Final = frozenset(RUNGS)
_NONE: Final[dict[tuple[str, int | None, int | None], Fact]] = {}
_REGISTERED: Final = frozenset(RUNGS[RUNGS.index("registered") :])


class Rungs:
    """Three columns with a list for each device: `seats` has each rung's seat, lowest first, up to the highest that is
    proved (a number of `numbered`, None where a rung is not proved); `numbers` (in the seat) and `times` (ms after the
    device's own base) have those of the proved rungs alone.

    `asked` is when each device asked, with whether it came to be registered.
    """

    def __init__(
        self,
        report: Report,
        bases: Iterable[int],
        word: Callable[[str], int],
        own: Callable[[str, str], int],
    ) -> None:
        self.numbered: Numbered[Seat] = Numbered()
        self.seats: list[object] = []
        self.numbers: list[object] = []
        self.times: list[object] = []
        self.asked: list[tuple[int, bool]] = []
        # By (rung, offset, record): an origin that is cited has gained a line since.
        facts = {
            reading.path: {
                (fact.kind, fact.origin.offset, fact.origin.record): fact
                for fact in reading.facts
                if fact.kind in _LADDER
            }
            for reading in report.readings
            if reading.facts
        }
        began = {reading.path: reading.first_at for reading in report.readings if reading.captures}
        for verdict, base in zip(report.verdicts, bases, strict=True):
            seats: list[int | None] = []
            numbers: list[int | None] = []
            times: list[float | str | None] = []
            last: str | None = None
            mine, known, clock = 0, _NONE, verdict.clock_offset_us or 0
            for rung in _proved(verdict):
                origin = verdict.rungs.get(rung)
                if origin is None:
                    seats.append(None)
                    continue
                path = origin.path
                if path != last:  # One after the other they mostly stand in one file.
                    last = path
                    mine, known = own(path, verdict.serial), facts.get(path, _NONE)
                fact = known.get((rung, origin.offset, origin.record))
                source = fact.source if fact is not None else "log" if path in began else ""
                # A boot is no fact of its own where it is the first line of the device's capture.
                at = fact.at if fact is not None else began.get(path) if not origin.offset else None
                if at is not None and source == "log":
                    at -= clock
                if rung == verdict.last_rung and verdict.last_rung_at is not None:
                    at = verdict.last_rung_at
                if rung == "requested" and at is not None:
                    self.asked.append((at, verdict.last_rung in _REGISTERED))
                how, number = 0, origin.line
                if number is None:
                    how, number = (2, origin.offset) if origin.record is None else (1, origin.record)
                seats.append(self.numbered[mine, how, word(source)])
                numbers.append(number)
                times.append(since(at, base))
            self.seats.append(seats)
            self.numbers.append(numbers)
            self.times.append(times)


def _proved(verdict: Verdict) -> Sequence[str]:
    """The rungs up to the highest that is proved."""
    top = len(RUNGS)
    while top and verdict.rungs.get(RUNGS[top - 1]) is None:
        top -= 1
    return RUNGS[:top]
