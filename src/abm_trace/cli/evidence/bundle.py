"""`abm-trace evidence bundle STORE --out FILE`: one file for an auditor or a vendor, which verifies alone."""

import getpass
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _names, _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.bundle import Made
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence bundle evidence --out audit.tar --reason "audit 2026"
  abm-trace evidence bundle evidence --out apple.tar --only F9FXQ1ABCD \\
                     --redact --key redaction.key --reason "case 102030"
  abm-trace-verify audit.tar --key key.txt

\b
The bundle leaves a record in the log; a log that cannot be written to gives
none away. Without --redact it holds what came in as it came, with whatever
serial numbers and secrets stand in it. With --redact it shows the verdicts,
and the log lines that prove them: their known words, times and codes. Every
other line is withheld and counted; whoever holds the log can open it later,
line by line. Devices have pseudonyms; who has FILE can tell which is which,
so keep FILE apart from the bundle.

\b
Exit code:
  0  done
  2  bad usage, or the log refuses; it says why
"""
_FILE = click.Path(path_type=Path)
_NAMES_MAX = 10
_RECORDS = re.compile(r"\d{1,18}(-\d{1,18})?", re.ASCII)
_WORD = re.compile(r"(?<![\w.@/-])[A-Za-z][A-Za-z_]+(?![\w@/]|[.-]\w)")
"""A word by itself: neither a part of a host or a path, nor of an identifier."""


@click.command("bundle", epilog=_EPILOG)
@_options.places
@click.option("--out", required=True, type=_FILE, metavar="FILE", help="The bundle to write.")
@click.option(
    "--only",
    multiple=True,
    metavar="SERIAL|A-B",
    help="Only what belongs to this device, or these records; may be given again.",
)
@click.option("--redact", is_flag=True, help="Verdicts and the lines that prove them, without names and secrets.")
@click.option("--key", "key_file", type=_FILE, metavar="FILE", help="The key of the pseudonyms; made if not there.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Put in this report, as it is: a page, a PDF; may be given again.",
)
@_options.FORCE
@_options.statement
def command(
    *,
    places: "Places",
    out: Path,
    only: tuple[str, ...],
    redact: bool,
    key_file: Path | None,
    reports: tuple[Path, ...],
    force: bool,
    actor: str | None,
    reason: str,
) -> None:
    """Make a bundle of the log STORE: what it says, what it keeps, the proofs, a report, notes for the verifier."""
    from abm_trace.cli import _progress, _terminal
    from abm_trace.evidence import bundle
    from abm_trace.evidence.store import Writer
    from abm_trace.identity import canonical

    if redact != (key_file is not None):
        raise UsageError("--redact and --key FILE go together", hint="Example: --redact --key redaction.key")
    if redact and reports:
        raise UsageError("--report puts a file in as it is, so not with --redact", hint="Leave out one of the two.")
    names = [path.name for path in reports]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"--report {twice[0]}: two files of that name", hint="Rename one: cp FILE NAME")
    _options.check("reason", reason)
    _options.check("actor", actor or getpass.getuser())
    _options.target(out, places, "--out", force=force)
    own, words = harmless() if redact else ({}, frozenset[str]())
    asked = bundle.Asked(
        actor or getpass.getuser(),
        reason,
        _options.now(),
        records=_options.ranges(tuple(each for each in only if _RECORDS.fullmatch(each))),
        serials=frozenset(each for each in only if not _RECORDS.fullmatch(each)),
        signatures=own,
        words=words,
        fold=canonical,
        reports=reports,
    )
    with Writer(places) as writer:
        if redact:
            _names.refuse(writer, actor=asked.actor, reason=asked.reason)
        if key_file:  # Last: what is refused makes no key.
            asked = replace(asked, key=_key(key_file, places, out))
        named = _names.stated(writer) if redact else []
        with _progress.waiting(f"making {out}"):
            made = bundle.make(writer, out, asked)
    _say(out, made)
    for index in named:
        _terminal.aside(f"record {index} states a name or number that cannot be changed: it stands in the bundle")


def _key(path: Path, places: "Places", out: Path) -> bytes:
    """The key of the redaction. Raises UsageError for a key that does not stand apart."""
    from abm_trace.evidence import redaction

    if places.holds(path) or path.absolute() == out.absolute():
        raise UsageError(f"--key {path}: the key must stand apart", hint="Example: --key ~/redaction.key")
    key, is_new = redaction.key_of(path, secrets.token_bytes)
    if is_new:
        click.echo(f"made {path}: who has it can tell which device a pseudonym is; keep it apart from the bundle")
    return key


def harmless() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The words of each of our signatures, its title and tested examples; and of our own texts, the next actions."""
    from importlib.resources import files

    from abm_trace import signatures, verdict

    own = {
        each.id: signatures.PROCESSES.union(
            *map(_WORD.findall, (each.title, *(example.message for example in each.examples if example.matches)))
        )
        for each in signatures.load()[0]
    }
    actions = re.sub(r"\{\w+\}", "", (files(verdict) / "actions.toml").read_text("utf-8"))
    return own, frozenset(own).union(_WORD.findall(actions), *own.values())


def _say(out: Path, made: "Made") -> None:
    from abm_trace.evidence._report import plain

    manifest = made.manifest
    stored, by_line = (
        sum(last - first + 1 for first, last in ranges) for ranges in (manifest.stored, manifest.by_line)
    )
    click.echo(f"wrote {out}, {out.stat().st_size:,} bytes; record {made.record} of the log says so")
    click.echo(f"  {stored:,} records as they were kept, {by_line:,} by line, {manifest.withheld:,} withheld")
    if manifest.redacted:
        hidden = ", ".join(f"{count:,} {kind}" for kind, count in made.hidden.items())
        click.echo(f"  hidden in what is shown, counted once each: {hidden or 'nothing'}; all other lines are withheld")
    else:
        click.echo("  not redacted: it holds serial numbers and whatever secrets stand in the files")
    if made.shared:
        what = _options.counted(made.shared, "line")
        click.echo(
            f"  withheld, for other devices stand in the same line or page: {what}; see the whole files by --only A-B"
        )
    for record, path, why in made.opaque[:_NAMES_MAX]:
        click.echo(f"  withheld whole: record {record}, {plain(path)}: {why}")
    if more := made.opaque[_NAMES_MAX:]:
        click.echo(f"  withheld whole, as those: {_options.counted(len(more), 'record')} more")
    if made.opaque:
        click.echo("  see them all, whoever they name, by --only A-B")
    click.echo(f"check it: abm-trace-verify {out} --key KEY")
