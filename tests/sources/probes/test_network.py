"""What a segment lets through."""

from pathlib import Path

import pytest
from tests.net import crooked
from tests.net.chrony import serving

from abm_trace.net.allow import Allow
from abm_trace.net.http import Way
from abm_trace.net.reach import Place, ReachError
from abm_trace.sources.probes import network

ALLOW = Allow(["x.example", "127.0.0.1"], loopback=True)
GOAL = Place("x.example", 443)


def test_a_port() -> None:
    """If this failed, an open port would be called closed, or a closed one open."""
    with crooked.serving(crooked.silent) as (at, _):
        assert network.port(GOAL, ALLOW, Way(at=at, timeout_s=2)).address == "127.0.0.1"
    with pytest.raises(ReachError):
        network.port(GOAL, ALLOW, Way(at=at, timeout_s=2))


def test_a_time_server(tmp_path: Path) -> None:
    """If this failed, a segment without time would pass."""
    with serving(tmp_path) as server:
        found = network.time_server(Place("x.example", 123), ALLOW, Way(at=Place(*server), timeout_s=2))
    assert "± 0.0" in found.says
    with pytest.raises(ReachError):
        network.time_server(Place("x.example", 123), ALLOW, Way(at=Place("127.0.0.1", 9), timeout_s=0.3))


def test_a_page() -> None:
    """If this failed, a captive portal would be followed to its login."""
    with crooked.serving(crooked.saying(b"HTTP/1.1 307 x\r\nLocation: http://a/\r\nContent-Length: 0\r\n\r\n")) as (
        at,
        _,
    ):
        assert network.page("http://x.example/", ALLOW, Way(at=at, timeout_s=2)).status == 307
    with pytest.raises(ReachError):
        network.page("http://other.example/", ALLOW, Way(timeout_s=2))
