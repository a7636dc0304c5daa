"""Choose what the scan looks for: short pieces ("windows") of the signatures' anchors.

The scan filters by the last characters of its patterns, in a few buckets, so it is as fast as those are rare in the
text and few among the patterns [docs/adr/0004-windows-from-a-sample.md]. So they are chosen
against a sample of the very text. Each anchor needs one window inside it, and one window may serve many: a small
weighted set cover, solved greedily. The choice moves the speed alone: what a window finds beyond its anchors is tested
and dropped.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

Anchor = tuple[str, bool]
"""A text, and whether its case counts."""

WINDOW_LENGTH_MIN: Final = 4
WINDOW_LENGTH_MAX: Final = 8
"""The filter looks at no more characters than this."""

SAMPLE_BYTES: Final = 64 * 1024

_EACH, _AGAIN, _WHOLE = 0.02, 0.1, 250.0
"""What a window costs at all; of its last character, where another window ends in it too; and where it stands itself:
against 1 for a text that is nothing but its last character. Origin: set on seven texts in both dialects, where it won
6 % on the whole and 40 % on the benchmark's, and lost 4 to 24 % on one."""


def choose(anchors: Iterable[Anchor], sample: bytes = b"") -> Mapping[Anchor, frozenset[Anchor]]:
    """The windows that cover the anchors: (window, whether case counts) → the anchors that hold it.

    `sample` is some of the text to be scanned; SAMPLE_BYTES of it are looked at.
    """
    text = sample[:SAMPLE_BYTES].decode("latin-1")
    size = max(len(text), 1)
    singles = Counter(text)
    pairs = set(pairwise(text))
    left = set(anchors)
    offers: dict[Anchor, set[Anchor]] = {}
    for anchor in left:
        for window in _pieces(anchor[0]):
            offers.setdefault((window, anchor[1]), set()).add(anchor)
    whole: dict[Anchor, float] = {}
    endings: set[str] = set()
    chosen: dict[Anchor, frozenset[Anchor]] = {}

    def price(offer: Anchor) -> tuple[float, int, Anchor]:
        ending = offer[0][-1]
        cost = _EACH + singles[ending] / size * (_AGAIN if ending in endings else 1) + whole.get(offer, 0)
        return cost / len(offers[offer] & left), -len(offer[0]), offer

    while left:
        best = min(offers, key=price)
        if best not in whole:  # To count it is slow, and can but raise its cost: only the best are counted.
            likely = pairs.issuperset(pairwise(best[0]))
            whole[best] = _WHOLE * text.count(best[0]) / size if likely else 0.0
            continue
        chosen[best] = frozenset(offers[best])
        left -= offers[best]
        endings.add(best[0][-1])
        offers = {offer: held for offer, held in offers.items() if held & left}
    return chosen


def _pieces(text: str) -> Iterable[str]:
    for end in range(WINDOW_LENGTH_MIN, len(text) + 1):
        for start in range(max(0, end - WINDOW_LENGTH_MAX), end - WINDOW_LENGTH_MIN + 1):
            yield text[start:end]
