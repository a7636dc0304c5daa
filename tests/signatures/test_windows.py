"""Tests of abm_trace.signatures.windows: the short texts that the scan looks for cover all that it must find."""

from collections.abc import Callable, Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.pipeline.losses import LOSS
from abm_trace.signatures import load
from abm_trace.signatures.windows import WAYS, WINDOW_LENGTH_MAX, WINDOW_LENGTH_MIN, Anchor, Windows, few, rare

Way = Callable[[Collection[Anchor], bytes], Windows]

anchors = st.tuples(st.text("abcdAB =:", min_size=WINDOW_LENGTH_MIN, max_size=24), st.booleans())
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
SHIPPED = {anchor for signature in load()[0] for anchor in signature.anchors}


@each_way
@given(given_anchors=st.sets(anchors, min_size=1, max_size=12), sample=st.binary(max_size=200))
def test_every_anchor_holds_the_one_window_that_was_chosen_for_it(
    way: Way, given_anchors: set[Anchor], sample: bytes
) -> None:
    """A line would be missed for ever, whatever its text."""
    chosen = way(given_anchors, sample)
    for text, cased in given_anchors:
        ((window, of_case),) = [window for window, served in chosen.items() if (text, cased) in served]
        assert window in text
        assert of_case == cased


@each_way
@given(given_anchors=st.sets(anchors, max_size=12))
def test_windows_are_short_and_the_choice_is_always_the_same(way: Way, given_anchors: set[Anchor]) -> None:
    """Two processes would scan with different patterns, or the filter would look at more than it can."""
    chosen = way(given_anchors, b"")
    assert all(WINDOW_LENGTH_MIN <= len(window) <= WINDOW_LENGTH_MAX for window, _ in chosen)
    assert chosen == way(dict.fromkeys(sorted(given_anchors, reverse=True)).keys(), b"")


def test_few_windows_serve_the_shipped_signatures() -> None:
    """The filter for few patterns is the one that may be twice as fast; hyperscan has it for 48 at most."""
    text = b"2026-05-17 03:05:18.141 INFO com.apple.interface fired changed queue cache request channel 0x52a49116\n"
    anchors = {*SHIPPED, *LOSS.anchors}
    assert len(few(anchors, text)) < 49
    assert len(few(anchors, text)) < len(rare(anchors, text)) <= len(anchors)


@each_way
def test_common_endings_of_the_text_are_avoided(way: Way) -> None:
    """A window that ends as the text does everywhere would be looked at for each of its lines."""
    ((window, _),) = way({("abcdefgh zzzz", True)}, b"qzzzz" * 100)
    assert not window.endswith("z")


@each_way
def test_a_window_that_stands_in_the_text_is_avoided(way: Way) -> None:
    """Each of its lines would be looked at, though its ending is rare."""
    ((window, _),) = way({("abcQ efgh", True)}, b"abcQ efg i" * 100)
    assert window.endswith("h")


def test_few_endings_are_shared() -> None:
    """The filter tells few characters apart well, and many badly."""
    chosen = few({("abcdX efgh", True), ("ijklX mnop", True)}, b"the text has an X and all of efghmnop " * 9)
    assert {window[-1] for window, _ in chosen} == {"X"}
