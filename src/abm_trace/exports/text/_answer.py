"""The answer in a few lines: how many vanished, what was not read, what the failed share, and what to do first."""

from collections.abc import Iterator, Sequence
from typing import Final

from abm_trace.exports._interface import LABEL_WIDTH, Report, Screen, clip, count, plain, say, steps

_STEPS_MAX: Final = 3
"""So many steps are named: the first in whole, the others in a line."""


def lines(report: Report, screen: Screen, todo: Sequence[steps.Step]) -> Iterator[str]:
    """The answer; `todo` is what is to be done, the first thing first."""
    if report.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    yield from result(report, screen)
    if words := say.plainly(report):
        yield from screen.sentence(words, indent="  ")
    for each in say.warnings(report):
        yield from screen.sentence(f"! {each}", style="warning")
    yield from screen.labelled("Read", say.read(report))
    yield from _where_and_why(report, screen)
    for each in say.shared(report)[:1]:
        yield from screen.labelled("In common", each, style="bold" if report.shared else "")
    yield from _next(report, screen, todo)


def _where_and_why(report: Report, screen: Screen) -> Iterator[str]:
    causes = steps.causes(report)
    style = "failed" if causes else ""
    yield from screen.labelled("Where", "; ".join(each.text for each in say.where(report)), style=style)
    for number, each in enumerate(say.why(report, causes)):
        yield from screen.labelled("" if number else "Why", each.text, style=style)


def _next(report: Report, screen: Screen, todo: Sequence[steps.Step]) -> Iterator[str]:
    """The first step in whole, and on a terminal the titles of those after it."""
    if not todo:
        yield from screen.labelled("Next", say.calm(report))
        yield f"{' ' * LABEL_WIDTH}{plain(first(report, todo))}"
        return
    yield from screen.labelled("Next", todo[0].title, style=todo[0].tone)
    yield from what(todo[0], screen, LABEL_WIDTH)
    yield f"{' ' * LABEL_WIDTH}{plain(first(report, todo))}"
    if screen.rows is not None:
        for number, step in enumerate(todo[1:_STEPS_MAX]):
            said = (step.title, f"{step.name} · {step.who}", f"{step.name} · {count(step.count, 'device')}")
            title = next((each for each in said if len(each) + LABEL_WIDTH <= screen.width), said[-1])
            label = "" if number else "Then"
            line = clip(plain(title), screen.width - LABEL_WIDTH)
            yield screen.paint(f"{label:<{LABEL_WIDTH}}", "bold" * (not number)) + screen.paint(line, step.tone)


def what(step: steps.Step, screen: Screen, room: int) -> Iterator[str]:
    """What to do, and what to be careful of, up to the command of a step."""
    yield from screen.labelled("", step.words, room=room)
    if step.caution:
        yield from _caution(step, screen, room)


def _caution(step: steps.Step, screen: Screen, room: int) -> list[str]:
    """What to be careful of, right before the command."""
    return screen.labelled("", f"! {step.caution}. {step.lead}:", room=room, style="warning")


def result(report: Report, screen: Screen) -> Iterator[str]:
    """The first sentence alone."""
    mark, kind, words = say.headline(report)
    yield from screen.sentence(f"{mark} {words}", style=kind or "bold")


def last(report: Report, screen: Screen, todo: Sequence[steps.Step]) -> Iterator[str]:
    """The four answers once more, for who looks at a terminal sees its end."""
    yield from result(report, screen)
    yield from _where_and_why(report, screen)
    if todo:
        words = f"{todo[0].name} · {todo[0].who}"
        words += "" if todo[0].caution else f". {todo[0].lead}:"
        yield from screen.labelled("Next", words, style=todo[0].tone)
        yield from _caution(todo[0], screen, LABEL_WIDTH) if todo[0].caution else ()
    label = "" if todo else "Next"
    yield screen.paint(f"{label:<{LABEL_WIDTH}}", "bold" * (not todo)) + plain(first(report, todo))


def first(report: Report, todo: Sequence[steps.Step]) -> str:
    """The command of the first step, or what to keep where nothing is to be done."""
    if not todo:
        return steps.kept(report)
    return steps.command(todo[0], report)


def commands(step: steps.Step, report: Report) -> list[tuple[str, str]]:
    """The commands of a step, each with what it shows."""
    if not step.page:
        return [(steps.command(step, report), "")]
    return [(steps.command(step, report), ""), (steps.meant(step), f"what {step.name} is")]
