"""`abm-lab case`: write a simulated case and its truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

_PATIENCE_S = 2.0


def aware_time(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """The aware datetime of an RFC 3339 text; says what to write where the text is none."""
    try:
        moment = None if value is None else datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no time; write it like 2026-05-17T08:47:00Z") from error
    if moment is not None and moment.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no zone; write it like 2026-05-17T08:47:00Z")
    return moment


def _columns(texts: tuple[str, ...]) -> dict[str, str]:
    """The columns of `--plant`."""
    pairs = [text.partition("=") for text in texts]
    for column, _, value in pairs:
        if not column or not value:
            message = f"{column!r} has no value; write it like model=iPad16,3"
            raise click.BadParameter(message)
    return {column: value for column, _, value in pairs}


_EPILOG = """\b
For example:
  abm-lab case /tmp/chicago --scenario chicago --devices 1240 --sites 47
  abm-trace triage /tmp/chicago/case --format ndjson --out /tmp/verdicts
  abm-lab grade /tmp/chicago/truth.json /tmp/verdicts

\b
Exit code:
  0  written
  2  bad usage
"""


@click.command("case", epilog=_EPILOG)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--scenario",
    default="chicago",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="What happens to the devices; `--scenario list` prints the names.",
)
@click.option("--devices", default=1000, show_default=True, type=click.IntRange(1), help="Size of the fleet.")
@click.option("--sites", default=20, show_default=True, type=click.IntRange(1), help="Clinics that stage them.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same bytes.")
@click.option(
    "--log-kb",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="Kilobytes of log a device; 0 writes no logs and no captures.",
)
@click.option(
    "--as-of",
    callback=aware_time,
    metavar="TIME",
    help="Move the rollout so that it ends then.  [default: the scenario's own]",
)
@click.option(
    "--plant",
    "planted",
    multiple=True,
    metavar="COLUMN=VALUE",
    callback=lambda _ctx, _option, texts: _columns(texts),
    help="A manifest column that nearly all failing devices share; may be given again.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: one a processor]")
def command(
    *,
    out: Path,
    scenario: str,
    devices: int,
    sites: int,
    seed: int,
    log_kb: int,
    as_of: datetime | None,
    planted: dict[str, str],
    jobs: int | None,
) -> None:
    """Write a simulated case to OUT/case, and its truth to OUT/truth.json.

    Everything in it is made up, and says so. docs/lab.md explains the scenarios and how to write one.
    """
    from abm_lab import scenario as scenarios
    from abm_lab.case import CaseError, write_case

    if scenario == "list":
        for name in (*scenarios.names(), *scenarios.names("apple")):
            click.echo(f"{name:<18} {scenarios.load(name).title}")
        return
    try:
        with _progress(devices) as advance:
            root = write_case(
                out, scenario, devices, sites, seed, log_kb, as_of=as_of, jobs=jobs, planted=planted, progress=advance
            )
    except (CaseError, scenarios.ScenarioError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or out}: {error.strerror}; free the place or give another folder"
        ) from error
    click.echo(f"{devices} simulated devices in {root}, their truth in {out / 'truth.json'}", err=True)


@contextmanager
def _progress(devices: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error that appears only on a terminal, and only when it lasts more than two seconds."""
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda count: None
        return
    columns = (TextColumn("devices"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("devices", total=devices)
    begun_s = time.monotonic()

    def advance(count: int) -> None:
        bar.advance(task, count)
        if not bar.live.is_started and time.monotonic() - begun_s > _PATIENCE_S:
            bar.start()

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()
