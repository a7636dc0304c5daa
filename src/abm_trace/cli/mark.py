"""`abm-trace mark SERIAL FINDING confirmed|false-positive`: what a person says of a finding."""

import getpass
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from abm_trace.cli import _evidence, _marks, _tracing
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.core.nouns import Finding, Verdict

_WHY_MAX: Final = 2000
"""So many characters say why; more belongs into a ticket. Origin: ours."""

_EPILOG = """\b
For example:
  abm-trace mark F9FXQ1ABCD abm-identifier-rejected confirmed \\
                 --why "DeviceCheck race, seen on the bench" --case CASE
  abm-trace mark F9FXQ1ABCD tls-probe false-positive --why "our own proxy"

\b
The verdict stays what the evidence says: a mark stands beside the finding in
`explain`, and counts in `signatures list`. It is kept in a file of its own
(--marks), never in the case; to change your mind, mark again.

\b
Exit code:
  0  kept
  2  bad usage: no such device, or it has no finding of this id
  3  nothing readable
"""


@click.command("mark", epilog=_EPILOG)
@click.argument("serial")
@click.argument("finding")
@click.argument("judgement", type=click.Choice(_marks.JUDGEMENTS))
@click.option("--why", required=True, metavar="TEXT", help="Why you say so.")
@click.option(
    "--case", type=click.Path(path_type=Path), default=Path(), metavar="CASE", help="Its folder; else this one."
)
@click.option("--by", metavar="NAME", help="Who says so; else the name you are logged in with.")
@_marks.option
@_evidence.options
@_tracing.options
def command(
    *,
    serial: str,
    finding: str,
    judgement: str,
    why: str,
    case: Path,
    by: str | None,
    marks: Path | None,
    log: _evidence.Log | None,
    tracing: _tracing.Tracing,
) -> None:
    """Judge a finding of the device SERIAL: confirmed, or a false positive. FINDING is its id, as explain names it."""
    from abm_trace.cli import _terminal
    from abm_trace.cli.explain import find
    from abm_trace.exports._interface import place_of
    from abm_trace.pipeline.triage import NothingReadable

    if log is not None:
        log.check()
    why, by = _text("--why", why), _text("--by", by if by is not None else _user())
    try:
        traced = _tracing.trace(case, tracing)
    except NothingReadable as error:
        _terminal.name_skipped(error.skipped)
        raise
    verdict = traced.verdicts[find(serial, case, [each.serial for each in traced.verdicts])]
    found = _found(finding, verdict, case)
    path = _marks.path_of(marks)
    before = [each for one in found if (each := _marks.read(path).of(verdict.serial, one))]
    mark = _marks.Mark(
        _marks.now(),
        by,
        verdict.serial,
        finding,
        judgement,
        why,
        tuple(dict.fromkeys(digest for each in found for digest in _marks.digests_of(each))),
        tuple(dict.fromkeys(place_of(origin) for each in found for origin in each.evidence)),
    )
    if log is not None:
        log.act("mark", msgspec.json.encode(mark) + b"\n", "mark.json")
    _marks.append(path, mark)
    again = f" (it was {before[-1].judgement} by {before[-1].by} before)" if before else ""
    _terminal.aside(f"marked {finding} of {verdict.serial} as {judgement}{again}, kept in {path}")
    _terminal.aside(f"the verdict stays {verdict.verdict}: a mark changes none, explain shows it beside the finding")


def _text(option: str, text: str) -> str:
    """What a person wrote, without blanks around it. Raises UsageError where nothing is left, or far too much."""
    text = " ".join(text.split())
    if not text or len(text) > _WHY_MAX:
        message = f"{option} has {len(text):,} characters; it takes 1 to {_WHY_MAX:,}"
        raise UsageError(message, hint='Example: --why "seen on the bench, the proxy was ours"')
    return text


def _user() -> str:
    """The name of whoever runs this. Raises UsageError where the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        message = "nobody is known to be logged in"
        raise UsageError(message, hint="Say who judges: --by NAME") from error


def _found(finding: str, verdict: "Verdict", case: Path) -> "list[Finding]":
    """The device's findings of that id. Raises UsageError, with those that it has, if there is none."""
    found = [each for each in verdict.findings if each.id == finding]
    if found:
        return found
    names = ", ".join(dict.fromkeys(each.id for each in verdict.findings))
    message = f"{finding}: {verdict.serial} has no finding of this id"
    look = f"abm-trace explain {shlex.quote(verdict.serial)} --case {shlex.quote(str(case))}"
    raise UsageError(message, hint=f"It has {names}. See: {look}" if names else f"It has none. See: {look}")
