"""A failing item is named."""

from abm_trace.core.nouns import Skipped
from abm_trace.pipeline.isolate import isolated


def test_an_item_that_fails_is_named_and_one_that_works_is_given() -> None:
    """One broken file would stop the triage of all others."""
    assert isolated("a", lambda: 5) == 5
    failed = isolated("a", lambda: int("x"))
    assert isinstance(failed, Skipped)
    assert failed.path == "a"
    assert "ValueError" in failed.reason
