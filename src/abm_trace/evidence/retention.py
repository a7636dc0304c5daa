"""How long evidence is kept: the policy, legal holds, and the purge that leaves proof."""

from collections.abc import Sequence
from typing import Final

from abm_trace.core import instants
from abm_trace.evidence.entry import VERSION, Entry, decode
from abm_trace.evidence.errors import RefusedError
from abm_trace.evidence.ledger import Ledger
from abm_trace.evidence.store import Pending, Writer

_RANGES_MAX: Final = 100
"""How many ranges one purge entry names, so that it stays below 4 KiB. Origin: ours."""


def ledger(writer: Writer) -> Ledger:
    """What the acknowledged entries of a log add up to. Raises FormatError for one that is damaged."""
    found = Ledger()
    for _, entry in writer.published.entries(writer.head.size if writer.head else 0):
        found.take(entry)
    for data in writer.waiting():
        found.take(decode(data))
    return found


def state(writer: Writer, entry: Entry) -> int:
    """Append what a person states (a hold, its release, a policy, a key), and publish it: its index.

    Raises RefusedError where the rules of the log are against it.
    """
    if reason := ledger(writer).refusal(entry):
        raise RefusedError(reason, hint="Nothing was changed.")
    index = writer.append([Pending(entry)])[0]
    writer.checkpoint()
    return index


def purge(writer: Writer, ranges: Sequence[tuple[int, int]], *, now: int, actor: str, reason: str) -> list[int]:
    """Delete the bytes and nonces of these entries; what comes back are the indexes of the purge entries.

    Entries and leaf hashes stay, so that inclusion still verifies. First the purge is written and under a signed
    checkpoint, then bytes go. Raises RefusedError, and nothing is deleted, if retention or a hold is against it.
    """
    found = ledger(writer)
    if refusal := found.refusal_of_purge(ranges, now):
        raise RefusedError(f"not purged: {refusal}", hint="Nothing was deleted.")
    if not ranges:
        return []
    entries = [
        Entry(
            VERSION,
            instants.render(now),
            "purge",
            ranges=tuple(ranges[first : first + _RANGES_MAX]),
            policy=str(found.policy),
            holds=found.holds_digest(),
            actor=actor,
            reason=reason,
        )
        for first in range(0, len(ranges), _RANGES_MAX)
    ]
    indexes = writer.append([Pending(each) for each in entries], erasing=ranges)
    writer.checkpoint()
    return list(indexes)
