"""What it means that a host of the list is not reached."""

import pytest

from abm_trace.checks import network
from abm_trace.checks.hosts import Host, Port
from abm_trace.core.nouns import Origin

HERE = Origin("live:x", "network")


@pytest.mark.parametrize(
    ("need", "udp", "why", "rule", "severity", "layer"),
    [
        ("must", False, "timeout", "net-blocked", "error", "L0"),
        ("must", False, "reset", "net-blocked", "error", "L0"),
        ("must", False, "no_name", "net-no-name", "error", "L0"),
        ("must", False, "not_allowed", "net-inward", "error", "L0"),
        ("must", True, "timeout", "net-time", "error", "L0"),
        ("should", False, "refused", "net-blocked", "warning", ""),
    ],
)
def test_unreached(*, need: str, udp: bool, why: str, rule: str, severity: str, layer: str) -> None:
    """If this failed, a blocked host would pass, or one that hinders nothing would stop a rollout."""
    host = Host("x", (), need, "device", "push", "vendor", "g")
    found = network.unreached(host, Port(1, udp), why, "said", HERE)
    assert (found.id, found.severity, found.layer) == (rule, severity, layer)
    assert found.cause == ("network_blocked" if need == "must" else "")
    assert rule in network.DO
    assert network.one_is_enough(found).severity == "note"


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<HTML><BODY>Success</BODY></HTML>", ""),
        (302, b"", "redirected (302) to http://login.clinic/, not followed"),
        (200, b"<html>Sign in", "another page"),
        (511, b"Success", "another page"),
    ],
)
def test_captive_portals(status: int, body: bytes, says: str) -> None:
    """If this failed, devices would be staged behind a portal that they cannot sign in to."""
    found = network.captive(status, {"location": "http://login.clinic/"}, body, "Success", HERE)
    assert (found is None) is (says == "")
    assert found is None or says in found.text


def test_a_proxy_is_told_without_its_password() -> None:
    """If this failed, the proxy's password would stand in the evidence (PROMISES R25)."""
    assert network.proxied("http://u:secret@proxy:3128", HERE).text.endswith("http://proxy:3128")
