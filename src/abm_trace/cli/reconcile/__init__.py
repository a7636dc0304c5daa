"""`abm-trace reconcile CASE`: who knows which device, and who should but does not."""

from pathlib import Path

import click

from abm_trace.cli import _tracing

_EPILOG = """\b
For example:
  abm-trace reconcile CASE
  abm-trace reconcile CASE --format csv --out differences.csv
  abm-trace reconcile CASE --fail-on differences

\b
Exit code:
  0  done; also where devices differ, if --fail-on does not ask for it
  1  devices differ, with --fail-on differences
  2  bad usage
  3  nothing readable
"""


@click.command("reconcile", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True,
    help="What to print.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE, the page to the screen."
)
@click.option(
    "--fail-on",
    type=click.Choice(["differences", "none"]),
    default="none",
    show_default=True,
    help="What makes the exit code 1.",
)
@_tracing.options
def command(*, case: Path, form: str, out: Path | None, fail_on: str, tracing: _tracing.Tracing) -> None:
    """Compare manifest, ABM, DEP fetch, DEP sync stream and MDM: which devices one names and another does not."""
    from abm_trace.cli import _terminal
    from abm_trace.cli.reconcile import _gathering, _page, _wire
    from abm_trace.pipeline.triage import NothingReadable
    from abm_trace.views.reconcile import reconcile

    try:
        traced = _tracing.trace(case, tracing)
    except NothingReadable as error:
        _terminal.name_skipped(error.skipped)
        raise
    _terminal.name_skipped(traced.skipped)
    found = reconcile(
        _gathering.seen(traced),
        _gathering.listings(traced),
        confirmation_us=traced.context.thresholds.us("confirmation_s"),
        zone=traced.case.zone,
    )
    screen = _terminal.screen(short=True) if out else _terminal.screen()
    page = screen.finish(_page.lines(found, traced, case, screen))
    if form == "json":
        data = _wire.document(
            found, as_of=traced.as_of, simulated=traced.case.simulated, devices=len(traced.devices)
        )  # fmt: skip
    elif form == "csv":
        data = _wire.table(found)
    else:
        paper = _terminal.paper()
        data = paper.finish(_page.lines(found, traced, case, paper)) if out else page
    if out:
        _terminal.save(out, data)
        _terminal.write(page)
        _terminal.aside(f"wrote {out} ({form}, {found.differing:,} devices differ)")
    else:
        _terminal.write(data)
    click.get_current_context().exit(int(fail_on == "differences" and bool(found.differing)))
