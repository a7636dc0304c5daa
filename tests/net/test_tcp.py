"""Connections: directly, at another place, through a proxy; and who answers as nobody should."""

import socket
import threading
import time

import pytest
from tests.net import crooked

from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place, ReachError
from abm_trace.net.tcp import connect

LOCAL = Allow(["*.example.org", "127.0.0.1", "x.org"], loopback=True)
GOAL = Place("mdm.example.org", 443)


def test_connects_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a name that leads elsewhere at its second look-up (rebinding) would be followed inward."""
    with crooked.serving(crooked.silent) as (place, met):
        port = place.port
        first = [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
        answers = iter([first, [(socket.AF_INET, 1, 6, "", ("169.254.169.254", 80))]])
        monkeypatch.setattr("abm_trace.net.dns.socket.getaddrinfo", lambda *_: next(answers))
        with connect(Place("x.org", port), LOCAL, Deadline(2)) as link:
            assert str(link.address) == "127.0.0.1"
            link.send(b"x")
        time.sleep(0.05)
        assert met == ["127.0.0.1"]


def test_nobody_listens() -> None:
    """If this failed, a closed port would look like a slow one."""
    with crooked.serving(crooked.silent) as (place, _):
        pass
    with pytest.raises(ReachError) as error:
        connect(place, LOCAL, Deadline(2))
    assert error.value.why == "refused"


def test_each_wait_ends() -> None:
    """If this failed, a server that takes connections and says nothing would hold a probe."""
    with crooked.serving(crooked.silent) as (place, _), connect(place, LOCAL, Deadline(0.2)) as link:
        with pytest.raises(ReachError) as error:
            link.receive(1)
        assert error.value.why == "timeout"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "proxy"),
        (b"x" * 20000, "proxy"),
        (b"HTTP/1.1 200", "timeout"),
    ],
)
def test_a_proxy_that_says_no(answer: bytes, why: str) -> None:
    """If this failed, what a proxy says would be taken for the server's word, or without end."""
    with crooked.serving(crooked.saying(answer)) as (place, _), pytest.raises(ReachError) as error:
        connect(GOAL, LOCAL, Deadline(0.5 if why == "timeout" else 20), proxy=place)
    assert error.value.why == why


def test_through_a_proxy() -> None:
    """If this failed, no site behind a proxy could be probed; the proxy gets the name."""
    asked: list[bytes] = []

    def proxy(link: socket.socket) -> None:
        asked.append(link.recv(4096))
        link.sendall(b"HTTP/1.1 200 Connection established\r\n\r\nhello")
        threading.Event().wait(0.2)

    with crooked.serving(proxy) as (place, _), connect(GOAL, LOCAL, Deadline(2), proxy=place) as link:
        assert (link.via, link.receive(100)) == (str(place), b"hello")
    assert asked[0].startswith(b"CONNECT mdm.example.org:443 HTTP/1.1\r\nHost: mdm.example.org:443\r\n")
