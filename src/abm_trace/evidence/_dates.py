"""Which dates of records cannot be: beyond now, after a time stamp over them, before one behind them."""

from collections.abc import Iterator, Sequence

from abm_trace.evidence import stamp
from abm_trace.evidence.ledger import joined


def impossible(
    times: Sequence[int], stamps: Sequence[tuple[int, int, str]], now: int | None
) -> Iterator[tuple[str, tuple[int, int]]]:
    """What is wrong with the dates of records, and which (first, last) these are.

    `times` are the records' own, `now` that of who looks (µs UTC, None where nobody says); `stamps` are (entries that
    it is over, µs UTC, path).
    """
    found: dict[str, list[int]] = {}
    if now is not None and times and max(times) > now + stamp.APART:
        text = "dated later than now, by the clock of this machine: that, or the clock of the log, is or was wrong"
        found[text] = [index for index, at in enumerate(times) if at > now + stamp.APART]
    behind = sorted(stamps, reverse=True)  # The next stamp is the last one.
    later, path = 0, ""
    for index, at in enumerate(times if behind else ()):
        while behind and behind[-1][0] <= index:
            _, stamped, name = behind.pop()
            if stamped > later:
                later, path = stamped, name
        if at < later - stamp.APART:
            found.setdefault(f"dated before {path}, a time stamp that was there already", []).append(index)
    before = sorted(stamps)
    earlier, path = 1 << 62, ""
    for index in range(len(times) - 1 if before else -1, -1, -1):
        while before and before[-1][0] > index:
            _, stamped, name = before.pop()
            if stamped < earlier:
                earlier, path = stamped, name
        if times[index] > earlier + stamp.APART:
            found.setdefault(f"dated after {path}, the time stamp over it", []).append(index)
    for text, indexes in found.items():
        yield from ((text, each) for each in joined(sorted(indexes)))
