"""What the commands that trace a case have in common: their options, and the trace itself."""

import functools
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.cli import _program, _sets
from abm_trace.core import instants
from abm_trace.core.errors import UsageError

_GC_OBJECTS = 200_000
"""Evidence becomes a million objects and hardly a cycle among them: to look through them after every 700 new ones, as
Python does by default, costs 0.3 s at 12,400 devices. Origin: measured."""

if TYPE_CHECKING:
    from abm_trace.pipeline.case import Case
    from abm_trace.pipeline.kept import Place
    from abm_trace.pipeline.triage import Listing, Options, Resolved, Triage
    from abm_trace.verdict import Thresholds


class Tracing(msgspec.Struct, frozen=True):
    """How a case is traced, as the user typed it."""

    as_of: str | None = None
    forced: str | None = None
    folders: tuple[Path, ...] = ()
    limits: tuple[str, ...] = ()
    jobs: int | None = None


_OPTIONS = (
    click.option("--as-of", metavar="TIME", help="Judge as of this time (RFC 3339), not of the newest event."),
    click.option(
        "--as",
        "forced",
        metavar="FORMAT",
        shell_complete=_sets.FORMATS,
        help="Read every file as this format, whatever it looks like.",
    ),
    click.option(
        "--signatures",
        "folders",
        metavar="DIR",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Use the signatures of this folder too; may be given again.",
    ),
    click.option(
        "--threshold",
        "limits",
        metavar="NAME=SECONDS",
        multiple=True,
        shell_complete=_sets.LIMITS,
        help="Change a limit, for example confirmation_s=90; may be given again.",
    ),
    click.option(
        "--jobs", metavar="N", type=click.IntRange(min=1), help="How many processes read; one a core by default."
    ),
)


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how a case is traced; it gets them as one `tracing`."""

    @functools.wraps(function)
    def command(
        *args: object,
        as_of: str | None,
        forced: str | None,
        folders: tuple[Path, ...],
        limits: tuple[str, ...],
        jobs: int | None,
        **kwargs: object,
    ) -> None:
        function(*args, tracing=Tracing(as_of, forced, folders, limits, jobs), **kwargs)

    decorated: Callable[..., None] = command
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def trace(case: Path, tracing: Tracing, *, count_lines: bool = False, keep: bool = False) -> "Triage":
    """The traced case. Raises UsageError for an option that says nothing, NothingReadable as the pipeline does.

    With `keep` it is kept for `resolve` once the command has said what it has to say.
    """
    from abm_trace.pipeline.triage import triage

    with _options(case, tracing, count_lines=count_lines) as options:
        listing = _listing(case)
        place = _place(case, listing, options) if keep else None
        traced = triage(case, options, listing)
    if place is not None and place.find() is None:
        _keep_at_end(place, traced)
    return traced


def resolve(case: Path, tracing: Tracing, *, anew: bool = False) -> "Resolved":
    """The case before anything is judged: from a trace that was kept, unless `anew`, else from its files.

    Raises as `trace`.
    """
    from abm_trace.pipeline.triage import resolved

    with _options(case, tracing) as options:
        listing = _listing(case)
        place = _place(case, listing, options)
        if place is not None and not anew and (kept := place.find()) is not None:
            return kept
        found = resolved(case, options, listing)
    if place is not None:
        _keep_at_end(place, found)
    return found


def _listing(case: Path) -> "Listing":
    from abm_trace.sources import folder

    try:
        return list(folder.fetch(case))
    except UsageError as error:
        context = click.get_current_context(silent=True)
        example = _program.example(context.command) if context else ""
        raise UsageError(str(error), hint=error.hint.replace("abm-trace triage CASE", example)) from error


def _place(case: Path, listing: "Listing", options: "Options") -> "Place | None":
    from abm_trace.pipeline import kept

    return kept.place(case, listing, options, time.time_ns())  # noqa: TID251  # Tells whether files were changed just now.


def _keep_at_end(place: "Place", traced: "Triage | Resolved") -> None:
    """Keep a trace behind the command's output: nobody waits for it."""
    if context := click.get_current_context(silent=True):
        context.call_on_close(lambda: place.keep(traced))


@contextmanager
def _options(case: Path, tracing: Tracing, *, count_lines: bool = False) -> "Iterator[Options]":
    """The options as the pipeline takes them; what it does meanwhile is shown."""
    from abm_trace.cli._progress import Progress
    from abm_trace.pipeline import case as cases
    from abm_trace.pipeline.triage import Options

    gc.set_threshold(_GC_OBJECTS)
    settings = cases.read(case)
    progress = Progress()
    try:
        yield Options(
            as_of=_instant(tracing.as_of, settings),
            jobs=tracing.jobs or 0,
            forced=_format(tracing.forced),
            signatures=_folders(tracing.folders),
            count_lines=count_lines,
            thresholds=_thresholds(tracing.limits, settings),
            progress=progress,
        )
    finally:
        progress.end()


def _format(forced: str | None) -> str:
    from abm_trace.formats import formats

    if forced is not None and forced not in formats():
        message = f"--as {forced}: no such format"
        raise UsageError(message, hint=f"The formats: {', '.join(sorted(formats()))}. Example: --as article")
    return forced or ""


def _folders(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    for folder in folders:
        if not folder.is_dir():
            message = f"--signatures {folder}: there is no such folder"
            raise UsageError(message, hint=f"Make it and put Sigma rules into it: mkdir {folder}")
    return folders


def _thresholds(limits: tuple[str, ...], settings: "Case") -> "Thresholds":
    thresholds = settings.thresholds
    for text in limits:
        name, _, value = text.partition("=")
        if name not in thresholds.items or not _is_limit(value):
            message = f"--threshold {text}: no limit of that name, or no number of seconds"
            hint = f"The names: {', '.join(thresholds.items)}. Example: --threshold confirmation_s=90"
            raise UsageError(message, hint=hint)
        thresholds = thresholds.changed(name, float(value))
    return thresholds


def _is_limit(text: str) -> bool:
    try:
        return 0 <= float(text) < 1e9
    except ValueError:
        return False


def _instant(text: str | None, settings: "Case") -> int | None:
    if text is None:
        return None
    try:
        return instants.parse(text, settings.zone)
    except ValueError as error:
        message = f"--as-of {text}: {error}"
        hint = "Example: --as-of 2026-05-17T08:47:00Z (without a zone it is the case's time)"
        raise UsageError(message, hint=hint) from error
