"""The lab's own API."""

import json

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_the_world_its_time_and_a_devices_truth(mixed: Lab, curl: Curl) -> None:
    """A test could not put the clock, nor learn what is true."""
    told = curl.json("/lab/world")
    assert (told["simulated"], told["scenario"], told["now"]) == (True, "mixed-dialect", told["ends"])
    keys = [*(known["token"] for known in curl.about["abm"].values()), curl.about["mdm"]["jamf-main"]["secret"]]
    assert not any(key in json.dumps(told) for key in keys)
    status, body = curl.post("/lab/clock", {"at": "2026-05-14T00:00:00Z", "speed": 0})
    assert (status, json.loads(body)["now"]) == (200, "2026-05-14T00:00:00.000Z")
    assert curl.post("/lab/clock", {"at": "2026-05-14T00:00:00"})[0] == 400
    assert curl.post("/lab/clock", {"speed": -1})[0] == 400
    serial = next(iter(mixed.world.truths))
    truth = curl.json(f"/lab/devices/{serial.lower()}")["truth"]
    assert truth["serial"] == serial
    whole = curl.json("/lab/truth")
    assert (whole["schema"], len(whole["devices"])) == ("abm-lab/truth/1", 300)
    assert truth in whole["devices"]
    assert curl.one("/lab/devices/NOBODY")[0] == 404


@pytest.mark.parametrize(
    "fault", [{"kind": "unheard"}, {}, {"kind": "429", "count": 0}, {"code": "X", "status": 200}, {"kind": 4}]
)
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, object], curl: Curl) -> None:
    """A misspelled fault would be set, and never happen."""
    assert curl.post("/lab/faults", fault)[0] == 400
    assert curl.json("/lab/faults")["set"] == []


def test_no_fault_befalls_the_control_itself(mixed: Lab, curl: Curl) -> None:
    """A fault could never be taken back."""
    mixed.faults.seed = 1
    curl.post("/lab/faults", {"kind": "503", "count": 100})
    assert {curl.one("/lab/world")[0] for _ in range(20)} == {200}
    assert curl.one("/lab/faults", "-X", "DELETE")[0] == 200
    told = curl.json("/lab/faults")
    assert (told["seed"], told["set"]) == (None, [])
