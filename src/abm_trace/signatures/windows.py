"""Choose what the scan looks for: a short piece (a "window") of each of the signatures' anchors.

The scan filters by the last characters of its patterns, so it is as fast as those are rare in the text. Which filter
it has depends on how many patterns there are, so there are two ways to choose them, each of which is the faster one of
some texts [docs/adr/0004-windows-from-a-sample.md]. Both look at a sample of the very text. The choice moves the speed
alone: what a window finds beyond its anchors is tested and dropped.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

Anchor = tuple[str, bool]
"""A text, and whether its case counts."""

Windows = Mapping[Anchor, frozenset[Anchor]]
"""(window, whether case counts) → the anchors that it was chosen for."""

WINDOW_LENGTH_MIN: Final = 4
WINDOW_LENGTH_MAX: Final = 8
"""The filter looks at no more characters than this."""

SAMPLE_BYTES: Final = 64 * 1024


def rare(anchors: Collection[Anchor], sample: bytes = b"") -> Windows:
    """Of each anchor the window that stands most rarely in the sample, and of those the one whose last character does.

    Of `sample`, some of the text to be scanned, SAMPLE_BYTES are looked at.
    """
    text = _text(sample[:SAMPLE_BYTES])
    return _chosen(anchors, lambda anchor: text.rarest(_pieces(anchor[0]), lambda piece: text.singles[piece[-1]]))


def few(anchors: Collection[Anchor], sample: bytes = b"") -> Windows:
    """The same, but the windows end in few rare characters, and anchors share theirs where they can."""
    text = _text(sample[:SAMPLE_BYTES])
    endings = _endings(anchors, text.singles)
    held = Counter((piece, cased) for anchor, cased in anchors for piece in {*_pieces(anchor)})

    def window(anchor: Anchor) -> str:
        pieces = (piece for piece in _pieces(anchor[0]) if piece[-1] in endings)
        return text.rarest(pieces, lambda piece: -held[piece, anchor[1]])

    return _chosen(anchors, window)


WAYS: Final = (rare, few)


class _Text:
    """What is asked of the sample."""

    def __init__(self, sample: bytes) -> None:
        self._text = sample.decode("latin-1")
        self._pairs = set(pairwise(self._text))
        self.singles = Counter(self._text)

    def rarest(self, pieces: Iterator[str], cost: Callable[[str], int]) -> str:
        """The piece that stands most rarely in the text, of those the cheapest, the longest, the first."""
        best, least, counted = "", len(self._text) + 1, ""
        left = {(cost(piece), -len(piece), piece) for piece in pieces}
        while least and left:  # Hardly any piece stands in the text, so that the first one it is as a rule.
            first = min(left)
            left.remove(first)
            piece = first[-1]
            if piece in counted:  # It stands wherever that one does.
                continue
            counted += f"\n{piece}"
            count = self._text.count(piece) if self._pairs.issuperset(pairwise(piece)) else 0  # To count is slow.
            if count < least:
                best, least = piece, count
        return best


_text = lru_cache(maxsize=1)(_Text)
"""Both ways look at the same sample, one after the other."""


def _chosen(anchors: Collection[Anchor], window: Callable[[Anchor], str]) -> Windows:
    chosen: dict[Anchor, set[Anchor]] = {}
    for anchor in anchors:
        chosen.setdefault((window(anchor), anchor[1]), set()).add(anchor)
    return {each: frozenset(chosen[each]) for each in sorted(chosen)}


def _endings(anchors: Collection[Anchor], singles: Mapping[str, int]) -> set[str]:
    """Characters of which each anchor holds one where a window may end, together rare: a greedy set cover."""
    holders: dict[str, set[Anchor]] = {}
    for anchor in anchors:
        for character in anchor[0][WINDOW_LENGTH_MIN - 1 :]:
            holders.setdefault(character, set()).add(anchor)
    left = set(anchors)
    endings: set[str] = set()
    while left:
        open_ = {each: len(held & left) for each, held in holders.items() if held & left}
        best = min(open_, key=lambda each: (singles[each] / open_[each], each))
        endings.add(best)
        left -= holders[best]
    for ending in sorted(endings, key=lambda each: (-singles[each], each)):
        if {*anchors} == {anchor for each in endings - {ending} for anchor in holders[each]}:
            endings.remove(ending)
    return endings


def _pieces(text: str) -> Iterator[str]:
    for end in range(WINDOW_LENGTH_MIN, len(text) + 1):
        for start in range(max(0, end - WINDOW_LENGTH_MAX), end - WINDOW_LENGTH_MIN + 1):
            yield text[start:end]
