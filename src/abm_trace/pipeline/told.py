"""What readings say, as it is held: facts at hand, or packed where there are very many of them."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact, Origin
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill
from abm_trace.formats.exports._interface import Notes

BLOCK_FACTS: Final = 1_000

REPEATS_FROM: Final = 50_000
"""From how many things on that one text says those that say the same of the same time are kept once. Origin: ours."""

_DIGEST_BYTES: Final = 16
_SAID_MAX: Final = 300_000
"""How many statements are known again. Origin: ours, 30 MB."""


def packed_facts(facts: Iterable[Fact], spill: Spill | None = None) -> Packed[Fact]:
    """The facts, packed; as they are where that is done."""
    return facts if isinstance(facts, Packed) else Packed.of(Fact, BLOCK_FACTS, facts, spill)


def as_held(facts: Iterable[Fact], others: Sequence[Fact], spill: Spill) -> Sequence[Fact]:
    """The facts as those that they replace are held."""
    return packed_facts(facts, spill) if isinstance(others, Packed) else tuple(facts)


PACK_FROM: Final = 5_000
"""From how many facts on those of a large text are packed, beside which there is less room. Origin: ours."""

TEXT_CHARS_MAX: Final = 1_024
"""How long a text of a fact may be. Origin: ours, as of what a log line says."""

FACT_CHARS_MAX: Final = 8 * TEXT_CHARS_MAX
"""How much the attributes of a fact may hold in all. Origin: ours; a manifest of 200 columns has some 4,000."""


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
    `last` is the one that came last; `first_at` and `last_at` are the least and the greatest of their times, `notes`
    name what of them was too long.
    """

    def __init__(self, path: str = "") -> None:
        self.notes = Notes(path)
        self.large = False
        self.last: Fact | None = None
        self.first_at: int | None = None
        self.last_at: int | None = None
        self._reaches = False
        self._facts: list[Fact] | Packed[Fact] = []
        self._said: Said | None = None
        self._long: tuple[Origin | None, set[str]] = None, set()

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: Fact) -> bool:
        """Add a fact, unless it only repeats what an earlier one says: whether it is new as far as that is known.

        A verdict does not depend on repeats.
        """
        if fact.origin.length > TEXT_CHARS_MAX:
            fact = self._fitting(fact)
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

    def _fitting(self, fact: Fact) -> Fact:
        """The fact without the longest of its attributes and the rest of its value, where these are too long."""
        lengths = {name: len(text) for name, text in fact.attrs.items()}
        room = FACT_CHARS_MAX
        if len(fact.value) + sum(lengths.values()) <= TEXT_CHARS_MAX:
            return fact
        long = set()
        for name in sorted(lengths, key=lengths.__getitem__):
            room -= lengths[name]
            if lengths[name] > TEXT_CHARS_MAX or room < 0:
                long.add(name)
                self._name(fact.origin, "a field is too long to be kept", name, lengths[name])
        if len(fact.value) > TEXT_CHARS_MAX:
            self._name(fact.origin, "the rest of a text is not kept", fact.kind, len(fact.value))
        attrs = {name: text for name, text in fact.attrs.items() if name not in long} if long else fact.attrs
        return msgspec.structs.replace(fact, value=fact.value[:TEXT_CHARS_MAX], attrs=attrs)

    def _name(self, origin: Origin, reason: str, name: str, length: int) -> None:
        """Name what was too long of a record; once, however many facts it makes."""
        if self._long[0] is not origin:
            self._long = origin, set()
        if name not in self._long[1]:
            self._long[1].add(name)
            self.notes.add(reason, f"{name}, {length:,} characters", origin.line, origin.offset)

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
