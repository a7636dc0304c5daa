"""Fleet."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_the_three_states(make_unit: Make, as_of: int) -> None:
    """A pending host, or one enrolled by hand, would count as automated."""
    (host,) = rows(make_unit(_ENROLLED), as_of)
    assert host["mdm"]["enrollment_status"] == "On (automatic)"
    (by_hand,) = rows(make_unit(Life(by_hand_s=500)), as_of)
    assert by_hand["mdm"]["enrollment_status"] == "On (manual)"
    (pending,) = rows(make_unit(Life()), as_of)
    assert pending["mdm"]["enrollment_status"] == "Pending"
    assert "last_enrolled_at" not in pending
    assert rows(make_unit(Life(profile="unsynced")), as_of) == []
