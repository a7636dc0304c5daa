"""SimpleMDM."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_enrolled_and_awaited(make_unit: Make, as_of: int) -> None:
    """An awaited device would count as enrolled."""
    (row,) = rows(make_unit(_ENROLLED, "simplemdm"), as_of)
    assert row["type"] == "device"
    assert row["attributes"]["status"] == "enrolled"
    assert row["attributes"]["enrolled_at"].endswith("Z")
    for awaited in rows(make_unit(Life(), "simplemdm"), as_of):
        assert awaited["attributes"]["status"] == "awaiting enrollment"
        assert awaited["attributes"]["enrolled_at"] is None
    assert rows(make_unit(Life(profile="unsynced"), "simplemdm"), as_of) == []
