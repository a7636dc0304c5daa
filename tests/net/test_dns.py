"""Names are looked up once, in time, and never lead inward."""

import socket
import threading

import pytest

from abm_trace.net import dns
from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place, ReachError


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """A resolver that gives these addresses; whom it was asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, family: int, kind: int) -> list[tuple[object, ...]]:
        asked.append(host)
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                kind,
                6,
                "",
                (each, port, 0, 0) if ":" in each else (each, port),
            )
            for each in addresses
        ]

    monkeypatch.setattr("abm_trace.net.dns.socket.getaddrinfo", getaddrinfo)
    return asked


def test_what_leads_inward_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a DNS answer could lead to the metadata service or to this computer."""
    answering(monkeypatch, "169.254.169.254", "192.0.2.1", "::1", "192.0.2.1")
    found = dns.lookup(Place("x", 443), Allow(["x"]), Deadline(1))
    assert [str(each) for each in found] == ["192.0.2.1"]
    answering(monkeypatch, "169.254.169.254")
    with pytest.raises(ReachError, match="link-local") as error:
        dns.lookup(Place("x", 443), Allow(["x"]), Deadline(1))
    assert error.value.why == "not_allowed"


def test_who_is_not_allowed_is_not_even_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a name of the input could be told to whoever runs its DNS."""
    asked = answering(monkeypatch, "192.0.2.1")
    with pytest.raises(ReachError, match="not on the list"):
        dns.lookup(Place("y", 443), Allow(["x"]), Deadline(1))
    assert asked == []


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a dead DNS server would hold the checklist for a minute."""
    ends = threading.Event()
    monkeypatch.setattr("abm_trace.net.dns.socket.getaddrinfo", lambda *_: [ends.wait(30)][:0])
    with pytest.raises(ReachError) as error:
        dns.lookup(Place("x", 443), Allow(["x"]), Deadline(0.1))
    ends.set()
    assert error.value.why == "timeout"


def test_no_such_name() -> None:
    """If this failed, a wrong name would be no clear error."""
    with pytest.raises(ReachError) as error:
        dns.lookup(Place("no-such-host.invalid", 443), Allow(["*.invalid"]), Deadline(5))
    assert error.value.why in {"no_name", "timeout"}
