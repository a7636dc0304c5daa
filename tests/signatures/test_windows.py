"""Tests of abm_trace.signatures.windows: the short texts that the scan looks for cover all that it must find."""

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.signatures import load
from abm_trace.signatures.windows import WINDOW_LENGTH_MAX, WINDOW_LENGTH_MIN, choose

anchors = st.tuples(st.text("abcdAB =:", min_size=WINDOW_LENGTH_MIN, max_size=24), st.booleans())


@given(st.sets(anchors, min_size=1, max_size=12), st.binary(max_size=200))
def test_every_anchor_holds_a_window_that_serves_it(given_anchors: set[tuple[str, bool]], sample: bytes) -> None:
    """A line would be missed for ever, whatever its text."""
    chosen = choose(given_anchors, sample)
    for text, cased in given_anchors:
        serving = [window for window, held in chosen.items() if (text, cased) in held]
        assert serving
        assert all(window in text and of_case == cased for window, of_case in serving)


@given(st.sets(anchors, min_size=1, max_size=12), st.binary(max_size=200))
def test_a_window_names_all_anchors_that_hold_it(given_anchors: set[tuple[str, bool]], sample: bytes) -> None:
    """The rules of the anchors left out would not be asked where only this window was found."""
    for (window, cased), held in choose(given_anchors, sample).items():
        assert held == {each for each in given_anchors if window in each[0] and cased == each[1]}


@given(st.sets(anchors, max_size=12))
def test_windows_are_short_and_the_choice_is_always_the_same(given_anchors: set[tuple[str, bool]]) -> None:
    """Two processes would scan with different patterns, or the filter would look at more than it can."""
    chosen = choose(given_anchors)
    assert all(WINDOW_LENGTH_MIN <= len(window) <= WINDOW_LENGTH_MAX for window, _ in chosen)
    assert chosen == choose(sorted(given_anchors, reverse=True))


def test_the_shipped_signatures_need_few_windows() -> None:
    """The scan would look for each message by itself, which is several times as slow."""
    wanted = {anchor for signature in load()[0] for anchor in signature.anchors}
    assert len(choose(wanted)) < len(wanted)


def test_common_endings_of_the_text_are_avoided() -> None:
    """A window that ends as the text does everywhere would be looked at for each of its lines."""
    ((window, _),) = choose([("abcdefgh zzzz", True)], b"qzzzz" * 100)
    assert not window.endswith("zz")
