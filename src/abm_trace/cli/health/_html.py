"""The health scores as one file without network: the last one, and the history as a picture and a table."""

import base64
import hashlib
from collections.abc import Container, Iterator, Sequence
from datetime import UTC
from importlib.resources import files
from itertools import accumulate
from typing import Final

from abm_trace.cli.health._page import VERDICTS, gaps, part_score, sentence, shown
from abm_trace.cli.health._wire import HealthDocument
from abm_trace.core import instants
from abm_trace.exports import MARKS
from abm_trace.exports._interface import count, moment
from abm_trace.exports.html._markup import Markup, tag, verbatim
from abm_trace.exports.html._words import table, wide

SHOWN_MAX: Final = 400
"""How many scores are drawn, the newest; ten days of one an hour, and more. Origin: ours."""

_STEP, _LEFT, _TOP, _HIGH, _RIGHT = 18, 40, 12, 240, 120
_GAP_STEPS: Final = 2


def render(scores: Sequence[HealthDocument]) -> bytes:
    """The page, UTF-8; the last of the scores stands on top. No foreign text in it is markup or style."""
    style = (files("abm_trace.cli.health") / "health.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    last = scores[-1]
    verdict = VERDICTS[last.decision]
    title = f"{'SIMULATED: ' * last.simulated}{last.decision.replace('_', ' ')}, health of {last.rollout} – abm-trace"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", verbatim(style)),
    )
    simulated = tag("p", "SIMULATED: the lab made this case, no real device is in it", class_="simulated")
    top = tag(
        "header",
        tag(
            "p",
            tag("b", "abm-trace"),
            f" health of {last.rollout}, {moment(instants.parse(last.at), UTC)}",
            class_="case",
        ),
        simulated if last.simulated else "",
        tag("h1", f"{MARKS[verdict]} {sentence(last)}", class_=f"v-{verdict}"),
    )
    body = tag("body", top, tag("main", _history(scores[-SHOWN_MAX:], len(scores)), _parts(last)))
    page = f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"
    return page.encode("utf-8", "backslashreplace")


def _parts(score: HealthDocument) -> Markup:
    rows = [
        (
            each.name,
            f"{each.weight} %",
            _marked(each.score, part_score(each)),
            "?" if each.points is None else f"{each.points:.1f}",
            (f"{each.subject}: {each.said}" if each.subject else each.said)
            + f" [{each.evidence}]" * bool(each.evidence),
            f"{each.meaning} (origin: {each.origin})",
            each.do if each.score != 100 else "",
        )
        for each in score.components
    ]
    head = ("part", "weight", "of 100", "points", "worst, and where that stands", "limits", "what to do")
    total = tag(
        "p", f"Below {score.bar:g} (origin: {score.bar_origin}), or with a part at 0, a rollout is rolled back."
    )
    return tag(
        "section",
        tag("h2", "What it is made of"),
        table("The parts of the score", head, rows, numbers=(1, 2, 3)),
        total,
    )


def _marked(score: float | None, words: str) -> Markup:
    """A part's score with its mark."""
    if words == MARKS["unknown"]:
        words = "not known"
    verdict = "unknown" if score is None else "vanished" if score == 0 else "confirmed" if score == 100 else ""
    return tag("span", f"{MARKS[verdict]} {words}" if verdict else words, class_=f"v-{verdict}" if verdict else None)


def _history(scores: Sequence[HealthDocument], total: int) -> Markup:
    backs = sum(each.decision == "roll_back" for each in scores)
    opens = sum(each.decision == "not_known" for each in scores)
    lead = f"{count(len(scores), 'score')}: {backs:,} to roll back, {opens:,} not known. "
    lead += f"{count(total - len(scores), 'older score')} not shown." if total > len(scores) else ""
    legend = tag(
        "p",
        *(
            each
            for decision, verdict in VERDICTS.items()
            for each in (_key(verdict), f" {decision.replace('_', ' ')}  ")
        ),
        f"– dashed: {scores[-1].bar:g}; shaded: below it; dotted: what parts that were not measured may add",
        class_="legend",
    )
    rows = [
        (
            moment(instants.parse(each.at), UTC),
            each.rollout + " (simulated)" * each.simulated,
            tag(
                "span",
                f"{MARKS[VERDICTS[each.decision]]} {each.decision.replace('_', ' ')}",
                class_=f"v-{VERDICTS[each.decision]}",
            ),
            shown(each.score) if each.score is not None else f"up to {shown(each.at_most)}",
            sentence(each),
        )
        for each in reversed(scores)
    ]
    twin = table(
        "Each score, the newest first", ("at", "rollout", "decision", "score", "what decided"), rows, numbers=(3,)
    )
    whole = tag("details", tag("summary", "The same as a table"), twin)
    picture = wide(_picture(scores), "The scores over time")
    return tag("section", tag("h2", "How it went"), tag("p", lead), legend, picture, whole)


def _picture(scores: Sequence[HealthDocument]) -> Markup:
    limit, missed = _y(scores[-1].bar), gaps(scores)
    places = accumulate(1 + _GAP_STEPS * (number in missed) for number in range(len(scores)))
    spots = [(_LEFT + 12 + _STEP * (place - 1), each) for place, each in zip(places, scores, strict=True)]
    width = max(spots[-1][0] + _STEP, 320)
    parts = [
        tag("rect", class_="band", x=_LEFT, y=limit, width=width - _LEFT, height=_y(0) - limit),
        *(
            _words(x, _y(value) + 4, f"{value:g}", end=end)
            for value in (0, 50, scores[-1].bar, 100)
            for x, end in ((_LEFT - 6, True), (width + 6, False))  # Both ends: a long picture shows one of them.
        ),
        *(tag("line", class_="axis", x1=_LEFT, x2=width, y1=_y(value), y2=_y(value)) for value in (0, 50, 100)),
        tag("line", class_="limit", x1=_LEFT, x2=width, y1=limit, y2=limit),
        *_lines(spots, missed),
        *(_gap(spots[number][0] - _STEP * (1 + _GAP_STEPS) // 2, words) for number, words in missed.items()),
        *(_spot(x, each) for x, each in spots),
        *_days(spots),
    ]
    name = (
        f"Health scores over time: {count(len(scores), 'score')}, the last {sentence(scores[-1])}; the table has each"
    )
    whole, high = width + _RIGHT, _TOP + _HIGH + 34
    return tag("svg", tag("title", name), *parts, viewBox=f"0 0 {whole} {high}", width=whole, height=high, role="img")


def _y(value: float) -> float:
    return round(_TOP + _HIGH * (1 - value / 100), 2)


def _lines(spots: Sequence[tuple[int, HealthDocument]], missed: Container[int]) -> Iterator[Markup]:
    """A line through scores that are known and follow each other; what is not known breaks it, and so does a gap."""
    runs: list[list[str]] = [[]]
    for number, (x, each) in enumerate(spots):
        if each.score is None or number in missed:
            runs.append([])
        if each.score is not None:
            runs[-1].append(f"{x},{_y(each.score)}")
    yield from (tag("polyline", class_="run", points=" ".join(run)) for run in runs if run)


def _gap(x: float, words: str) -> Markup:
    """A time without a score, as words that stand upright in the room between two."""
    text = tag("text", words, class_="gap", x=x, y=_y(50), transform=f"rotate(-90 {x} {_y(50)})", text_anchor="middle")
    return tag("g", tag("title", words), text)


def _spot(x: int, score: HealthDocument) -> Markup:
    verdict, top = VERDICTS[score.decision], score.at_most if score.score is None else score.score
    y = _y(top)
    words = f"{moment(instants.parse(score.at), UTC)}, {score.rollout}: {sentence(score)}"
    known = sum(each.points or 0 for each in score.components)
    spread = [tag("line", class_="range", x1=x, x2=x, y1=y, y2=_y(known))] if score.score is None else []
    return tag("g", tag("title", words), *spread, _mark(verdict, x, y))


def _mark(verdict: str, x: float, y: float) -> Markup:
    """A shape for each decision: a circle, a cross, a diamond that is empty."""
    style = f"m-{verdict}"
    if verdict == "confirmed":
        return tag("circle", class_=style, cx=x, cy=y, r=5)
    if verdict == "unknown":
        return tag("polygon", class_=style, points=f"{x},{y - 6} {x + 6},{y} {x},{y + 6} {x - 6},{y}")
    arms = ((-6, -4), (-4, -6), (0, -2), (4, -6), (6, -4), (2, 0), (6, 4), (4, 6), (0, 2), (-4, 6), (-6, 4), (-2, 0))
    return tag("polygon", class_=style, points=" ".join(f"{x + dx},{y + dy}" for dx, dy in arms))


def _key(verdict: str) -> Markup:
    return tag("svg", _mark(verdict, 8, 8), class_="key", viewBox="0 0 16 16", aria_hidden="true", focusable="false")


def _days(spots: Sequence[tuple[int, HealthDocument]]) -> Iterator[Markup]:
    """The date (UTC) where a day begins, as far as there is room."""
    day, free = "", 0
    for x, each in spots:
        if (name := each.at[:10]) != day:
            day = name
            yield tag("line", class_="axis", x1=x, x2=x, y1=_y(0), y2=_y(0) + 6)
            if x >= free:
                yield _words(x - 5, _y(0) + 20, name)
                free = x + 90


def _words(x: float, y: float, words: str, *, end: bool = False) -> Markup:
    return tag("text", words, x=x, y=y, text_anchor="end" if end else None)
