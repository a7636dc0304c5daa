"""What a person states in the log names no device and no person: an entry is signed, and can never be masked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.store import Writer


def refuse(writer: "Writer | None", **said: str) -> None:
    """Raise UsageError for the text of an option that names a device, a number or an address of somebody, or a secret.

    Without a writer there is no log yet, whose devices would be known.

    What a person's name is nobody can tell from a text: that it must be a role is said where it is asked for.
    """
    if writer is not None:
        writer.checkpoint()
    names = _finder(writer)
    for option, text in said.items():
        if names(text):
            raise UsageError(
                f"--{option}: names a device, a person's number or address, or a secret; it would stand so for ever",
                hint='Use roles, ids, the number of a matter: --actor auditor --source abm-api --reason "case 102030"',
            )


def stated(writer: "Writer") -> list[int]:
    """The records that do so all the same: they were written before this was looked at."""
    names = _finder(writer)
    entries = writer.published.entries(writer.head.size if writer.head else 0)
    return [
        index for index, each in entries if any(map(names, {each.actor, each.second, each.reason, each.source} - {""}))
    ]


def _finder(writer: "Writer | None") -> Callable[[str], bool]:
    """What says of a text whether it names such a thing; it knows the devices of the log's records."""
    from msgspec.structs import astuple

    from abm_trace.core.redact import LABELS, Redactor, names_somebody
    from abm_trace.evidence import blobs
    from abm_trace.identity import canonical

    kept = writer.published.keeping(writer.head.size) if writer and writer.head else iter(())
    devices = (ids for _, _, secret in kept for ids in blobs.binding_of(secret.binding).devices)
    hides = Redactor(
        LABELS, others={canonical(name) for ids in devices for name in astuple(ids) if name}, fold=canonical
    )
    return lambda text: names_somebody(text) or hides(text) != text
