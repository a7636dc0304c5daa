"""`abm-trace health CASE`: the health score of a rollout, what decided it, and how it was before."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _evidence, _tracing
from abm_trace.core.errors import NothingReadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from abm_trace.cli.health._wire import HealthDocument
    from abm_trace.exports import Screen

_EPILOG = """\b
For example:
  abm-trace health CASE --as-of "$(date -u +%FT%TZ)" && ./stage.sh
  abm-trace health CASE --webhook https://hooks.example.com/ \\
                        --webhook-secret webhook.secret
  abm-trace health --history
  abm-trace health --history --format html --out health.html

\b
Exit code:
  0  go: the sum reaches 85 and no part is at 0; or --history was shown
  1  roll back: the sum is below 85, or a part is at 0
  2  bad usage
  3  not known: a part was not measured; or nothing readable
"""
_CODES = {"go": 0, "roll_back": 1, "not_known": 3}
_STORE, _SECRET = "ABM_TRACE_HEALTH", "ABM_TRACE_WEBHOOK_SECRET"
_SECRET_BYTES_MAX = 4096
_FORMS = ("text", "json", "csv", "html")


def _path() -> click.Path:
    return click.Path(path_type=Path, dir_okay=False)


@click.command("health", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path), required=False)
@click.option("--history", is_flag=True, help="Show the scores that were kept, and measure nothing.")
@click.option(
    "--store",
    type=_path(),
    envvar=_STORE,
    metavar="FILE",
    help="Where scores are kept; else $ABM_TRACE_HEALTH, else $XDG_DATA_HOME/abm-trace/health.ndjson.",
)
@click.option("--no-store", is_flag=True, help="Do not keep this score.")
@click.option(
    "--name",
    metavar="NAME",
    default="",
    help="The rollout's name in the history, else the case's; with --history, show it alone.",
)
@click.option(
    "--webhook", metavar="URL", default="", help="Tell this receiver (https) when the rollout is to be rolled back."
)
@click.option(
    "--webhook-secret",
    "secret",
    type=_path(),
    metavar="FILE",
    help=f"The secret that it is signed with; else ${_SECRET}.",
)
@click.option("--trust", type=_path(), metavar="FILE", help="Certificates (PEM) that the receiver's must lead to.")
@click.option(
    "--allow-loopback", "loopback", is_flag=True, help="The receiver may be on this very computer, for a lab."
)
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True, help="What to print.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE, the page to the screen."
)
@_evidence.options
@_tracing.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    case: Path | None,
    history: bool,
    store: Path | None,
    no_store: bool,
    name: str,
    webhook: str,
    secret: Path | None,
    trust: Path | None,
    loopback: bool,
    form: str,
    out: Path | None,
    log: _evidence.Log | None,
    tracing: _tracing.Tracing,
) -> None:
    """Say whether the rollout CASE may go on: tokens, latency, OCSP staples, clocks, profiles in one score.

    Below 85, or with a part at 0, it is to be rolled back. What was not measured is never read as good or bad.
    """
    from abm_trace.cli import _appended, _terminal
    from abm_trace.core.errors import AbmTraceError
    from abm_trace.exports._interface import encode_lines

    kept = _appended.path_of(store, "health.ndjson")
    if history:
        if case is not None or webhook:
            raise UsageError("--history measures nothing", hint="abm-trace health --history")
        scores = _kept(kept, name)
        if not scores:
            of = f" of {name}" if name else ""
            raise NothingReadableError(f"{kept}: no score{of} was kept", hint="Keep one: abm-trace health CASE")
        _hand_over(scores, form, out, past=True)
        return
    if case is None:
        raise UsageError("no case was named", hint="abm-trace health CASE, or abm-trace health --history")
    hook = _Hook(webhook, secret, trust, loopback=loopback) if webhook else None
    if log is not None:
        log.check()
    score = _measured(case, tracing, name)
    if hook is not None and score.decision == "roll_back":
        hook.tell(score)  # First of all: neither a full disk nor a closed pipe keeps it from whoever must know.
    unkept: AbmTraceError | None = None
    if not no_store:
        try:
            _appended.append(kept, score, hint="Name a file that can be written: --store FILE, or --no-store")
        except AbmTraceError as error:
            unkept = error
    keeps = not no_store and unkept is None
    # The page has the history in it, this score last.
    _hand_over(_kept(kept, score.rollout) if form == "html" and keeps else [score], form, out, past=False)
    if keeps:
        _terminal.aside(f"kept in {kept}; see how it went: abm-trace health --history")
    unrecorded = _evidence.attempt(
        log, lambda each: each.record("check", "health", encode_lines([score]), "health.json")
    )
    if (lost := unkept or unrecorded) is not None:
        raise lost
    ctx.exit(_CODES[score.decision])


def _measured(case: Path, tracing: _tracing.Tracing, name: str) -> "HealthDocument":
    from abm_trace.checks.health import health
    from abm_trace.cli import _sheet
    from abm_trace.cli.health._wire import document
    from abm_trace.gates.health import measure

    traced = _sheet.trace(case, tracing)
    if tracing.as_of is None:
        _tell_age(traced.as_of, traced.context.thresholds.us("segment_window_s"))
    rollout = name or case.resolve().name
    return document(health(measure(traced)), traced.as_of, rollout, simulated=traced.case.simulated)


def _tell_age(as_of: int, fresh_us: int) -> None:
    """Say it where the moment that was judged has long passed: a gate is asked whether something may begin now."""
    from datetime import UTC

    from abm_trace.cli import _terminal
    from abm_trace.core.instants import SECOND
    from abm_trace.exports._interface import moment
    from abm_trace.sources.probes.wall import now_us

    age_us = now_us() - as_of
    if age_us > fresh_us:
        ago = f"{age_us / (3600 * SECOND):,.0f} hours ago"
        _terminal.aside(f"judged as of {moment(as_of, UTC)}, where the case ends, {ago};")
        _terminal.aside('  whether it may begin now says: --as-of "$(date -u +%FT%TZ)"')


def _kept(path: Path, name: str) -> "list[HealthDocument]":
    """The kept scores in order of their time, of one rollout where it is named; what is none is named."""
    from abm_trace.cli import _appended, _terminal
    from abm_trace.cli.health._wire import HealthDocument, flaw
    from abm_trace.core.instants import parse

    scores, skipped = _appended.read(path, HealthDocument, flaw)
    _terminal.name_skipped(skipped)
    return sorted((each for each in scores if name in {"", each.rollout}), key=lambda each: parse(each.at))


def _hand_over(scores: "Sequence[HealthDocument]", form: str, out: Path | None, *, past: bool) -> None:
    """Print the last score, or all of them, in a form."""
    from abm_trace.cli import _sheet, _terminal
    from abm_trace.cli.health import _html, _page
    from abm_trace.cli.health._wire import HistoryDocument, row

    last = scores[-1]

    def page(screen: "Screen") -> "Iterator[str]":
        return _page.history(scores, screen) if past else _page.page(last, screen)

    if form == "html":
        data = _html.render(scores)
        if out is None:
            _terminal.write(data)
            return
        _terminal.save(out, data)
        screen = _terminal.screen(short=True)
        _terminal.write(screen.finish(page(screen)))
        _terminal.aside(f"wrote {out} (html)")
    elif past:
        _sheet.hand_over(form, out, page, HistoryDocument(list(scores)), map(row, scores))
    else:
        _sheet.hand_over(form, out, page, last, last.components)


class _Hook:
    """Where a roll-back is told, and with which secret; what is wrong with either is said before anything is done."""

    def __init__(self, address: str, secret: Path | None, trust: Path | None, *, loopback: bool) -> None:
        from abm_trace.net import webhook
        from abm_trace.net.http import Way

        self._to = webhook.goal(address, loopback=loopback)
        self._secret = webhook.secret(_secret(secret))
        self._way = Way(trust=None if trust is None else str(trust))

    def tell(self, score: "HealthDocument") -> None:
        """Post the score. A receiver that does not take it is told, and changes no exit code."""
        from abm_trace.cli import _terminal
        from abm_trace.core.instants import SECOND
        from abm_trace.exports._interface import encode
        from abm_trace.net import webhook
        from abm_trace.net.reach import ReachError
        from abm_trace.sources.probes.wall import now_us

        message = webhook.Message(f"msg_{secrets.token_hex(12)}", now_us() // SECOND, encode(score))
        try:
            status = webhook.post(self._to, self._way, self._secret, message)
        except ReachError as error:
            _terminal.aside(f"abm-trace: the webhook was not delivered: {error.diagnostics()}")
        else:
            _terminal.aside(f"told {self._to[0].place} ({status})")


def _secret(path: Path | None) -> str:
    if path is None:
        if not (text := os.environ.get(_SECRET, "")):
            raise UsageError(
                "a webhook is signed, and no secret was given",
                hint=f"--webhook-secret FILE, or {_SECRET}; make one: echo whsec_$(openssl rand -base64 32) >FILE",
            )
        return text
    try:
        with path.open("rb") as file:
            return file.read(_SECRET_BYTES_MAX).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"--webhook-secret {path}: {error.strerror}", hint="Name a file that can be read.") from error
