"""`abm-trace evidence bundle STORE --out FILE`: one file for an auditor or a vendor, which verifies alone."""

import getpass
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.bundle import Made
    from abm_trace.evidence.places import Places
    from abm_trace.evidence.store import Writer

_EPILOG = """\b
For example:
  abm-trace evidence bundle evidence --out audit.tar --reason "audit 2026"
  abm-trace evidence bundle evidence --out apple.tar --only F9FXQ1ABCD
      --redact --key redaction.key --reason "case 102030"
  abm-trace-verify audit.tar --key key.txt

\b
The bundle leaves a record in the log; a log that cannot be written to gives
none away. Without --redact it holds what came in as it came, with whatever
serial numbers and secrets stand in it. A redacted one holds pseudonyms; who
has FILE can tell which device is which, so keep FILE apart from the bundle.
"""
_FILE = click.Path(path_type=Path)
_RECORDS = re.compile(r"\d{1,18}(-\d{1,18})?", re.ASCII)


@click.command("bundle", epilog=_EPILOG)
@_options.places
@click.option("--out", required=True, type=_FILE, metavar="FILE", help="The bundle to write.")
@click.option(
    "--only",
    multiple=True,
    metavar="SERIAL|A-B",
    help="Only what belongs to this device, or these records; may be given again.",
)
@click.option("--redact", is_flag=True, help="Pseudonyms in the place of devices and people; no secrets.")
@click.option("--key", "key_file", type=_FILE, metavar="FILE", help="The key of the pseudonyms; made if not there.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Put in this report, as it is: a page, a PDF.",
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
    key = _key(key_file, places, out) if key_file else b""
    asked = bundle.Asked(
        actor or getpass.getuser(),
        reason,
        _options.now(),
        records=_options.ranges(tuple(each for each in only if _RECORDS.fullmatch(each))),
        serials=frozenset(each for each in only if not _RECORDS.fullmatch(each)),
        key=key,
        fold=canonical,
        reports=reports,
    )
    with Writer(places) as writer:
        if redact:
            _refuse_names(writer, {"--actor": asked.actor, "--reason": asked.reason})
        made = bundle.make(writer, out, asked)
    _say(out, made)


def _key(path: Path, places: "Places", out: Path) -> bytes:
    """The key of the redaction. Raises UsageError for a key that does not stand apart."""
    from abm_trace.evidence import redaction

    if places.holds(path) or path.absolute() == out.absolute():
        raise UsageError(f"--key {path}: the key must stand apart", hint="Example: --key ~/redaction.key")
    key, is_new = redaction.key_of(path, secrets.token_bytes)
    if is_new:
        click.echo(f"made {path}: who has it can tell which device a pseudonym is; keep it apart from the bundle")
    return key


def _refuse_names(writer: "Writer", said: dict[str, str]) -> None:
    """Raise UsageError for a text that names a device or a mail address: it stands in the bundle as it is."""
    from msgspec.structs import astuple

    from abm_trace.core.redact import Redactor, names_mail
    from abm_trace.evidence import blobs
    from abm_trace.identity import canonical

    writer.checkpoint()
    kept = writer.published.keeping(writer.head.size if writer.head else 0)
    devices = (ids for _, _, secret in kept for ids in blobs.binding_of(secret.binding).devices)
    known = {canonical(name) for ids in devices for name in astuple(ids) if name}
    hides = Redactor(("device", "hardware", "secret"), others=known, fold=canonical)
    for option, text in said.items():
        if names_mail(text) or hides(text) != text:
            raise UsageError(
                f"{option}: names a device, a mail address or a secret, and would stand so in a redacted bundle",
                hint='Use a role and a matter\'s number: --actor auditor --reason "case 102030"',
            )


def _say(out: Path, made: "Made") -> None:
    manifest = made.manifest
    stored, by_line = (
        sum(last - first + 1 for first, last in ranges) for ranges in (manifest.stored, manifest.by_line)
    )
    click.echo(f"wrote {out}, {out.stat().st_size:,} bytes; record {made.record} of the log says so")
    click.echo(f"  {stored:,} records as they were kept, {by_line:,} by line, {manifest.withheld:,} withheld")
    if manifest.redacted:
        hidden = ", ".join(f"{count:,} {kind}" for kind, count in made.hidden.items())
        click.echo(f"  hidden, counted once each: {hidden or 'nothing'}")
    else:
        click.echo("  not redacted: it holds serial numbers and whatever secrets stand in the files")
    click.echo(f"check it: abm-trace-verify {out} --key KEY")
