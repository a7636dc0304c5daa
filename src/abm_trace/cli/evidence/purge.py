"""`abm-trace evidence purge STORE`: delete what is old enough, and leave proof of it."""

from bisect import bisect_right
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _names, _options
from abm_trace.core import instants
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.ledger import Ledger
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence purge evidence --due --dry-run --reason "retention"
  abm-trace evidence purge evidence --older-than 120 --reason "retention"
  abm-trace evidence purge evidence --index 12-40 --reason "a request"

\b
Entry and leaf hash of each record stay, so its inclusion can still be proved.

\b
Exit code:
  0  done
  2  bad usage, or the log refuses; it says why
"""


@click.command("purge", epilog=_EPILOG)
@_options.places
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="A-B",
    help="These records; refused if one is too young; may be given again.",
)
@click.option("--older-than", type=int, metavar="DAYS", help="All that are older and under no hold.")
@click.option("--due", is_flag=True, help="All that are older than the log's maximum and under no hold.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and do nothing.")
@_options.statement
def command(
    *,
    places: "Places",
    indexes: tuple[str, ...],
    older_than: int | None,
    due: bool,
    dry_run: bool,
    actor: str | None,
    reason: str,
) -> None:
    """Delete bytes, nonces and bindings of records of the log STORE."""
    from abm_trace.evidence import retention
    from abm_trace.evidence.errors import RefusedError
    from abm_trace.evidence.store import Writer

    if bool(indexes) + (older_than is not None) + due != 1:
        raise UsageError(
            "say what to purge with one of --index, --older-than, --due", hint="See: evidence purge --help"
        )
    said = _options.entry("hold", actor, reason)  # Only for who and when.
    with Writer(places) as writer:
        ledger = retention.ledger(writer)
        wanted = _options.ranges(indexes) or tuple(ledger.older(said.at, _days(ledger, older_than)))
        count = ledger.keeping(wanted)
        if refusal := ledger.refusal_of_purge(wanted, said.at):
            raise RefusedError(f"not purged: {refusal}", hint="Nothing was deleted.")
        if wanted and not count:
            keep = "keeps" if _options.records(wanted).startswith("record ") else "keep"
            raise RefusedError(
                f"not purged: {_options.records(wanted)} {keep} nothing, or no longer",
                hint=f"See which do: abm-trace evidence log {places.store}",
            )
        if not dry_run:
            _names.refuse(writer, actor=said.actor, reason=reason)
            retention.purge(writer, wanted, now=said.at, actor=said.actor, reason=reason)
            writer.sweep()
        names = _options.spoken(wanted) if wanted else _why_none(ledger, said.at, _days(ledger, older_than))
    click.echo(f"{'would purge' if dry_run else 'purged'} {_options.counted(count, 'record')}: {names}")


def _why_none(ledger: "Ledger", at: int, days: int) -> str:
    """Why no record is old enough and under no hold."""
    from abm_trace.evidence.ledger import DAY

    old = bisect_right(ledger.newest, at - days * DAY)
    held, young = ledger.keeping([(0, old - 1)]), ledger.keeping([(old, ledger.size - 1)])
    reasons = [f"{_options.counted(held, 'record')} under a hold"] if held else []
    if young:
        until = instants.render(min(ledger.newest[old] + days * DAY, instants.LAST))
        reasons.append(f"{_options.counted(young, 'record')} not {days} days old, the first of them not before {until}")
    return ", ".join(reasons) or "none keeps anything, or no longer"


def _days(ledger: "Ledger", older_than: int | None) -> int:
    """How old a record has to be. Raises UsageError where the log has no maximum."""
    if older_than is not None:
        return older_than
    if ledger.policy.days_max is None:
        raise UsageError("this log has no maximum", hint="Give an age: --older-than DAYS")
    return ledger.policy.days_max
