"""One device's very many facts, thinned: the first and the last of each kind decide, those between are counted."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from abm_trace.core.beginnings import Held
from abm_trace.core.instants import NEVER
from abm_trace.core.nouns import NO_ATTRS, Fact, Origin, Skipped
from abm_trace.verdict.journeys import BOOTS, makes_journeys
from abm_trace.verdict.state import LEFT_OUT

FACTS_MAX: Final = 50_000
"""How many facts of one device are judged. Origin: ours, 100 MB; a Mac that talks to its MDM once a minute says as many
in a month, a device on its way to be enrolled some twenty."""


class _Origin(msgspec.Struct, array_like=True, gc=False):
    """How an origin begins."""

    path: str
    by: str


class _Said(msgspec.Struct, array_like=True, gc=False):
    """A fact without what tells it from others of its kind."""

    kind: str
    at: int | None
    source: str
    value: msgspec.Raw
    attrs: msgspec.Raw
    origin: _Origin
    layer: str = ""
    cause: str = ""


_said = msgspec.msgpack.Decoder(_Said).decode
_NUMBER_BITS: Final = 32
"""When a fact was and, in so many bits below it, its number among the facts are one int, for there are so many."""


def thinned(serial: str, facts: Collection[Held]) -> tuple[Collection[Held], Skipped | None]:
    """Those of a device's facts that are judged, in the order in which they came, and what is said of the others, also
    as a fact of the device.

    Of each kind, by each signature or format, the first and the last ones are judged, and before each boot what came
    right before it: from there a journey's gap counts.
    """
    if len(facts) <= FACTS_MAX:
        return facts, None
    kinds: dict[tuple[str, str, str, str, str], list[int]] = {}
    paths: Counter[str] = Counter()
    for number, fact in enumerate(facts):
        each = fact if isinstance(fact, Fact) else _said(fact)
        kind = each.kind, each.source, each.origin.by, each.layer, each.cause
        kinds.setdefault(kind, []).append(((NEVER if each.at is None else each.at) << _NUMBER_BITS) + number)
        paths[each.origin.path] += 1
    moving = sorted(place for (kind, *_), places in kinds.items() if makes_journeys(kind) for place in places)
    most = _most([len(places) for places in kinds.values()])
    kept: set[int] = set()
    for kind, places in kinds.items():
        places.sort()
        some = places if len(places) <= most else [*places[: most // 2], *places[-(most - most // 2) :]]
        kept.update(map(_number, some))
        if kind[0] in BOOTS:
            before = (bisect_left(moving, place - _number(place)) - 1 for place in some)
            kept.update(_number(moving[above]) for above in before if above >= 0)
    names = ", ".join(sorted({kind for (kind, *_), places in kinds.items() if len(places) > most}))
    said = (
        f"{len(facts) - len(kept):,} of its {len(facts):,} facts, between the first and the last of their kind"
        f" ({names}), were not judged: counts of it, such as its attempts, are lower bounds"
    )
    path = max(paths, key=lambda path: (paths[path], path))
    note = Fact(LEFT_OUT, None, "case", said, NO_ATTRS, Origin(path, "facts-left-out", 0, 0))
    judged = [_own(fact) for number, fact in enumerate(facts) if number in kept]
    return [*judged, note], Skipped(path, f"{serial}: {said}")


def _own(fact: Held) -> Held:
    """The fact with bytes of its own: else all that it was unpacked with would stay as well."""
    return fact if isinstance(fact, Fact) else fact.copy()


def _number(place: int) -> int:
    return place & ((1 << _NUMBER_BITS) - 1)


def _most(counts: Sequence[int]) -> int:
    """How many of each kind may stay, so that no more than FACTS_MAX do: the kinds that are few keep theirs."""
    left = FACTS_MAX
    for number, count in enumerate(sorted(counts)):
        most = left // (len(counts) - number)
        if count > most:
            return most
        left -= count
    return left
