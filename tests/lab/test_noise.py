"""Background lines and near misses."""

import re

import pytest

from abm_lab.noise import APPLE_NEAR_MISSES, NEAR_MISSES, ring
from abm_lab.styles import BY_ID

# What a message must begin with to carry a fact.
_FACTS = (
    "Preparing for enrollment",
    "ABMRegistration",
    "Sending enrollment request to",
    "deviceIdentifier=",
    "ABM response: ",
    "ABMDeviceRegistered",
    "MDMProfileAssigned",
    "TLS handshake failed: ",
    "Clock offset: ",
    "enrollmentMethod=",
    "DEPDevice",
)
_ENROLLERS = {"teslad", "mdmclient", "profiled", "Setup"}


@pytest.mark.parametrize("style", BY_ID.values(), ids=lambda style: style.id)
def test_background_is_varied_and_carries_no_fact(style: object) -> None:
    """Noise would repeat itself, or a device would get facts that its truth does not know."""
    lines, mean_bytes = ring(style.id, 0)  # type: ignore[attr-defined]
    assert len(set(lines)) > 2500
    assert 60 < mean_bytes < 1000
    assert not any(fact.encode() in after for _, after in lines for fact in _FACTS)
    assert not any(re.search(rb"\{[nhufs]\}", after) for _, after in lines)


def test_near_misses_hold_a_fact_and_are_none() -> None:
    """A near miss would be a real fact of the device, or would not even look like one."""
    for miss in NEAR_MISSES:
        assert any(fact.rstrip() in miss.text for fact in (*_FACTS, "ABMErrorDomain"))
        begins = miss.text.removeprefix("[ABM] ").startswith(_FACTS)
        assert not (begins and miss.speaker.process in _ENROLLERS)


def test_apple_near_misses_are_quoted_by_others_or_of_another_domain() -> None:
    """A near miss would be a real error of the device."""
    for miss in APPLE_NEAR_MISSES:
        fault = re.search(
            r"MC(CloudConfig|MDM|SCEP|HTTP|Installation|Profile|Payload)\w*ErrorDomain|403 from", miss.text
        )
        assert not (fault and miss.speaker.process in _ENROLLERS)
    assert any("MCSSOErrorDomain" in miss.text for miss in APPLE_NEAR_MISSES)
