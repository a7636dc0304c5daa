"""Background lines and near misses."""

import re

import pytest

from abm_lab.noise import NEAR_MISSES, ring
from abm_lab.styles import STYLES

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


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.id)
def test_background_is_varied_and_carries_no_fact(style: object) -> None:
    """Noise would repeat itself, or a device would get facts that its truth does not know."""
    lines, mean_bytes = ring(style.id, 0)  # type: ignore[attr-defined]
    assert len(set(lines)) > 2500
    assert 60 < mean_bytes < 600
    assert not any(fact.encode() in after for _, after in lines for fact in _FACTS)
    assert not any(re.search(rb"\{[nhufs]\}", after) for _, after in lines)


def test_near_misses_hold_a_fact_and_are_none() -> None:
    """A near miss would be a real fact of the device, or would not even look like one."""
    for miss in NEAR_MISSES:
        assert any(fact.rstrip() in miss.text for fact in (*_FACTS, "ABMErrorDomain"))
        begins = miss.text.removeprefix("[ABM] ").startswith(_FACTS)
        assert not (begins and miss.speaker.process in _ENROLLERS)
