"""`abm-trace tokens CASE`: every token, its age and end, when it was used, and the plan of the next rotations."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from abm_trace.cli import _sheet, _tracing

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.pipeline.triage import Triage
    from abm_trace.views.tokens import State, Token

_EPILOG = """\b
For example:
  abm-trace tokens CASE --as-of "$(date -u +%FT%TZ)"
  abm-trace tokens CASE --ics rotation.ics
  abm-trace tokens CASE --fail-on due --format csv --out tokens.csv
  abm-trace tokens CASE --certificate client.p12 --password password.txt

\b
Exit code:
  0  done
  1  with --fail-on: a token is expired, or must be rotated
  2  bad usage
  3  nothing readable, or no token in the case
"""
_DAYS_MAX = 3650
_FAILING: "Mapping[str, tuple[State, ...]]" = {
    "none": (),
    "expired": ("expired",),
    "due": ("expired", "overdue", "expiring"),
}
_VERDICTS = {
    "expired": "vanished", "overdue": "half_confirmed", "expiring": "half_confirmed", "not_known": "unknown",
    "good": "confirmed", "replaced": "not_started",
}  # fmt: skip


class TokenObject(msgspec.Struct, frozen=True):
    """A token: whose, how old, until when, and when it is to be rotated. Nothing secret of it is here."""

    kind: Literal["abm", "server", "certificate"]
    name: str
    region: str
    server: str
    state: str
    created_at: str | None
    age_days: float | None
    expires_at: str | None
    expires_in_days: float | None
    last_used_at: str | None
    rotate_at: str | None
    why: str
    warnings: str
    evidence: str


class TokensDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/tokens/1"):
    """The tokens of a case, those that must be rotated first on top."""

    as_of: str
    simulated: bool
    rotation_days: float
    rotation_origin: str
    counts: dict[str, int]
    tokens: list[TokenObject]


@click.command("tokens", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--every", metavar="DAYS", default="30", show_default=True, help="How old a token may be (the guide).")
@click.option("--certificate", "certificates", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A client certificate (PEM, PKCS #12) to list, too; may be given again.")  # fmt: skip
@click.option("--password", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="The password of certificates and their keys, in a file.")  # fmt: skip
@click.option("--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan as a calendar file, too.")
@click.option(
    "--fail-on", type=click.Choice(list(_FAILING)), default="none", show_default=True,
    help="What makes the exit code 1: a token that expired, or also one that is due.",
)  # fmt: skip
@_sheet.options
@_tracing.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    case: Path,
    every: str,
    certificates: tuple[Path, ...],
    password: Path | None,
    ics: Path | None,
    fail_on: str,
    form: str,
    out: Path | None,
    tracing: _tracing.Tracing,
) -> None:
    """List every token of CASE, and the client certificates that are named: age, expiry, last use, warnings, and when
    to rotate each. Secrets are never shown.
    """
    from abm_trace.cli import _terminal
    from abm_trace.core.errors import NothingReadableError
    from abm_trace.core.instants import render
    from abm_trace.gates.health import tokens_of
    from abm_trace.views.tokens import ROTATION_DAYS, STATES

    days = _sheet.number("--every", every, 1, _DAYS_MAX, "30")
    traced = _sheet.trace(case, tracing)
    found = tokens_of(traced, days)
    if certificates:
        from abm_trace.cli.tokens import _certificates

        found = _first_due([*found, *_certificates.certificates(certificates, password, traced.as_of)])
    if not found:
        raise NothingReadableError(
            f"{case}: no token in it",
            hint="Save them into the case: GET /v1/tokens/{id}, or a decrypted server token, as tokens/NAME.json",
        )
    rows = [_row(each, traced.as_of) for each in found]
    of = Counter(each.state for each in found)
    document = TokensDocument(
        render(traced.as_of), traced.case.simulated, days, "guide" if days == ROTATION_DAYS else "--every",
        {state: of[state] for state in STATES}, rows,
    )  # fmt: skip
    _sheet.hand_over(form, out, lambda screen: _page(found, traced, document, screen), document, rows)
    if ics:
        from abm_trace.cli.tokens._ics import calendar

        _terminal.save(ics, calendar(found, traced.as_of, traced.case.zone, simulated=traced.case.simulated))
        planned = sum(each.rotate_at is not None for each in found)
        _terminal.aside(f"wrote {ics} ({planned:,} of {len(found):,} tokens have a day)")
    ctx.exit(int(any(of[state] for state in _FAILING[fail_on])))


def _first_due(found: "Sequence[Token]") -> "list[Token]":
    """Those that must be rotated first on top; of one day, in the order in which they came."""
    return sorted(found, key=lambda each: (each.rotate_at is None, each.rotate_at or 0))


def _row(token: "Token", as_of: int) -> TokenObject:
    from abm_trace.core.instants import render
    from abm_trace.views.tokens import DAY

    created_at, expires_at, used_at, rotate_at = (
        None if at is None else render(at)
        for at in (token.created_at, token.expires_at, token.last_used_at, token.rotate_at)
    )
    return TokenObject(
        token.kind, token.name, token.region, token.server, token.state,
        created_at, None if token.created_at is None else round((as_of - token.created_at) / DAY, 3),
        expires_at, None if token.expires_at is None else round((token.expires_at - as_of) / DAY, 3),
        used_at, rotate_at, token.why, "; ".join(token.warnings),
        "; ".join(f"{each.path}:{each.line}" if each.line else each.path for each in token.evidence[:3]),
    )  # fmt: skip


def _page(found: "Sequence[Token]", traced: "Triage", document: TokensDocument, screen: "Screen") -> Iterator[str]:
    from abm_trace.exports import MARKS
    from abm_trace.exports._interface import count, moment

    if document.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    of = document.counts
    worst = next(state for state, number in of.items() if number)
    parts = [f"{number:,} {_WORDS[state]}" for state, number in of.items() if number]
    head = f"{MARKS[_VERDICTS[worst]]} {count(len(found), 'token')}: {', '.join(parts)}"
    yield from screen.sentence(head, style=_VERDICTS[worst])
    rule = f"every {document.rotation_days:g} days (origin: {document.rotation_origin})"
    yield from screen.columns([("as of", moment(traced.as_of, traced.case.zone)), ("rotation", rule)])
    yield ""
    header = ("token", "kind", "state", "age", "expires in", "last used", "rotate by")
    shown = list(zip(found, document.tokens, strict=True))[: screen.rows]
    first, *lines = screen.columns([header, *(_cells(row) for _, row in shown)], right=(3, 4))
    yield screen.paint(first, "faint")
    for (token, _), line in zip(shown, lines, strict=True):
        yield screen.paint(line, _VERDICTS[token.state])
    if len(shown) < len(found):
        yield f"  and {len(found) - len(shown):,} more"
    yield from _warnings(document.tokens, screen)


_WORDS = {
    "expired": "expired", "overdue": "overdue for rotation", "expiring": "about to expire", "not_known": "not known",
    "good": "good", "replaced": "replaced by a newer one",
}  # fmt: skip


def _cells(row: TokenObject) -> tuple[str, ...]:
    from abm_trace.exports import MARKS

    age, left = (("?" if days is None else f"{days:.1f} d") for days in (row.age_days, row.expires_in_days))
    state = f"{MARKS[_VERDICTS[row.state]]} {row.state.replace('_', ' ')}"
    used, rotate = ((stamp or "?")[:10] for stamp in (row.last_used_at, row.rotate_at))
    return row.name, row.kind, state, age, left, used, "–" if row.state == "replaced" else rotate


def _warnings(rows: Sequence[TokenObject], screen: "Screen") -> Iterator[str]:
    """What each token warns of and where that stands, those with the same warning together."""
    alike: dict[tuple[str, str], list[TokenObject]] = {}
    for row in rows:
        if row.warnings:
            alike.setdefault((row.warnings, row.state), []).append(row)
    if alike:
        yield ""
        yield screen.paint("Warnings", "bold")
    for (warning, state), group in alike.items():
        names = ", ".join(row.name for row in group[:8]) + f" and {len(group) - 8:,} more" * (len(group) > 8)
        proof = f" [{group[0].evidence}]" if group[0].evidence and len(group) == 1 else ""
        yield from screen.sentence(f"{names}: {warning}{proof}", indent="  ", style=_VERDICTS[state])
