"""The finding of a row that waits."""

import pytest

from abm_trace.checks import audit
from abm_trace.core.nouns import Origin


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_a_row_that_waits(asked: bool, late: bool) -> None:
    """If this failed, a device inside its deadline would be a failure, or one past it none."""
    found = audit.waiting("F1", "why", asked=asked, late=late, origin=Origin("x", "audit"))
    assert found.id == ("audit-waiting" if asked else "audit-never-asked")
    assert found.severity == ("error" if late else "note")
    assert found.id in audit.DO
