"""Kandji."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_both_sides_stand_in_one_row_without_a_time(make_unit: Make, as_of: int) -> None:
    """The list would have times that Kandji does not give, or miss a side."""
    (row,) = rows(make_unit(_ENROLLED, "kandji", "list"), as_of)
    assert (row["profile_status"], row["is_enrolled"]) == ("pushed", True)
    assert "profile_push_time" not in row
    (row,) = rows(make_unit(Life(pushed_s=60), "kandji", "list"), as_of)
    assert (row["profile_status"], row["is_enrolled"]) == ("pushed", False)
    assert rows(make_unit(Life(org="released", profile="deleted"), "kandji", "list"), as_of) == []
