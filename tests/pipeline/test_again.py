"""Tests of abm_trace.pipeline.again."""

from abm_trace.pipeline.again import Again
from abm_trace.signatures.scan import Hit

BLOCK = bytearray(b"one\ntwo\none")
HITS: list[Hit] = [(0, 3, ()), (4, 7, ()), (8, 11, ())]


def test_what_was_learnt_is_not_looked_at_again() -> None:
    """If this failed, a bomb of one line would take as long as a log."""
    again = Again(2)
    assert again.unknown(HITS, BLOCK, free=True) == HITS
    again.learn(b"one")
    assert again.unknown(HITS, BLOCK, free=True) == HITS[1:2]
    assert again.unknown(HITS, BLOCK, free=False) == HITS, "where a neighbour may change what a line means"


def test_a_small_log_learns_nothing() -> None:
    """If this failed, each line of each log would be held."""
    again = Again(100)
    again.unknown(HITS, BLOCK, free=True)
    again.learn(b"one")
    assert again.unknown(HITS, BLOCK, free=True) == HITS


def test_long_lines_are_not_held() -> None:
    """If this failed, 10,000 lines of a MiB would be."""
    again = Again(0)
    long = bytearray(b"x" * 2_000)
    again.unknown([(0, 2_000, ())], long, free=True)
    again.learn(long)
    assert again.unknown([(0, 2_000, ())], long, free=True) == [(0, 2_000, ())]
