"""`abm-trace validate FILE|DIR…`, also called `abm-validate`: payloads against the guide's rules and Apple's schema."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from abm_trace.checks.payload import Asked
    from abm_trace.cli.validate._outcome import Outcome
    from abm_trace.exports import Screen

_EPILOG = """\b
For example:
  abm-trace validate enrollment.mobileconfig
  abm-validate profiles --region eu-west --format sarif --out findings.sarif
  abm-validate --diff sent.mobileconfig readback.mobileconfig
  abm-validate enrollment.mobileconfig --staple
  abm-validate --rules

\b
Exit code:
  0  no finding at or above --fail-on
  1  a finding at or above --fail-on
  2  bad usage
  3  nothing readable: no profile among the files; or, with --staple, an
     endpoint did not answer, and nothing else is wrong
"""

FORMATS: Final = ("text", "json", "sarif", "junit", "github")


def _path(**options: Any) -> click.Path:  # noqa: ANN401  # As click has them.
    return click.Path(path_type=Path, **options)


@click.command("validate", epilog=_EPILOG)
@click.argument("paths", nargs=-1, metavar="FILE|DIR...", type=_path())
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@click.option("--out", type=_path(), metavar="FILE", help="Write it to FILE, the text to the screen.")
@click.option("--region", metavar="REGION", default="", help="The token's region, which serverUrl must have.")
@click.option("--token", type=_path(dir_okay=False), metavar="FILE", help="The token (JSON) whose region that is.")
@click.option("--trust", type=_path(dir_okay=False), metavar="FILE", help="Certificates that a signer must lead to.")
@click.option("--require-signed", is_flag=True, help="Make an error of what is unsigned, expired or not trusted.")
@click.option("--diff", type=_path(dir_okay=False), metavar="SENT", help="Say what the server changed in the one FILE.")
@click.option("--allow", type=_path(dir_okay=False), metavar="FILE", help="Exceptions; else ./abm-validate.toml.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "note", "none"]), default="error", show_default=True,
    help="The least severity that makes the exit code 1.",
)  # fmt: skip
@click.option("--as-of", metavar="TIME", help="Judge certificates as of this time, else now.")
@click.option("--staple", is_flag=True, help="Shake hands with each server that the payloads name, and judge it.")
@click.option("--at", metavar="HOST:PORT", help="With --staple: connect to this place in every server's stead.")
@click.option("--proxy", metavar="HOST:PORT", help="With --staple: go through this HTTP proxy (CONNECT).")
@click.option("--tls-trust", type=_path(dir_okay=False), metavar="FILE",
              help="With --staple: certificates that a server must lead to.")  # fmt: skip
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long a handshake may take.")
@click.option("--allow-loopback", is_flag=True, help="Connect to this very computer, too: for a lab that runs on it.")
@click.option("--rules", is_flag=True, help="List the rules, and validate nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    form: str,
    out: Path | None,
    region: str,
    token: Path | None,
    trust: Path | None,
    require_signed: bool,
    diff: Path | None,
    allow: Path | None,
    fail_on: str,
    as_of: str | None,
    staple: bool,
    at: str | None,
    proxy: str | None,
    tls_trust: Path | None,
    timeout: str,
    allow_loopback: bool,
    rules: bool,
) -> None:
    """Validate enrolment profiles (plain or CMS-signed) and DEP profiles before a rollout gets them.

    They are held against the field guide's rules and Apple's published schema. A DIR is searched by content; hidden
    folders are left out. Nobody is connected to without --staple.
    """
    from abm_trace.cli import _terminal
    from abm_trace.cli.validate import _asked, _outcome, _text
    from abm_trace.core.errors import NothingReadableError, UsageError

    if rules:
        _terminal.write(_text.catalogue(_terminal.screen()) if form == "text" else _json_rules())
        return
    if not paths:
        raise UsageError("no file was named", hint="Name files or folders: abm-validate enrollment.mobileconfig")
    if diff and staple:
        raise UsageError("--staple does not go with --diff", hint="Validate the one FILE: abm-validate FILE --staple")
    if not staple and (at or proxy or tls_trust or allow_loopback):
        raise UsageError("--at, --proxy, --tls-trust and --allow-loopback go with --staple", hint="Add --staple.")
    asked = _asked.asked(region, token, trust, require_signed, as_of, endpoints=staple)
    outcome = _outcome.diff(diff, paths, asked) if diff else _outcome.validate(paths, asked)
    _terminal.name_skipped(outcome.skipped)
    if not outcome.checked:
        raise NothingReadableError(
            "no profile among " + ", ".join(map(str, paths)),
            hint="A profile is a .mobileconfig (plist, plain or CMS-signed), or a DEP profile in JSON.",
        )
    if staple:
        from abm_trace.cli.validate import _staple

        how = _staple.how(at=at, proxy=proxy, trust=tls_trust, timeout=timeout, loopback=allow_loopback)
        _staple.look(outcome, how)
    outcome.apply(allow)
    _print(outcome, asked, form, out, fail_on)
    code = outcome.code(fail_on)
    if form != "text":
        what = f"{outcome.failing(fail_on):,} findings at or above {fail_on}" if fail_on != "none" else "--fail-on none"
        _terminal.aside(f"exit code {code}: {what}{', an endpoint is not known' * (code == 3)}")
    ctx.exit(code)


def _print(outcome: "Outcome", asked: "Asked", form: str, out: Path | None, fail_on: str) -> None:
    from abm_trace.cli import _terminal
    from abm_trace.cli.validate import _text

    screen = _terminal.screen()
    if out is None:
        _terminal.write(_rendered(outcome, asked, form, fail_on, screen))
        return
    _terminal.save(out, _rendered(outcome, asked, form, fail_on, _terminal.paper()))
    _terminal.write(_text.page(outcome, screen))
    _terminal.aside(f"wrote {out} ({form})")


def _rendered(outcome: "Outcome", asked: "Asked", form: str, fail_on: str, screen: "Screen") -> bytes:
    match form:
        case "text":
            from abm_trace.cli.validate import _text

            return _text.page(outcome, screen)
        case "json":
            from abm_trace.cli.validate import _wire

            return _wire.document(outcome, asked.as_of)
        case "sarif":
            from abm_trace.cli.validate import _sarif

            return _sarif.document(outcome, asked.as_of)
        case "junit":
            from abm_trace.cli.validate import _junit

            return _junit.document(outcome, asked.as_of, fail_on)
        case _:
            from abm_trace.cli.validate import _github

            return _github.commands(outcome)


def _json_rules() -> bytes:
    from abm_trace.cli.validate import _wire

    return _wire.rules()


def main() -> None:
    """The program `abm-validate`: the command by itself."""
    from abm_trace.cli import _program

    _program.run(_program.alone(command), "abm-validate")
