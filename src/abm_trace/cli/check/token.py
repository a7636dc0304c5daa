"""`abm-trace check token`: ABM tokens, DEP server tokens, API keys and client certificates (SPEC C1, K1, S11)."""

import time
from pathlib import Path

import click

from abm_trace.cli.check import _files, _report, _secret
from abm_trace.core.errors import UsageError

_EPILOG = """\b
For example:
  abm-trace check token token.json
  abm-trace check token --id tok_1 --region eu-west --bearer token.txt
  abm-trace check token server-token.p7m --key mdm.key --ask
  abm-trace check token dep/account.json dep/sync-000.json
  abm-trace check token api-key.pem --ask \\
                  --client-id BUSINESSAPI.0f3c… --key-id 7a1f…
  abm-trace check token client.p12 --password password.txt

\b
Exit code:
  0  the tokens hold
  1  one has expired, is refused, is of another region, or is none
  2  bad usage
  3  it could not be told, or nothing readable
"""


@click.command("token", epilog=_EPILOG)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=_report.path())
@click.option("--key", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="The private key (PEM) that a .p7m is sealed to.")  # fmt: skip
@click.option("--ask", is_flag=True, help="Ask Apple: the account of a DEP server token, what an API key may read.")
@click.option("--client-id", default="", metavar="ID", help="The client id of an API key.")
@click.option("--key-id", default="", metavar="ID", help="The key id of an API key.")
@click.option("--scope", type=click.Choice(["business.api", "school.api"]),
              help="The scope of an API key, else that of its client id.")  # fmt: skip
@click.option("--password", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="The password of a key or PKCS #12 file, in a file.")  # fmt: skip
@click.option("--id", "token_id", metavar="ID", help="Ask ABM for the token of this id.")
@click.option("--region", metavar="REGION", help="The region whose endpoint is asked.")
@click.option("--bearer", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="The token's secret; else $ABM_TRACE_TOKEN.")  # fmt: skip
@click.option("--client-certificate", "client", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="Show this certificate (PEM, with its key).")  # fmt: skip
@click.option("--at", metavar="HOST:PORT", help="Connect to this place in the endpoint's stead.")
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long an answer may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    key: Path | None,
    ask: bool,
    client_id: str,
    key_id: str,
    scope: str | None,
    password: Path | None,
    token_id: str | None,
    region: str | None,
    bearer: Path | None,
    client: Path | None,
    at: str | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Say whether tokens hold: expiry, rotation, region, last use, the age of a sync; and what a key may do.

    FILE is a token of ABM (JSON), a DEP server token (.p7m with --key, or decrypted), a DEP account or page, the key
    (PEM) of an account of Apple's Business or School API, a client assertion (JWT) that it signed, or a client
    certificate (PEM, PKCS #12).
    """
    from abm_trace.checks import token_sealed
    from abm_trace.cli.check import _credentials
    from abm_trace.gates.looks import Report, Subject
    from abm_trace.gates.looks import token as look
    from abm_trace.net.allow import Allow
    from abm_trace.sources.probes import abm, dep
    from abm_trace.sources.probes.wall import now_us

    if not files and not token_id:
        raise UsageError("no token was named", hint="Example: abm-trace check token token.json")
    if bool(token_id) != bool(region):
        raise UsageError("--id and --region go together", hint="Example: --id tok_1 --region eu-west --bearer FILE")
    begun, as_of = time.monotonic(), now_us()
    way = _report.way(at=at, proxy=proxy, trust=trust, client=client, timeout=timeout)
    subjects: list[Subject] = []
    if client:
        subjects += _credentials.told({client: head(client)}, _credentials.Named(), as_of, None, loopback=False)
    if token_id and region:
        allow = abm.allowed(region, way.at, way.proxy, loopback=allow_loopback)
        subject, fact = look.abm_look(region, abm.Bearer(token_id, _secret.secret(bearer)), allow, way, as_of)
        subjects.append(subject)
        if fact is not None:
            from abm_trace.gates.looks.region import token

            subjects.append(token(fact, region))
    named = [each.host for each in (way.at, way.proxy) if each]
    apple = Allow([dep.HOST, *named], loopback=allow_loopback) if ask else None
    plain = []
    heads = {file: head(file) for file in files}
    if credentials := {file: data for file, data in heads.items() if _credentials.is_one(data)}:
        said = _credentials.Named(client_id, key_id, scope or "", _secret.password(password))
        subjects += _credentials.told(credentials, said, as_of, way if ask else None, loopback=allow_loopback)
    for file, data in heads.items():
        if file in credentials:
            continue
        subjects += _credentials.exposed(file, data)
        if token_sealed.is_sealed(data):
            if key is None:
                raise UsageError(f"{file}: is encrypted", hint="Give the key that it is sealed to: --key KEY.pem")
            subjects += look.dep_look(token_sealed.opened(data, head(key)), str(file), as_of, apple, way)
        elif apple is not None and b"access_token_expiry" in data:
            subjects += look.dep_look(data, str(file), as_of, apple, way)
        else:
            plain.append(file)
    if plain:
        found = _files.facts(tuple(plain), lambda each: each.kind in look.KINDS, "token, account or DEP page")
        subjects += [look.told(each, as_of) for each in found]
    _report.say(ctx, Report("token", as_of, time.monotonic() - begun, tuple(subjects), _do()), form)


def _do() -> dict[str, str]:
    from abm_trace.checks import region, token
    from abm_trace.cli.check import _credentials

    return {**token.DO, **region.DO, **_credentials.DO}


def head(path: Path) -> bytes:
    """The bytes of a file that is no larger than a token or key can be. Raises UsageError."""
    from abm_trace.checks.token_sealed import BYTES_MAX

    if not path.is_file():
        raise UsageError(f"{path}: is no file", hint=f"Check the name: ls -l {path}")
    with path.open("rb") as file:
        return file.read(BYTES_MAX)
