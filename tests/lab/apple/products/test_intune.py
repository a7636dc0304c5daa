"""Microsoft Intune."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_automated_and_by_hand(make_unit: Make, as_of: int) -> None:
    """A record made by hand would look automated."""
    managed, identity = rows(make_unit(_ENROLLED, "intune"), as_of)
    assert managed["deviceEnrollmentType"].startswith("appleBulk")
    assert identity["enrollmentState"] == "enrolled"
    managed, identity = rows(make_unit(Life(by_hand_s=500), "intune"), as_of)
    assert identity["enrollmentState"] == "notContacted"
    assert managed["deviceEnrollmentType"] == "userEnrollment"


def test_a_pending_device_is_an_identity_alone(make_unit: Make, as_of: int) -> None:
    """A device that never came would have a record of management."""
    (identity,) = rows(make_unit(Life(), "intune"), as_of)
    assert identity["enrollmentState"] == "notContacted"
    assert rows(make_unit(Life(profile="unsynced"), "intune"), as_of) == []
