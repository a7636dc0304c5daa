"""Mosyle."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_times_are_seconds_as_text(make_unit: Make, as_of: int, boot_at: int) -> None:
    """The times would be in another form than Mosyle's."""
    (row,) = rows(make_unit(_ENROLLED, "mosyle"), as_of)
    assert row["date_enroll"] == str(boot_at // 1_000_000 + 120)
    assert (row["serial_number"], row["os"]) == ("F9F00ABC11", "ios")
    assert rows(make_unit(Life(), "mosyle"), as_of) == []
