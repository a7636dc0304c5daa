"""`abm-trace triage CASE`: read everything below a folder, print a verdict for every device."""

from pathlib import Path

import click

VERDICTS = ("vanished", "rejected", "half_confirmed", "unknown", "in_progress", "not_started", "confirmed")
FAIL_ON = frozenset({"vanished", "rejected", "half_confirmed"})


@click.command("triage")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "ndjson"]), default="text", show_default=True)
@click.option("--jobs", type=click.IntRange(min=1))
@click.option("--signatures", "folders", multiple=True, type=click.Path(path_type=Path))
@click.option("--as-of", "as_of")
@click.option("--fail-on", "fail_on")
@click.pass_context
def command(ctx: click.Context, case: Path, form: str, jobs: int | None, folders: tuple[Path, ...], as_of: str | None, fail_on: str | None) -> None:
    """Trace CASE."""
    import sys

    from abm_trace.core import instants
    from abm_trace.exports import Report, Screen, render
    from abm_trace.pipeline.triage import NothingReadable, Options, triage

    try:
        traced = triage(case, Options(jobs=jobs or 0, signatures=folders, as_of=instants.parse(as_of) if as_of else None))
    except NothingReadable as error:
        sys.stdout.buffer.write(render("ndjson", Report(str(case), (), (), error.skipped, 0), Screen()))
        raise
    report = Report(str(case), traced.verdicts, traced.readings, traced.skipped, traced.as_of, traced.case.zone, traced.case.zone_name)
    sys.stdout.buffer.write(render(form, report, Screen()))
    ctx.exit(int(any(v.verdict in FAIL_ON for v in traced.verdicts)))
