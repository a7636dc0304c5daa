"""Text for people: the answer in a few lines, the pictures, and what to do next, for which devices."""

from collections.abc import Iterator

from abm_trace.exports._interface import Export, Report, Screen, plain, steps
from abm_trace.exports.text import _answer, _changes, _files, _next, _notes, _pictures

EXPORT = Export(
    id="text",
    title="A summary and the devices that need action, for a terminal or a file",
    reference="docs/cli.md",
)


def render(report: Report, screen: Screen) -> bytes:
    """The text as it fits the screen. No foreign character reaches it that a terminal would obey."""
    return screen.finish(_lines(report, screen))


def render_files(report: Report, screen: Screen) -> bytes:
    """How each file was read, alone: for standard error beside an export that has no place for it."""
    return screen.finish(_files.lines(report, screen))


def _lines(report: Report, screen: Screen) -> Iterator[str]:
    if report.files:
        yield from _files.lines(report, screen)
        yield ""
    if report.changes is not None:
        yield from _changes.lines(report, report.changes, screen)
        return
    todo = steps.steps(report)
    yield from _answer.lines(report, screen, todo)
    yield from _pictures.lines(report, screen)
    yield from _notes.lines(report, screen)
    yield from _next.lines(report, screen, todo)
    if screen.rows is not None:
        yield ""
        yield "What a word means:  abm-trace explain vanished"
        if todo and todo[0].page:
            yield f"Next step by step:  {plain(steps.runbook(todo[0]))}"
        yield from _answer.last(report, screen, todo)
