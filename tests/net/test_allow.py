"""The allow-list, and the addresses that lead inward (PROMISES R24)."""

import pytest

from abm_trace.net.allow import Allow, inward
from abm_trace.net.reach import ReachError

INWARD = """
127.0.0.1 127.9.9.9 ::1 0.0.0.0 0.1.2.3 :: 169.254.169.254 169.254.0.1 fe80::1 fe80::1%eth0 224.0.0.251 ff02::1
255.255.255.255 240.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 2002:a9fe:a9fe::1 64:ff9b::a9fe:a9fe 64:ff9b::7f00:1
::7f00:1 100.100.100.200 fd00:ec2::254 no-address
"""


@pytest.mark.parametrize("address", INWARD.split())
def test_what_leads_inward(address: str) -> None:
    """If this failed, a name could lead a probe to this computer, or to the secrets of its cloud."""
    assert inward(address)
    with pytest.raises(ReachError):
        Allow(["x"]).address("x", address)


@pytest.mark.parametrize(
    "address", ["17.253.14.125", "2620:149::1", "10.0.0.1", "192.168.1.1", "fd12::1", "64:ff9b::1101:1"]
)
def test_what_does_not(address: str) -> None:
    """If this failed, an MDM server in the house, or Apple itself, could not be asked."""
    assert inward(address) == ""


def test_a_lab_on_this_computer() -> None:
    """If this failed, loopback would open more than loopback, or a lab could not be asked."""
    allow = Allow(["x"], loopback=True)
    allow.address("x", "127.0.0.1")
    allow.address("x", "::1")
    with pytest.raises(ReachError):
        allow.address("x", "169.254.169.254")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("mdm.example.org", True),
        ("MDM.example.org.", True),
        ("example.org", False),
        ("x.mdm.example.org", False),
        ("eu-west.abm.apple.com", True),
        ("a.b.abm.apple.com", True),
        ("abm.apple.com", False),
        ("evilabm.apple.com", False),
        ("eu-west.abm.apple.com.evil.org", False),
    ],
)
def test_the_list(host: str, allowed: bool) -> None:
    """If this failed, somebody who was not named would be connected to."""
    allow = Allow(["mdm.example.org", "*.abm.apple.com"])
    if allowed:
        allow.host(host)
    else:
        with pytest.raises(ReachError) as error:
            allow.host(host)
        assert error.value.why == "not_allowed"
