"""MAC addresses in every spelling, and those that a device makes up."""

import pytest

from abm_trace.core.macs import is_private, normal

MAC = "a4:83:e7:0b:1c:2d"


@pytest.mark.parametrize(
    "text", [MAC, "A4:83:E7:0B:1C:2D", "a4-83-e7-0b-1c-2d", "a483.e70b.1c2d", "A483E70B1C2D", " a4:83:e7:0b:1c:2d "]
)
def test_every_spelling_is_one_key(text: str) -> None:
    """If this failed, a device would be lost between a controller and a DHCP server that write it differently."""
    assert normal(text) == MAC


@pytest.mark.parametrize(
    "text",
    ["", "a4:83:e7:0b:1c", "a4:83:e7:0b:1c:2d:00", "a4:83-e7:0b:1c:2d", "g4:83:e7:0b:1c:2d", "00:00:00:00:00:00",
     "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "a483.e70b:1c2d", "à4:83:e7:0b:1c:2d", "٤4:83:e7:0b:1c:2d", "a" * 9999],
)  # fmt: skip
def test_what_no_station_has_is_none(text: str) -> None:
    """If this failed, broadcasts, gaps and client ids would be devices."""
    assert normal(text) is None


@pytest.mark.parametrize(("mac", "private"), [(MAC, False), ("a6:83:e7:0b:1c:2d", True), ("02:00:00:00:00:01", True)])
def test_private_addresses_are_told(mac: str, private: bool) -> None:
    """If this failed, nobody would learn that the network hides its devices."""
    assert is_private(mac) is private
