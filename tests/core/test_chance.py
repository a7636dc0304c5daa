"""How likely something is by chance."""

import pytest

from abm_trace.core import chance


def test_the_figures_are_those_of_the_books() -> None:
    """If this failed, an auditor's own calculation would differ (Fisher's lady tasting tea)."""
    assert chance.at_least(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert chance.at_least(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert chance.at_least(0, 10, 5, 10) == pytest.approx(1.0)
    assert chance.at_least(50, 3182, 0, 9218) == pytest.approx(3e-30, rel=0.5)
