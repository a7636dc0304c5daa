"""What the commands that trace a case have in common: their options, and the trace itself."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from abm_trace.core import instants
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.pipeline import case as cases
    from abm_trace.pipeline.triage import Triage

_P = ParamSpec("_P")
_R = TypeVar("_R")


def options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The options that say how a case is traced."""
    for option in reversed(
        (
            click.option("--as-of", "as_of", metavar="TIME", help="Judge as of this time (RFC 3339), not of the newest event."),
            click.option("--as", "forced", metavar="FORMAT", help="Read every file as this format, whatever it looks like."),
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
                help="Change a limit, for example confirmation_s=90; may be given again.",
            ),
            click.option("--jobs", metavar="N", type=click.IntRange(min=1), help="Processes that read; one a core if not given."),
        )
    ):
        function = option(function)
    return function


def trace(
    case: Path,
    *,
    as_of: str | None,
    forced: str | None,
    folders: tuple[Path, ...],
    limits: tuple[str, ...],
    jobs: int | None,
    count_lines: bool = False,
) -> "Triage":
    """The traced case. Raises UsageError for an option that says nothing, NothingReadable as the pipeline does."""
    from abm_trace.cli._progress import Progress
    from abm_trace.pipeline import case as cases
    from abm_trace.pipeline.triage import Options, triage

    _check_format(forced)
    for folder in folders:
        if not folder.is_dir():
            message = f"--signatures {folder}: there is no such folder"
            raise UsageError(message, hint=f"Make it and put Sigma rules into it: mkdir {folder}")
    settings = cases.read(case)
    thresholds = settings.thresholds
    for text in limits:
        name, _, value = text.partition("=")
        if name not in thresholds.items or not _is_limit(value):
            message = f"--threshold {text}: no limit of that name, or no number of seconds"
            raise UsageError(message, hint=f"The names: {', '.join(thresholds.items)}. Example: --threshold confirmation_s=90")
        thresholds = thresholds.changed(name, float(value))
    progress = Progress()
    try:
        return triage(
            case,
            Options(
                as_of=None if as_of is None else _instant(as_of, settings),
                jobs=jobs or 0,
                forced=forced or "",
                signatures=folders,
                count_lines=count_lines,
                thresholds=thresholds,
                progress=progress,
            ),
        )
    finally:
        progress.end()


def _check_format(forced: str | None) -> None:
    from abm_trace.formats import formats

    if forced is not None and forced not in formats():
        message = f"--as {forced}: no such format"
        raise UsageError(message, hint=f"The formats: {', '.join(sorted(formats()))}. Example: --as article")


def _is_limit(text: str) -> bool:
    try:
        return 0 <= float(text) < 1e9
    except ValueError:
        return False


def _instant(text: str, settings: "cases.Case") -> int:
    try:
        return instants.parse(text, settings.zone)
    except ValueError as error:
        message = f"--as-of {text}: {error}"
        raise UsageError(message, hint="Example: --as-of 2026-05-17T08:47:00Z (without a zone it is the case's time)") from error
