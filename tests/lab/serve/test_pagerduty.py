"""The PagerDuty sink."""

import json

import pytest
from tests.lab.serve.client import Curl

EVENT = {
    "routing_key": "R" * 32,
    "event_action": "trigger",
    "dedup_key": "clinic-07",
    "payload": {"summary": "3.4 % vanish", "source": "abm-trace", "severity": "critical"},
}


def test_one_key_is_one_incident_until_it_is_resolved(curl: Curl) -> None:
    """An alert that pages twice, or never ends, could not be found."""
    for action in ("trigger", "trigger", "acknowledge", "resolve"):
        status, body = curl.post("/pagerduty/v2/enqueue", EVENT | {"event_action": action})
        assert (status, json.loads(body)["dedup_key"]) == (202, "clinic-07")
    (incident,) = [each for each in curl.json("/lab/incidents")["incidents"] if each["dedup_key"] == "clinic-07"]
    assert (incident["state"], len(incident["events"])) == ("resolved", 4)
    curl.post("/pagerduty/v2/enqueue", EVENT)
    (again,) = [each for each in curl.json("/lab/incidents")["incidents"] if each["dedup_key"] == "clinic-07"]
    assert (again["state"], len(again["events"])) == ("triggered", 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"routing_key": "short"},
        {"event_action": "fire"},
        {"payload": None},
        {"payload": {"summary": "x", "source": "y", "severity": "bad"}},
        {"payload": {"summary": "", "source": "y", "severity": "info"}},
        {"event_action": "resolve", "dedup_key": ""},
        {"dedup_key": "k" * 256},
    ],
)
def test_an_event_that_the_api_would_refuse_is_refused(changed: dict[str, object], curl: Curl) -> None:
    """A wrong alert would work here, and page nobody in earnest."""
    status, body = curl.post("/pagerduty/v2/enqueue", EVENT | changed)
    assert (status, json.loads(body)["status"]) == (400, "invalid event")


def test_the_host_of_the_real_one_is_answered(curl: Curl) -> None:
    """A client whose address cannot be set could not use the sink."""
    port = curl.base.rpartition(":")[2]
    url = f"https://events.pagerduty.com:{port}/v2/enqueue"
    body = json.dumps(EVENT | {"dedup_key": ""})
    status, _ = curl.one(url, "--resolve", f"events.pagerduty.com:{port}:127.0.0.1", "-d", body)
    assert status == 202
