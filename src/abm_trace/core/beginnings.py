"""Facts as they are encoded, or decoded up to the way back to their bytes: to ask whose they are takes no more."""

from collections.abc import Iterable, Sequence

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed

Held = Fact | msgspec.Raw
"""A fact, or one as it was encoded."""


class Beginning(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact up to its attributes: all that says whose it is, for most facts, and two thirds of the time to decode."""

    kind: str
    at: int | None
    source: str
    value: str
    attrs: dict[str, str]


def beginnings(facts: Sequence[Fact]) -> Iterable[Fact | Beginning]:
    """The facts, or of packed ones their beginnings."""
    return facts.seen_as(Beginning) if isinstance(facts, Packed) else facts
