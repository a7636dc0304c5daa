"""HAR of captured requests."""

import json

from abm_lab.har import render
from abm_lab.records import Exchange


def test_an_exchange_as_har() -> None:
    """A 204 or its device would be lost on the way into the HAR."""
    url = "https://eu-west.abm.apple.com/v1/devices"
    exchange = Exchange("2026-05-17T08:47:12.883Z", "POST", url, 204, "us-east", "F9F0000001", None)
    log = json.loads(render([exchange]))["log"]
    entry = log["entries"][0]
    assert log["version"] == "1.2"
    assert (entry["request"]["url"], entry["response"]["status"]) == (url, 204)
    assert json.loads(entry["request"]["postData"]["text"]) == {"serial_number": "F9F0000001"}
