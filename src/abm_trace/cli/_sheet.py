"""What the commands that print one sheet have in common: a page for people, one document, one table."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.cli._tracing import Tracing
    from abm_trace.exports import Screen
    from abm_trace.pipeline.triage import Triage


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command its `--format` and `--out`."""
    form = click.option(
        "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True,
        help="What to print.",
    )  # fmt: skip
    out = click.option(
        "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE, the page to the screen."
    )
    return form(out(function))


def number(name: str, text: str, low: float, high: float, example: str) -> float:
    """The number of an option, at least `low` and below `high`. Raises UsageError for anything else."""
    try:
        value = float(text)
    except ValueError:
        value = high
    if isfinite(value) and low <= value < high:
        return value
    message = f"{name} {text}: no number from {low:g} to below {high:g}"
    raise UsageError(message, hint=f"Example: {name} {example}")


def trace(case: Path, tracing: "Tracing") -> "Triage":
    """The traced case; what was not used of it is named. Raises NothingReadable as the pipeline does."""
    from abm_trace.cli import _terminal, _tracing
    from abm_trace.pipeline.triage import NothingReadable

    try:
        traced = _tracing.trace(case, tracing)
    except NothingReadable as error:
        _terminal.name_skipped(error.skipped)
        raise
    _terminal.name_skipped(traced.skipped)
    return traced


def hand_over(
    form: str,
    out: Path | None,
    page: Callable[["Screen"], Iterator[str]],
    document: msgspec.Struct,
    rows: Iterable[msgspec.Struct],
) -> None:
    """The sheet in its form to standard output, or to FILE and the page to the screen. Raises OutputError."""
    from abm_trace.cli import _terminal
    from abm_trace.exports._interface import encode

    screen = _terminal.screen(short=True) if out else _terminal.screen()
    shown = screen.finish(page(screen))
    if form == "json":
        data = encode(document)
    elif form == "csv":
        data = _table(rows)
    else:
        paper = _terminal.paper()
        data = paper.finish(page(paper)) if out else shown
    if out is None:
        _terminal.write(data)
        return
    _terminal.save(out, data)
    _terminal.write(shown)
    _terminal.aside(f"wrote {out} ({form})")


def _table(rows: Iterable[msgspec.Struct]) -> bytes:
    """A row a struct under the names of its fields, as safe for spreadsheets as the other tables."""
    from abm_trace.exports.csv import safe

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for count, row in enumerate(rows):
        fields = msgspec.structs.asdict(row)
        if not count:
            writer.writerow(fields)
        writer.writerow(
            "" if value is None else safe(value) if isinstance(value, str) else str(value) for value in fields.values()
        )
    return text.getvalue().encode()
