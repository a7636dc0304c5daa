"""`abm-trace evidence key …`: make a log and its keys, show them, rotate them."""

import shlex
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _program
from abm_trace.cli.evidence import _names, _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm_trace.evidence.note import VerifierKey
    from abm_trace.evidence.places import Places
    from abm_trace.evidence.store import Pending

_EPILOG = """\b
For example:
  abm-trace evidence key new evidence --origin acme.example/evidence
  abm-trace evidence key list evidence > key.txt
  abm-trace evidence key add evidence --reason "rotation of 2027"
  abm-trace evidence key retire evidence fc8ce4c1 --reason "rotation of 2027"
"""


def _example(words: str) -> str:
    codes = "  0  done\n  2  bad usage, or the log refuses; it says why"
    return f"\b\nFor example:\n  abm-trace evidence key {words}\n\n\b\nExit code:\n{codes}\n"


@click.group("key", cls=_program.Group, epilog=_EPILOG)
def command() -> None:
    """Make a log and its keys; show, add and retire them."""


@command.command("new", epilog=_example("new evidence --origin acme.example/evidence"))
@_options.places
@click.option("--origin", required=True, help="The log's name for ever, such as acme.example/evidence.")
@click.option("--days-min", default=90, show_default=True, help="How long evidence is kept at least.")
@click.option("--days-max", type=int, help="When evidence is due to be purged; never if not given.")
@click.option("--actor", help="Who: an account or role; your login if not given.")
def new(places: "Places", origin: str, days_min: int, days_max: int | None, actor: str | None) -> None:
    """Make the log STORE, its first key and its lock database, and print the verifier key."""
    import msgspec

    from abm_trace.evidence import store
    from abm_trace.evidence.ledger import Ledger
    from abm_trace.evidence.note import is_name

    if not is_name(origin):
        raise UsageError(f"--origin {origin}: has blanks or a +", hint="Example: --origin acme.example/evidence")
    _names.refuse(None, actor=actor or "")
    policy = _options.entry("config", actor, "the log begins", days_min=days_min, days_max=days_max)
    if refusal := Ledger().refusal(policy):
        raise UsageError(refusal, hint="Example: --days-min 90 --days-max 730")

    def first(key: "VerifierKey") -> "Sequence[Pending]":
        said = _options.entry("key", actor, "the log begins", act="add", key=str(key))
        return [store.Pending(msgspec.structs.replace(said, t=policy.t)), store.Pending(policy)]  # In order of time.

    key = store.create(places, origin, first)
    click.echo(str(key))
    click.echo(
        f"made {places.store}, {places.lock} and {places.keys}: back up the first, never restore the second from a"
        " backup, and publish the line above where the log's readers find it",
        err=True,
    )


@command.command("list", epilog=_example("list evidence > key.txt"))
@_options.places
def list_keys(places: "Places") -> None:
    """Print the verifier keys that sign the log today, one a line."""
    from abm_trace.evidence.store import Writer

    with Writer(places) as writer:
        for key in writer.active():
            click.echo(str(key))


@command.command("add", epilog=_example('add evidence --reason "rotation of 2027"'))
@_options.places
@_options.statement
@click.option("--command", "words", metavar="COMMAND", help="A program that signs for it: an HSM. It gets the text.")
@click.option("--key", "vkey", metavar="KEY", help="The verifier key of what that program signs with.")
def add(places: "Places", actor: str | None, reason: str, words: str | None, vkey: str | None) -> None:
    """Add a key: from now on both sign, until the old one is retired."""
    from abm_trace.evidence import keys, retention
    from abm_trace.evidence.errors import EvidenceError
    from abm_trace.evidence.note import VerifierKey
    from abm_trace.evidence.store import Writer

    if (words is None) != (vkey is None):
        raise UsageError("--command and --key go together", hint="Or neither: then a key file is made.")
    _options.check("reason", reason)
    with Writer(places) as writer:
        _names.refuse(writer, actor=actor or "", reason=reason)
        writer.active()  # Before a key is made.
        if words is None or vkey is None:
            key = keys.create(places.keys, writer.origin)
        else:
            key = VerifierKey.parse(vkey)
            keys.adopt(places.keys, key, tuple(shlex.split(words)))
        before = writer.size
        try:
            retention.state(writer, _options.entry("key", actor, reason, act="add", key=str(key)))
        except EvidenceError:
            if writer.size == before:  # Else the record stands, and the key signs with the next checkpoint.
                keys.forget(places.keys, key)
            raise
    click.echo(str(key))


@command.command("retire", epilog=_example('retire evidence fc8ce4c1 --reason "rotation of 2027"'))
@_options.places
@click.argument("key_id")
@_options.statement
def retire(places: "Places", key_id: str, actor: str | None, reason: str) -> None:
    """Retire the key with this id (the hex between the two + of a verifier key)."""
    from abm_trace.evidence import retention
    from abm_trace.evidence.store import Writer

    with Writer(places) as writer:
        _names.refuse(writer, actor=actor or "", reason=reason)
        found = [key for key in writer.active() if key.id.hex() == key_id]
        if not found:
            names = ", ".join(key.id.hex() for key in writer.active())
            raise UsageError(f"{key_id}: no key of that id signs", hint=f"Those that do: {names}")
        index = retention.state(writer, _options.entry("key", actor, reason, act="retire", key=str(found[0])))
    click.echo(f"record {index}: {key_id} is retired; its file may be destroyed")
