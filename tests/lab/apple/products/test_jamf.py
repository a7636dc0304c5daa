"""Jamf Pro."""

from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]
_ENROLLED = Life(pushed_s=60, enrolled_s=120)


def test_automated_and_by_hand(make_unit: Make, as_of: int) -> None:
    """A record made by hand would look automated, on a mobile device or on a Mac."""
    (device,) = rows(make_unit(_ENROLLED, "jamf"), as_of)
    assert device["general"]["managed"]
    assert device["general"]["enrollmentMethodPrestage"]["mobileDevicePrestageId"] == "3"
    (by_hand,) = rows(make_unit(Life(by_hand_s=500), "jamf"), as_of)
    assert by_hand["general"]["enrollmentMethodPrestage"] is None
    (mac,) = rows(make_unit(_ENROLLED, "jamf", mac=True), as_of)
    assert mac["general"]["enrolledViaAutomatedDeviceEnrollment"]
    (mac_by_hand,) = rows(make_unit(Life(by_hand_s=500), "jamf", mac=True), as_of)
    assert not mac_by_hand["general"]["enrolledViaAutomatedDeviceEnrollment"]


def test_its_list_shows_the_push(make_unit: Make, as_of: int) -> None:
    """Apple's side would not be told where the list is the only source of it."""
    (listed,) = rows(make_unit(Life(pushed_s=60), "jamf", "list"), as_of)
    assert listed["profileStatus"] == "PUSHED"
    assert listed["profilePushTime"].endswith("Z")
    (waiting,) = rows(make_unit(Life(), "jamf", "list"), as_of)
    assert (waiting["profileStatus"], waiting["profilePushTime"]) == ("ASSIGNED", None)
