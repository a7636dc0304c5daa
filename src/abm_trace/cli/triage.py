"""`abm-trace triage CASE`: read everything below a folder, print a verdict for every device."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _evidence, _sets, _tracing
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm_trace.core.nouns import Device, Origin, Skipped, Verdict
    from abm_trace.exports import Report
    from abm_trace.pipeline.triage import Triage

_FORMATS = ("text", "json", "ndjson", "csv", "html")
_EPILOG = """\b
For example:
  abm-trace triage CASE
  abm-trace triage CASE --format ndjson --out verdicts.ndjson
  abm-trace triage CASE --files --as-of 2026-05-17T08:47:00Z
  abm-trace triage CASE --since last-shift.ndjson

\b
A case is a folder: manifest.csv, device logs, ABM audit exports, MDM
inventories, TLS and clock probes, tokens, profiles, HTTP captures, each
optional and known by its content. case.toml may hold
  timezone = "America/Chicago"

\b
Exit code:
  0  no device failed (unknown alone is no failure)
  1  a device is vanished, rejected or half_confirmed (see --fail-on)
  2  bad usage
  3  nothing readable
"""


@click.command("triage", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="What to print.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE, the summary to the screen."
)
@click.option(
    "--files", is_flag=True, help="Say how each file was read: format and why, lines, facts, what was not used."
)
@click.option(
    "--fail-on",
    "failures",
    metavar="LIST",
    shell_complete=_sets.VERDICTS,
    default="vanished,rejected,half_confirmed",
    show_default=True,
    callback=lambda _ctx, _option, text: _failures(text),
    help="The verdicts that make the exit code 1, or none.",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path, exists=True),
    metavar="EARLIER",
    help="Say what changed since EARLIER: its verdicts (ndjson, json), or its case.",
)
@_evidence.options
@_tracing.options
def command(
    *,
    case: Path,
    form: str,
    out: Path | None,
    files: bool,
    failures: frozenset[str],
    since: Path | None,
    log: _evidence.Log | None,
    tracing: _tracing.Tracing,
) -> None:
    """Trace a case: read everything below the folder CASE and say a verdict for every device."""
    from abm_trace.cli import _earlier
    from abm_trace.pipeline.triage import NothingReadable

    if log is not None:
        log.check()  # Before the work: a verdict that was to be on record is not said without.
    earlier = None if since is None else _earlier.read(since, tracing)  # A damaged one costs no trace.
    try:
        traced = _tracing.trace(case, tracing, count_lines=files, keep=True)
    except NothingReadable as error:
        _nothing(case, form, out, error.skipped)
        raise
    report = _report(case, traced, form, files=files, bare=form in {"ndjson", "csv"} and not out)
    if earlier is not None:
        report = replace(report, changes=_earlier.compared(earlier, traced))
    unkept = _evidence.attempt(log, lambda each: each.keep(case, traced))
    _hand_over(report, form, out, tracing.jobs or 0)
    if unkept is not None:
        raise unkept
    failed = any(verdict.verdict in failures for verdict in traced.verdicts)
    click.get_current_context().exit(int(failed))


def _failures(text: str) -> frozenset[str]:
    """The verdicts of `--fail-on`. Raises UsageError for a word that is none."""
    from abm_trace.exports import VERDICTS

    names = frozenset(name.strip() for name in text.split(",")) - {"", "none"}
    if unknown := names - set(VERDICTS):
        message = f"--fail-on {text}: no verdict is called {', '.join(sorted(unknown))}"
        raise UsageError(message, hint=f"The verdicts: {', '.join(VERDICTS)}. Example: --fail-on vanished,unknown")
    return names


def _report(case: Path, traced: "Triage", form: str, *, files: bool, bare: bool) -> "Report":
    """What the exports render; `bare` leaves out what a list of devices alone does not show."""
    from abm_trace.exports import Missing, Report, Telling
    from abm_trace.views import contrast, settle
    from abm_trace.views.brief import brief, brief_devices

    verdicts = () if bare else brief(traced.verdicts)
    devices = () if bare else brief_devices(traced.devices)
    wanted = settle.wanted(verdicts, devices)
    reach = {side: traced.context.side(side).until for side in ("apple", "mdm")}
    read = min((until for until in reach.values() if until is not None), default=None)
    servers = {each.serial: name for each in devices if (name := contrast.server(each))}
    causes = contrast.by_cause(verdicts, devices, read)
    return Report(
        case=str(case),
        verdicts=traced.verdicts,
        readings=traced.readings,
        skipped=traced.skipped,
        as_of=traced.as_of,
        zone=traced.case.zone,
        zone_name=traced.case.zone_name,
        simulated=traced.case.simulated,
        reach=reach,
        held=traced.context.held,
        files=files,
        limits=tuple(
            (each.name, each.value, each.origin, each.meaning) for each in traced.context.thresholds.items.values()
        ),
        wanted=tuple(Missing(each.name, each.verdicts, each.until, each.how, each.sides) for each in wanted),
        servers=servers,
        reaches={
            (side, server): traced.context.side(side, server).until
            for side in reach
            for server in dict.fromkeys(servers.values())
        },
        left_out=contrast.left_out(verdicts, devices, read),
        shared=contrast.sentences(causes, verdicts, traced.case.zone),
        contrast=tuple(
            Telling(
                None if found.overall else found.layer, found.cause, contrast.words(each.condition, traced.case.zone),
                *each.numbers, each.low, each.high, each.chance,
            )
            for found in causes
            for each in found.contrast.columns
        ),
        quotes=_quotes(traced, verdicts) if form == "html" else {},
        notes=() if bare else _notes(traced, verdicts, devices),
        runbooks=_runbooks() if form == "html" else {},
        brief=verdicts,
    )  # fmt: skip


def _notes(traced: "Triage", verdicts: "Sequence[Verdict]", devices: "Sequence[Device]") -> tuple[tuple[str, str], ...]:
    """Which servers do not sync, what the seats cost, where the vanished were seen since: (label, sentence) each."""
    from abm_trace.verdict import servers
    from abm_trace.views import licences, sightings

    failing = servers.sentences(traced.context.servers, traced.as_of)
    stake = licences.sentence(licences.licences(verdicts, devices))
    seen = sightings.sentences(sightings.sighted(verdicts, devices, traced.readings))
    return (
        *(("Server", each) for each in failing),
        *(("At stake", each) for each in (stake,) if each),
        *(("Seen", each) for each in seen),
    )


def _runbooks() -> "dict[str, tuple[tuple[str, tuple[str, ...]], ...]]":
    """The steps for each verdict, layer and cause, by name."""
    from abm_trace.remedies.runbook import runbooks
    from abm_trace.verdict.settings import actions

    return {name: tuple(book.parts()) for name, book in runbooks(actions()).items()}


def _quotes(traced: "Triage", told: "Sequence[Verdict]") -> "dict[Origin, str]":
    """What stands where the evidence of the page's verdicts points, "" where silence cites how far a side was read."""
    from abm_trace.exports.html import listed
    from abm_trace.pipeline.quote import quoted

    ends = {origin for side in traced.context.reach.values() for reach in side for origin in reach.origins}
    wanted: dict[str, set[Origin]] = {}
    for verdict in listed(traced.verdicts, told):
        for finding in verdict.findings:
            for origin in finding.evidence:
                if origin.path in traced.blobs and origin not in ends:
                    wanted.setdefault(origin.path, set()).add(origin)
    return {**quoted(wanted, traced.blobs), **dict.fromkeys(ends, "")}


def _hand_over(report: "Report", form: str, out: Path | None, jobs: int) -> None:
    """The export to FILE and the summary to the screen, or the export alone to standard output."""
    from abm_trace.cli import _terminal
    from abm_trace.exports import parts, render
    from abm_trace.pipeline.judging import side_by_side

    if form != "ndjson":
        _terminal.name_skipped(report.skipped)
    elif report.files and not out:  # Standard output is for two schemas alone.
        from abm_trace.exports.text import render_files

        _terminal.aside(render_files(report, _terminal.paper()).decode())
    with side_by_side(report.verdicts, jobs) as each:
        if not out:
            for part in parts(form, report, _terminal.screen(), each):
                _terminal.write(part)
            return
        _terminal.save(out, parts(form, report, _terminal.paper(), each))
    _terminal.write(render("text", report, _terminal.screen(short=True)))
    _terminal.aside(f"wrote {out} ({form}, {len(report.verdicts):,} verdicts{_bound(report, form)})")


def _bound(report: "Report", form: str) -> str:
    """How many of the devices a page lists, where it does not list all."""
    from abm_trace.exports.html._listed import LISTED_MAX

    return f", {LISTED_MAX:,} of them listed" if form == "html" and len(report.verdicts) > LISTED_MAX else ""


def _nothing(case: Path, form: str, out: Path | None, skipped: "tuple[Skipped, ...]") -> None:
    """Name what stood in a case of which nothing could be read."""
    from abm_trace.cli import _terminal
    from abm_trace.exports import Report, render

    if form != "ndjson":
        _terminal.name_skipped(skipped)
        return
    data = render("ndjson", Report(str(case), (), (), skipped, 0), _terminal.paper())
    if out:
        _terminal.save(out, data)
    else:
        _terminal.write(data)
