"""Text for people: one sentence, then the numbers, then the devices that need someone, then the next command."""

import shlex
from collections.abc import Iterator

from abm_trace.exports._interface import Export, Report, Screen, plain
from abm_trace.exports.text import _devices, _files, _summary

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
    yield from _summary.lines(report, screen)
    shown = yield from _devices.lines(report, screen)
    yield ""
    yield from _next(report, screen, shown)


def _next(report: Report, screen: Screen, first: str) -> Iterator[str]:
    """The command to type next; a command is never wrapped, so that it can be copied."""
    case = plain(shlex.quote(report.case))
    if first:
        yield f"{screen.paint('next', 'bold')}  abm-trace explain {plain(shlex.quote(first))} --case {case}"
    else:
        yield f"{screen.paint('next', 'bold')}  abm-trace triage {case} --files   (how each file was read)"
