"""The answer in a few lines: how many vanished, what was not read, what the failed share, and what to do first."""

from collections.abc import Iterator, Sequence
from typing import Final

from abm_trace.exports._interface import LABEL_WIDTH, Report, Screen, clip, count, plain, say, steps

_STEPS_MAX: Final = 3


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
    for each in say.shared(report)[:1]:
        yield from screen.labelled("Shared", each, style="bold" if report.shared else "")
    if not todo:
        yield from screen.labelled("Next", "nothing: no device needs anyone")
        return
    yield from screen.labelled("Next", f"1  {todo[0].title}", style=todo[0].tone)
    yield from screen.labelled("", todo[0].do)
    if todo[0].caution:
        yield from screen.labelled("", f"! {todo[0].caution}", style="half_confirmed")
    yield f"{' ' * LABEL_WIDTH}{plain(first(report, todo))}"
    if screen.rows is not None:
        for number, step in enumerate(todo[1:_STEPS_MAX], 2):
            said = (step.title, f"{step.name} · {step.who}", f"{step.name} · {count(step.count, 'device')}")
            title = next((each for each in said if len(each) + LABEL_WIDTH + 3 <= screen.width), said[-1])
            line = clip(f"{' ' * LABEL_WIDTH}{number}  {plain(title)}", screen.width)
            yield screen.paint(line, step.tone)


def result(report: Report, screen: Screen) -> Iterator[str]:
    """The first sentence alone."""
    mark, kind, words = say.headline(report)
    yield from screen.sentence(f"{mark} {words}", style=kind or "bold")


def first(report: Report, todo: Sequence[steps.Step]) -> str:
    """The command of the first step."""
    return commands(todo[0], report)[0][0]


def commands(step: steps.Step, report: Report) -> list[tuple[str, str]]:
    """The commands of a step, each with what it shows."""
    if not step.page:
        return [(steps.again(report), "when it is there")]
    one = (steps.explain(step, report), "one of them")
    return [one, (steps.meant(step), f"what {step.name} is")]
