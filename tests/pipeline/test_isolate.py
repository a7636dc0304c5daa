"""Tests of abm_trace.pipeline.isolate."""

import pytest

from abm_trace.core.nouns import Skipped
from abm_trace.pipeline.isolate import isolated


def test_what_the_call_gives_comes_back() -> None:
    """Every item would be lost."""
    assert isolated("a.log", lambda: 7) == 7


def test_an_error_becomes_a_named_item() -> None:
    """SPEC T1: one item that fails would stop the rest, or vanish without a word."""

    def broken() -> int:
        raise ValueError("x" * 1000)

    skipped = isolated("a.log", broken)
    assert isinstance(skipped, Skipped)
    assert skipped.path == "a.log"
    assert "ValueError" in skipped.reason
    assert len(skipped.reason) < 300


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_person_s_stop_is_no_failure(error: type[BaseException]) -> None:
    """Ctrl-C would be named as a damaged file, and the triage go on."""

    def stopped() -> int:
        raise error

    with pytest.raises(error):
        isolated("a.log", stopped)
