"""One request: against openssl's own servers, the lab, and servers that do not behave."""

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.net import crooked, s_server

from abm_lab.serve.certificates import Authority
from abm_trace.net.allow import Allow
from abm_trace.net.http import Way, ask, url
from abm_trace.net.reach import Place, ReachError

ALLOW = Allow([s_server.HOST, "127.0.0.1"], loopback=True)
ROOT = Authority("a root", s_server.AT)


def plain(at: Place, **more: Any) -> Any:  # noqa: ANN401  # Whatever `ask` gives.
    """One request without TLS."""
    return ask(url(f"http://{at}/x", plain=True), ALLOW, Way(timeout_s=0.6, **more))


@pytest.mark.parametrize(
    "text",
    ["http://a/", "ftp://a/", "a", "https://u:p@a/", "https://", "https://a:x/", "https://a/\u00e9", "https://a b/"],
)
def test_what_is_no_address(text: str) -> None:
    """If this failed, a token could be sent without TLS, or to whoever stands behind an @."""
    with pytest.raises(ReachError):
        url(text)


def test_the_parts_of_an_address() -> None:
    """If this failed, another host, port or path would be asked."""
    assert url("https://EU.abm.apple.com/v1/x?a=b") == ("https", Place("eu.abm.apple.com", 443), "/v1/x?a=b")
    assert url("http://[::1]:80", plain=True) == ("http", Place("::1", 80), "/")


def test_a_redirect_is_not_followed() -> None:
    """If this failed, a server could send us, and our token, to the metadata service (PROMISES R24)."""
    with crooked.serving(crooked.silent) as (other, met):
        says = f"HTTP/1.1 302 Found\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        with crooked.serving(crooked.saying(says)) as (at, _):
            answer = plain(at)
    assert (answer.status, answer.headers["location"]) == (302, f"http://{other}/")
    assert met == []


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (crooked.silent, "timeout"),
        (crooked.reset, "reset"),
        (crooked.closing, "closed"),
        (crooked.saying(b"SSH-2.0-x\r\n\r\n"), "http"),
        (crooked.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 99, 0.05), "timeout"),
        (crooked.saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000), "http"),
        (crooked.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 2_000_000), "http"),
        (crooked.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), "http"),
    ],
)
def test_servers_that_do_not_behave(behave: crooked.Behave, why: str) -> None:
    """If this failed, 1 byte a second or an endless answer would hold us, or leak an error of a library."""
    begun = time.monotonic()
    with crooked.serving(behave) as (at, _), pytest.raises(ReachError) as error:
        plain(at)
    assert error.value.why == why
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("twin", ["good", "expired", "wrong authority", "wrong purpose", "wrong name"])
def test_certificates_that_do_not_hold(twin: str, tmp_path: Path) -> None:
    """If this failed, a token would be sent to whoever shows any certificate (PROMISES R26)."""
    leaf = {
        "good": lambda: ROOT.leaf("x", [s_server.HOST]),
        "expired": lambda: ROOT.leaf("x", [s_server.HOST], s_server.NOW - s_server.DAY),
        "wrong authority": lambda: Authority("a root", s_server.AT).leaf("x", [s_server.HOST]),
        "wrong purpose": lambda: ROOT.leaf("x", [s_server.HOST], purpose=ExtendedKeyUsageOID.CLIENT_AUTH),
        "wrong name": lambda: ROOT.leaf("x", ["eu-west.abm.apple.com"]),
    }[twin]()
    (tmp_path / "ca.pem").write_bytes(ROOT.identity.pem)
    with s_server.serving(tmp_path, leaf, [], b"", "-www") as at:
        way = Way(trust=str(tmp_path / "ca.pem"), at=at, timeout_s=5)
        if twin == "good":
            assert ask(url(f"https://{s_server.HOST}/"), ALLOW, way).status == 200
            return
        with pytest.raises(ReachError) as error:
            ask(url(f"https://{s_server.HOST}/"), ALLOW, way)
    assert error.value.why == "untrusted"


def test_older_tls_is_refused(tmp_path: Path) -> None:
    """If this failed, a token would be sent over TLS 1.1 (PROMISES R26)."""
    (tmp_path / "ca.pem").write_bytes(ROOT.identity.pem)
    old = ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-www")
    with s_server.serving(tmp_path, ROOT.leaf("x", [s_server.HOST]), [], b"", *old) as at, pytest.raises(ReachError):
        ask(url(f"https://{s_server.HOST}/"), ALLOW, Way(trust=str(tmp_path / "ca.pem"), at=at, timeout_s=5))


def test_a_header_that_smuggles() -> None:
    """If this failed, a token with a line end in it would write headers of its own, or be quoted in an error."""
    with crooked.serving(crooked.silent) as (at, _), pytest.raises(ReachError) as error:
        ask(url(f"http://{at}/", plain=True), ALLOW, Way(), headers={"Authorization": "Bearer secret\r\nX: y"})
    assert "secret" not in str(error.value)


def test_a_client_certificate_is_shown(tmp_path: Path) -> None:
    """If this failed, an endpoint that demands mutual TLS could not be asked (SPEC K1)."""
    (tmp_path / "ca.pem").write_bytes(ROOT.identity.pem)
    mine = ROOT.leaf("us", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    (tmp_path / "us.pem").write_bytes(mine.pem + mine.key_pem)
    demanding = ("-www", "-Verify", "1", "-CAfile", str(tmp_path / "ca.pem"), "-verify_return_error")
    with s_server.serving(tmp_path, ROOT.leaf("x", [s_server.HOST]), [], b"", *demanding) as at:
        way = Way(trust=str(tmp_path / "ca.pem"), at=at, timeout_s=5)
        with pytest.raises(ReachError):
            ask(url(f"https://{s_server.HOST}/"), ALLOW, way)
        shown = Way(trust=way.trust, client=str(tmp_path / "us.pem"), at=at, timeout_s=5)
        assert ask(url(f"https://{s_server.HOST}/"), ALLOW, shown).status == 200


def test_what_is_posted() -> None:
    """If this failed, a body or its length would not arrive."""
    got: list[bytes] = []

    def server(link: socket.socket) -> None:
        got.append(link.recv(65536))
        link.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        threading.Event().wait(0.2)

    with crooked.serving(server) as (at, _):
        answer = ask(url(f"http://{at}/p", plain=True), ALLOW, Way(), method="POST", body=b'{"a":1}')
    assert (answer.status, answer.body) == (201, b"ok")
    assert got[0].startswith(b"POST /p HTTP/1.1\r\n")
    assert got[0].endswith(b'\r\n\r\n{"a":1}')
    assert b"content-length: 7" in got[0].lower()


def test_a_locked_key_is_refused(tmp_path: Path) -> None:
    """If this failed, a client key with a password would stop a script with a question."""
    mine = ROOT.leaf("us", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    locked = mine.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    (tmp_path / "us.pem").write_bytes(mine.pem + locked)
    with crooked.serving(crooked.silent) as (at, _), pytest.raises(ReachError) as error:
        ask(url(f"https://{s_server.HOST}/"), ALLOW, Way(client=str(tmp_path / "us.pem"), at=at, timeout_s=1))
    assert error.value.why == "untrusted"


@pytest.mark.parametrize("bad", ["trust", "client"])
def test_the_file_that_cannot_be_used_is_named(tmp_path: Path, bad: str) -> None:
    """If this failed, the wrong file would be looked at: both are PEM, and both may be given."""
    files = {name: tmp_path / f"{name}.pem" for name in ("trust", "client")}
    for name, file in files.items():
        file.write_bytes(ROOT.identity.pem if name != bad else b"no PEM")
    with crooked.serving(crooked.silent) as (at, _):
        way = Way(trust=str(files["trust"]), client=str(files["client"]), at=at, timeout_s=1)
        with pytest.raises(ReachError, match=files[bad].name):
            ask(url(f"https://{s_server.HOST}/"), ALLOW, way)
