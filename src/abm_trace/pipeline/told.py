"""What readings say, as it is held: facts at hand, or packed where there are very many of them."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed

BLOCK_FACTS: Final = 1_000

REPEATS_FROM: Final = 50_000
"""From how many things on that one text says those that say the same of the same time are kept once. Origin: ours."""

_DIGEST_BYTES: Final = 16
_SAID_MAX: Final = 300_000
"""How many statements are known again. Origin: ours, 30 MB."""


def packed_facts(facts: Iterable[Fact]) -> Packed[Fact]:
    """The facts, packed."""
    return Packed.of(Fact, BLOCK_FACTS, facts)


def as_held(facts: Iterable[Fact], others: Sequence[Fact]) -> Sequence[Fact]:
    """The facts as those that they replace are held."""
    return packed_facts(facts) if isinstance(others, Packed) else tuple(facts)


PACK_FROM: Final = 5_000
"""From how many facts on those of a large text are packed, beside which there is less room. Origin: ours."""


class Said:
    """Knows a statement again, by its digest."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def before(self, statement: object) -> bool:
        """Whether it was made before; of very many only the latest are known."""
        digest = blake2b(_encoded(statement), digest_size=_DIGEST_BYTES).digest()
        if digest in self._digests:
            return True
        if len(self._digests) >= _SAID_MAX:
            self._digests.clear()
        self._digests.add(digest)
        return False


_encoded = msgspec.msgpack.Encoder().encode


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
        self._reaches = False
        self._facts: list[Fact] | Packed[Fact] = []
        self._said: Said | None = None

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: Fact) -> bool:
        """Add a fact, unless it only repeats what an earlier one says: whether it is new as far as that is known.

        A verdict does not depend on repeats.
        """
        self.last = fact
        self._reaches = self._reaches or fact.kind == "coverage"
        if self._said is not None and self._said.before(_statement(fact)):
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

    def read_until(self, family: str) -> int | None:
        """How far a family of sources was read, where the rest of its export is lost; None: nothing follows from that.

        Events in order of time are all there up to the last one. Of a list nobody knows what is not there, nor of an
        export that says itself how far it reaches what of that is lost.
        """
        last = self.last
        ordered = last is not None and last.at == self.last_at != self.first_at
        return self.last_at if family == "audit" and ordered and not self._reaches else None

    def sharpen(self) -> None:
        """Leave out repeats from now on, and those that came."""
        if self._said is None:
            said = self._said = Said()
            self._facts = [each for each in self._facts if not said.before(_statement(each))]

    def facts(self) -> tuple[Fact, ...] | Packed[Fact]:
        """All of them; nothing is added after this."""
        if isinstance(self._facts, Packed):
            self._facts.close()
            return self._facts
        return tuple(self._facts)


def _statement(fact: Fact) -> tuple[object, ...]:
    """What a fact says, wherever it stands."""
    return fact.kind, fact.at, fact.source, fact.value, fact.attrs, fact.cause
