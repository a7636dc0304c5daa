"""The handshake, against openssl's own server and against what is no TLS at all."""

import time
from pathlib import Path

import pytest
from tests.net import crooked, s_server

from abm_lab.serve.certificates import Authority
from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place, ReachError
from abm_trace.net.tcp import connect
from abm_trace.net.tls import Handshake, shake_hands

ALLOW = Allow(["127.0.0.1"], loopback=True)


def shake(place: Place, trust: Path | None = None, seconds: float = 5) -> Handshake:
    """One handshake in the name of the ABM endpoint."""
    with connect(place, ALLOW, Deadline(seconds)) as link:
        return shake_hands(link, s_server.HOST, str(trust) if trust else None)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_sound_server(version: str, tmp_path: Path) -> None:
    """If this failed, staple, chain or protocol of an endpoint would be lost on one version of TLS."""
    root = Authority("a root", s_server.AT)
    leaf = root.leaf(s_server.HOST, [s_server.HOST])
    stapled = s_server.staple(root, leaf)
    (tmp_path / "ca.pem").write_bytes(root.identity.pem)
    with s_server.serving(tmp_path, leaf, [root.identity.certificate], stapled, version) as place:
        shown = shake(place, tmp_path / "ca.pem")
    assert (shown.staple, shown.verify_code, shown.errors) == (stapled, 0, ())
    assert (shown.protocol, len(shown.chain)) == (f"TLSv1.{version[-1]}", 2)


def test_what_is_older_is_refused(tmp_path: Path) -> None:
    """If this failed, TLS 1.1 would be spoken (PROMISES R26)."""
    root = Authority("a root", s_server.AT)
    leaf = root.leaf(s_server.HOST, [s_server.HOST])
    old = ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    with s_server.serving(tmp_path, leaf, [], b"", *old) as place, pytest.raises(ReachError) as error:
        shake(place)
    assert error.value.why in {"alert", "no_tls"}


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (crooked.silent, "timeout"),
        (crooked.reset, "reset"),
        (crooked.closing, "closed"),
        (crooked.saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no_tls"),
        (crooked.saying(bytes(range(256)) * 8), "no_tls"),
        (crooked.saying(b"\x16\x03\x03\x40\x00" + bytes(3000), 0.05), "timeout"),
        (crooked.saying(b"\x15\x03\x03\x00\x02\x02\x28"), "alert"),
        (crooked.endless, "no_tls"),
    ],
)
def test_servers_that_do_not_behave(behave: crooked.Behave, why: str) -> None:
    """If this failed, a broken or hostile server would hold the probe, or leak an error of a library."""
    begun = time.monotonic()
    with crooked.serving(behave) as (place, _), pytest.raises(ReachError) as error:
        shake(place, seconds=0.6)
    assert error.value.why == why
    assert time.monotonic() - begun < 2


def test_trust_that_is_none(tmp_path: Path) -> None:
    """If this failed, a wrong --trust would end in a traceback, or trust everybody."""
    (tmp_path / "ca.pem").write_text("nothing")
    with crooked.serving(crooked.silent) as (place, _), pytest.raises(ReachError) as error:
        shake(place, tmp_path / "ca.pem")
    assert error.value.why == "untrusted"
