"""What readings say, as it is held: facts at hand, or packed where there are very many of them."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed
from abm_trace.pipeline.capture import REPEATS_FROM

BLOCK_FACTS: Final = 1_000
_DIGEST_BYTES: Final = 16


def packed_facts(facts: Iterable[Fact]) -> Packed[Fact]:
    """The facts, packed."""
    return Packed.of(Fact, BLOCK_FACTS, facts)


def as_held(facts: Iterable[Fact], others: Sequence[Fact]) -> Sequence[Fact]:
    """The facts as those that they replace are held."""
    return packed_facts(facts) if isinstance(others, Packed) else tuple(facts)


PACK_FROM: Final = 5_000
"""From how many facts on those of a large text are packed, beside which there is less room. Origin: ours."""


class Told:
    """The facts of one export in the order in which they came; from REPEATS_FROM on packed, and without repeats.

    Those of a `large` text are packed from PACK_FROM on.
    `last` is the one that came last; `first_at` and `last_at` are the least and the greatest of their times.
    """

    def __init__(self) -> None:
        self.large = False
        self.last: Fact | None = None
        self.first_at: int | None = None
        self.last_at: int | None = None
        self._facts: list[Fact] | Packed[Fact] = []
        self._said: set[bytes] | None = None

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: Fact) -> bool:
        """Add a fact, unless it only repeats what an earlier one says: whether it is new as far as that is known.

        A verdict does not depend on repeats.
        """
        self.last = fact
        if self._said is not None and self._repeats(fact, self._said):
            return False
        at = fact.at
        if at is not None:
            self.first_at = at if self.first_at is None or at < self.first_at else self.first_at
            self.last_at = at if self.last_at is None or at > self.last_at else self.last_at
        if isinstance(self._facts, Packed):
            self._facts.add(fact)
            return True
        self._facts.append(fact)
        if len(self._facts) >= (PACK_FROM if self.large else REPEATS_FROM):
            self.sharpen()
            facts = Packed(Fact, BLOCK_FACTS)
            facts.extend(self._facts)
            self._facts = facts
        return True

    def sharpen(self) -> None:
        """Leave out repeats from now on, and those that came."""
        if self._said is None:
            said = self._said = set[bytes]()
            self._facts = [each for each in self._facts if not self._repeats(each, said)]

    @staticmethod
    def _repeats(fact: Fact, said: set[bytes]) -> bool:
        key = msgspec.msgpack.encode((fact.kind, fact.at, fact.source, fact.value, fact.attrs, fact.cause))
        digest = blake2b(key, digest_size=_DIGEST_BYTES).digest()
        known = digest in said
        said.add(digest)
        return known

    def facts(self) -> tuple[Fact, ...] | Packed[Fact]:
        """All of them; nothing is added after this."""
        if isinstance(self._facts, Packed):
            self._facts.close()
            return self._facts
        return tuple(self._facts)
