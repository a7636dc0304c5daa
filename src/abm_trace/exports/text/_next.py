"""What to do next: a terminal has the first steps, a file all of them with their devices."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import Report, Screen, count, moment, plain, say, steps
from abm_trace.exports.text._answer import commands, what
from abm_trace.exports.text._notes import exposed

WIDE: Final = 120
"""From this width on a row also says when the last rung was reached and how often the device asked."""

_STEPS_MAX: Final = 3


def lines(report: Report, screen: Screen, todo: Sequence[steps.Step]) -> Iterator[str]:
    """The steps, numbered."""
    yield ""
    yield screen.paint("Do next", "bold")
    if not todo:
        yield from screen.sentence(say.calm(report), indent="  ")
        yield "  How each file was read:"
        yield f"     {plain(steps.again(report))} --files"
    shown = todo if screen.rows is None else todo[:_STEPS_MAX]
    for number, step in enumerate(shown, 1):
        yield from _step(number, step, report, screen)
    if todo and screen.rows is not None:
        left = len(todo) - len(shown)
        more = f"{count(left, 'more step')}, and the devices of each" if left else "The devices of each step"
        yield f"  {more}:"
        yield f"     {plain(steps.again(report))} --out devices.txt"
    rest = steps.undecided(report)
    if rest and screen.rows is None:
        yield screen.paint(f"  –  {plain(rest.title)}", "unknown")
        yield from _devices(rest.devices, report, screen)


def _step(number: int, step: steps.Step, report: Report, screen: Screen) -> Iterator[str]:
    """A step with its commands, which are never wrapped, so that they can be copied."""
    yield from screen.labelled(f"  {number}", step.title, room=5, style=step.tone)
    yield from what(step, screen, 5)
    yield from _commands(commands(step, report), screen)
    if screen.rows is None and step.page:
        yield from _devices(step.devices, report, screen)
        yield ""


def _commands(said: Sequence[tuple[str, str]], screen: Screen) -> Iterator[str]:
    for command, shows in said:
        text = f"     {plain(command)}"
        note = f"   # {plain(shows)}" if shows else ""
        yield text if len(text) + len(note) > screen.width else text + screen.paint(note, "faint")


def _devices(devices: Collection[Verdict], report: Report, screen: Screen) -> Iterator[str]:
    """The devices of a step, a row each, and what leaves them unprotected."""
    rows = [_row(verdict, report, screen) for verdict in devices]
    for verdict, row in zip(devices, screen.columns(rows, right=(len(rows[0]) - 1,), indent="       "), strict=True):
        yield screen.paint(row, "failed" if verdict.verdict in FAILED else verdict.verdict)
    if said := exposed(devices):
        yield from screen.sentence(f"Exposed, as far as is known: {said}", indent="     ", style="failed")


def _row(verdict: Verdict, report: Report, screen: Screen) -> tuple[str, ...]:
    last = verdict.last_rung or "no rung"
    if screen.width >= WIDE and verdict.last_rung_at is not None:
        last = f"{last} {moment(verdict.last_rung_at, report.zone)}"
    attempts = (count(verdict.attempts, "attempt"),) if screen.width >= WIDE else ()
    site = verdict.site or "(no site)"
    return (verdict.serial, site, verdict.verdict.replace("_", " "), last, *attempts, f"{verdict.confidence} %")
