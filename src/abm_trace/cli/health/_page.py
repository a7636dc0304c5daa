"""The health score for people: the decision and what decided it, each part with what it showed, and the history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from itertools import pairwise
from math import floor
from statistics import median
from typing import Final

from abm_trace.cli.health._wire import ComponentObject, HealthDocument
from abm_trace.core import instants
from abm_trace.exports import MARKS, Screen
from abm_trace.exports._interface import cells, count, moment

VERDICTS: Final[Mapping[str, str]] = {"go": "confirmed", "roll_back": "vanished", "not_known": "unknown"}
"""The verdict whose mark and colour a decision has."""

_BAR_MAX: Final = 50
_WIDTH_MIN: Final = 60
"""On a narrower screen the words have all the room."""

_WIDTH_MAX: Final = 1_000
_GAP: Final = 4
"""So many times the usual step between two scores is a gap. Origin: ours."""

_DAY: Final = 86_400 * instants.SECOND
_NARROW: Final = 90
"""On a narrower screen the time has neither year nor seconds, and a veto is not told beside the decision."""


def page(score: HealthDocument, screen: Screen) -> Iterator[str]:
    """The lines of one score."""
    if score.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    verdict = VERDICTS[score.decision]
    yield from screen.sentence(f"{MARKS[verdict]} {sentence(score)}", style=verdict)
    yield screen.paint(f"  as of {moment(instants.parse(score.at), UTC)}", "faint")
    yield ""
    header = ("part", "weight", "of 100", "points", "worst")
    rows = [header, *(_cells(each) for each in score.components)]
    first, *lines = screen.columns(rows, right=(1, 2, 3))
    yield screen.paint(first, "faint")
    for each, line in zip(score.components, lines, strict=True):
        yield screen.paint(line, _style(each))
    yield from screen.sentence(f"sum  {_sum(score)}; below {score.bar:g} is rolled back (origin: {score.bar_origin})")
    yield from _reasons(score, screen)


def _cells(part: ComponentObject) -> tuple[str, ...]:
    points = f"{part.points:.1f}" if part.points is not None else "?"
    words = f"{part.subject}: {part.said}" if part.subject else part.said
    return part.name, f"{part.weight} %", part_score(part), points, words


def part_score(part: ComponentObject) -> str:
    """A part's score in words; one that is not known may be bounded."""
    if part.score is not None:
        return shown(part.score)
    return f"up to {shown(part.at_most)}" if part.at_most < 100 else "?"


def _style(part: ComponentObject) -> str:
    if part.score is None:
        return "unknown"
    return "bad" if part.score == 0 else "failed" if part.score < 100 else ""


def _reasons(score: HealthDocument, screen: Screen) -> Iterator[str]:
    """Where each part that lost something, or is not known, stands in the evidence, and what to do."""
    for each in score.components:
        if each.score == 100:
            continue
        yield ""
        head = f"{each.name}: {each.meaning} (origin: {each.origin})"
        yield from screen.sentence(head, style="bold")
        if each.subject:
            yield from screen.labelled(
                "worst", f"{each.subject}: {each.said}; {count(each.measured, 'subject')} measured"
            )
        yield from screen.labelled("open", each.open) if each.open else ()
        yield from screen.labelled("proof", each.evidence) if each.evidence else ()
        yield from screen.labelled("measure" if each.score is None else "do", each.do)


def sentence(score: HealthDocument) -> str:
    """The decision and what decided it."""
    below = f"the sum, {_sum(score)}, is below {score.bar:g}"
    parts = _and(score.vetoes)
    veto = f"{parts} {'is' if len(score.vetoes) == 1 else 'are'} at 0, which is a veto whatever the sum"
    if score.decision == "go":
        return f"go: the sum, {_sum(score)}, reaches {score.bar:g} and no part is at 0"
    if score.decision == "not_known":
        lacks = f"{_and(score.missing)} {'was' if len(score.missing) == 1 else 'were'} not measured"
        return f"not known: {lacks}; the sum is at most {shown(score.at_most)}, and {score.bar:g} is needed"
    if score.decided_by == "veto":
        return f"roll back: {veto}; the sum did not decide ({_sum(score)})"
    return f"roll back: {veto}, and {below}" if score.vetoes else f"roll back: {below}; no part is at 0"


def _sum(score: HealthDocument) -> str:
    return shown(score.score) if score.score is not None else f"at most {shown(score.at_most)}"


def shown(value: float) -> str:
    """A score with one decimal, never rounded up to a limit that it does not reach, nor down to a 0 that it is not."""
    return "< 0.1" if 0 < value < 0.1 else f"{floor(value * 10 + 1e-7) / 10:.1f}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + [*names[-1:]])


def history(scores: Sequence[HealthDocument], screen: Screen) -> Iterator[str]:
    """The kept scores, the oldest first, each as a bar with the line of 85 in it."""
    hidden = 0 if screen.rows is None else max(len(scores) - screen.rows, 0)
    last = scores[-1]
    yield from screen.sentence(
        f"{count(len(scores), 'score')} kept; the last: {last.rollout}, {sentence(last)}", style=VERDICTS[last.decision]
    )
    if hidden:
        yield f"  the oldest {hidden:,} are not shown"
    names = len({each.rollout for each in scores}) > 1 or any(each.simulated for each in scores)
    heads = [_head(each, names=names, narrow=screen.width < _NARROW) for each in scores[hidden:]]
    right = (len(heads[0]) - 1,)
    wanted = max(map(cells, replace(screen, width=_WIDTH_MAX).columns(heads, right=right)))
    room = max(screen.width // 4, min(screen.width // 3, screen.width - wanted - 2, _BAR_MAX))
    room = room if screen.width >= _WIDTH_MIN else 0
    lines = replace(screen, width=screen.width - (room + 2) * bool(room)).columns(heads, right=right)
    longest = max(cells(line) for line in lines)
    missed = gaps(scores[hidden:])
    for number, (each, line) in enumerate(zip(scores[hidden:], lines, strict=True)):
        if number in missed:
            yield screen.paint(f"  {missed[number]}", "faint")
        gap = " " * (longest - cells(line) + 2)
        yield screen.paint(f"{line}{gap}{bar(each, room)}".rstrip(), VERDICTS[each.decision])
    if not room:
        return
    yield from screen.sentence(
        f"  | in a bar is the line of {last.bar:g}; · is what a part that was not measured may add"
    )


def gaps(scores: Sequence[HealthDocument]) -> dict[int, str]:
    """The scores before which there was none for long, in words: a day or more, and far more than is usual."""
    times = [instants.parse(each.at) for each in scores]
    steps = [later - earlier for earlier, later in pairwise(times)]
    usual = max(_DAY, _GAP * median(steps)) if steps else _DAY
    return {n: f"no score for {step / _DAY:,.0f} days" for n, step in enumerate(steps, start=1) if step > usual}


def _head(score: HealthDocument, *, names: bool, narrow: bool) -> tuple[str, ...]:
    at = moment(instants.parse(score.at), UTC)
    said = shown(score.score) if score.score is not None else f"up to {shown(score.at_most)}"
    verdict = VERDICTS[score.decision]
    word = f"{MARKS[verdict]} {score.decision.replace('_', ' ')}"
    if score.vetoes and not narrow:
        word += f" ({'veto, sum' if score.decided_by == 'veto_and_sum' else 'veto'}: {', '.join(score.vetoes)})"
    name = (score.rollout + " (simulated)" * score.simulated,) if names else ()
    return (at[5:16] if narrow else at, *name, word, said)


def bar(score: HealthDocument, room: int) -> str:
    """A bar of 0 to 100: what is known filled, what may be added dotted, the limit a line that is always seen."""
    known = sum(each.points or 0 for each in score.components)
    full = score.score if score.score is not None else known
    filled, possible, at = (round(room * each / 100) for each in (full, score.at_most, score.bar))
    at = min(at, room - 2)
    # What is below the limit stays before its line, so that rounding shows nothing as good that is not.
    filled = min(filled, at) if full < score.bar else max(filled, at + 2)
    return "".join(
        "|" if n == at else "█" if n < filled else "·" if n < possible else " " for n in range(room)
    ).rstrip()
