"""The v2 lifecycle of a device."""

import json

import pytest
from tests.formats.exports.reading import Said, head, read, said

from abm_trace.formats.exports import lifecycle

ATTRS = {"serial": "F9FXQ1ABCD", "device_id": "dev_1"}
ALONE: Said = ("coverage", None, "abm", {})
"""An answer about one device, which says nothing of the others."""


def record(state: str) -> dict[str, object]:
    """A device in this state."""
    status = {"state": state, "reason": "clock_drift_exceeded", "timestamp": "2026-05-17T08:47:12Z"}
    return {"device_id": "dev_1", "serial_number": "F9FXQ1ABCD", "registrationStatus": status}


@pytest.mark.parametrize(
    ("state", "kind", "value"),
    [
        ("registered", "registered", ""),
        ("pending", "pending", ""),
        ("rejected", "rejected", "clock_drift_exceeded"),
        ("exploded", "known", "exploded"),
    ],
)
def test_states(state: str, kind: str, value: str) -> None:
    """If this fails, the strongest proof of v2 says something else than ABM did."""
    for data in (
        json.dumps(record(state)),
        json.dumps([record(state)], indent=1),
        json.dumps({"items": [record(state)]}),
    ):
        facts, skipped = read(lifecycle, data.encode())
        assert lifecycle.score(head(data.encode())) > 0.8
        assert said(facts) == [(kind, "2026-05-17T08:47:12Z", value, ATTRS), ALONE]
        assert bool(skipped) == (state == "exploded")


def test_a_miss() -> None:
    """If this fails, a row of the device list is taken for a lifecycle."""
    assert lifecycle.score(head(b'{"device_id":"dev_1","status":"pending"}')) == 0


def test_half_a_character_inside_an_object() -> None:
    """If this fails, half a surrogate pair gets through and cannot be written out again."""
    facts, skipped = read(lifecycle, json.dumps(record("rejected")).replace("clock", "\\ud834").encode())
    assert facts[0].value.encode() == "\ufffd_drift_exceeded".encode()
    assert skipped


def test_wrong_types_are_named() -> None:
    """If this fails, a status that is no object is silently nothing."""
    facts, skipped = read(lifecycle, b'{"serial_number":"A","registrationStatus":"registered"}')
    assert said(facts) == [("known", None, "", {"serial": "A"}), ALONE]
    assert "no object" in skipped[0].reason
