"""Choose what the scan looks for: short pieces ("windows") of the signatures' anchors.

A multi-pattern scan filters by the last characters of each pattern first, so it is as fast as those are rare in the
text it reads: the same 12 messages are looked for at 0.9 GB/s a core where the windows end in common letters, and at
5 GB/s where they end in rare ones [docs/adr/0004-windows-from-a-sample.md]. So they are chosen against a sample of the
very text. Each anchor needs one window inside it, and one window may serve many: a small weighted set cover, solved
greedily. The choice moves the speed alone: what a window finds beyond its anchors is tested and dropped.
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

_LAST, _LAST_TWO, _WHOLE, _EACH = 1.0, 4.0, 50.0, 0.008
"""What a byte of the text costs that ends like the window, by how much of it agrees, and a window at all, against 1
for a common letter. Origin: measured on pairs of windows."""


def choose(anchors: Iterable[Anchor], sample: bytes = b"") -> Mapping[Anchor, frozenset[Anchor]]:
    """The windows that cover the anchors: (window, whether case counts) → the anchors that hold it.

    `sample` is some of the text to be scanned; SAMPLE_BYTES of it are looked at.
    """
    text = sample[:SAMPLE_BYTES].decode("latin-1")
    size = max(len(text), 1)
    singles = Counter(text)
    pairs = Counter(map("".join, pairwise(text)))

    def ending(window: str) -> float:
        return _EACH + (_LAST * singles[window[-1]] + _LAST_TWO * pairs[window[-2:]]) / size

    def whole(window: str) -> float:
        likely = all(window[at : at + 2] in pairs for at in range(len(window) - 1))
        return _WHOLE * text.count(window) / size if likely else 0.0

    left = set(anchors)
    offers: dict[Anchor, set[Anchor]] = {}
    for anchor in left:
        for window in _pieces(anchor[0]):
            offers.setdefault((window, anchor[1]), set()).add(anchor)
    costs = {offer: ending(offer[0]) for offer in offers}
    counted: set[Anchor] = set()
    chosen: dict[Anchor, frozenset[Anchor]] = {}
    while left:
        best = min(offers, key=lambda offer: (costs[offer] / len(offers[offer] & left), -len(offer[0]), offer))
        if best not in counted:  # To count it is slow, and can but raise its cost: only the best are counted.
            counted.add(best)
            costs[best] += whole(best[0])
            continue
        chosen[best] = frozenset(offers[best])
        left -= offers[best]
        offers = {offer: held for offer, held in offers.items() if held & left}
    return chosen


def _pieces(text: str) -> Iterable[str]:
    for end in range(WINDOW_LENGTH_MIN, len(text) + 1):
        for start in range(max(0, end - WINDOW_LENGTH_MAX), end - WINDOW_LENGTH_MIN + 1):
            yield text[start:end]
