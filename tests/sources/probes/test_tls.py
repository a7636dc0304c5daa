"""The TLS probe against twins by openssl: a live handshake gives the facts of a saved transcript."""

import socket
from datetime import UTC
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from tests.net import s_server

from abm_lab.serve.certificates import Authority, Identity
from abm_trace.core.nouns import Fact
from abm_trace.formats._interface import Content, Read
from abm_trace.formats.exports import s_client, tls_probe
from abm_trace.net.allow import Allow
from abm_trace.net.dns import Address
from abm_trace.net.reach import Deadline, Place
from abm_trace.net.tcp import Link
from abm_trace.net.tls import Handshake
from abm_trace.sources.probes import _staple, tls
from abm_trace.sources.probes.tls import Plan, probe

ALLOW = Allow([s_server.HOST, "127.0.0.1"], loopback=True)
ROOT = Authority("a root", s_server.AT)
LEAF = ROOT.leaf(s_server.HOST, [s_server.HOST])
OTHER = Authority("a root", s_server.AT)  # The same name, another key: what a forger has.
ENDED = s_server.NOW - s_server.DAY
SIGNING, CLIENTS = ExtendedKeyUsageOID.OCSP_SIGNING, ExtendedKeyUsageOID.CLIENT_AUTH
RESPONDER = ROOT.leaf("a responder", purpose=SIGNING)
SAME = ("endpoint", "stapled", "ocsp_status", "verify_code", "expired", "staple_stale", "protocol", "issuer")
"""What a saved transcript says too."""


def fact(read: Read, data: bytes) -> Fact:
    """The one fact of the bytes."""
    (found,) = (each for each in read(Content("x", data, UTC)) if isinstance(each, Fact))
    return found


TWINS: dict[str, tuple[Identity, bytes, dict[str, str]]] = {
    "good": (LEAF, s_server.staple(ROOT, LEAF), {"stapled": "yes", "ocsp_status": "good", "verify_code": "0"}),
    "no staple": (LEAF, b"", {"stapled": "no", "verify_code": "0"}),
    "revoked": (LEAF, s_server.staple(ROOT, LEAF, s_server.REVOKED), {"ocsp_status": "revoked"}),
    "stale": (LEAF, s_server.staple(ROOT, LEAF, days=-1), {"ocsp_status": "good", "staple_stale": "202"}),
    "expired": (ROOT.leaf("x", [s_server.HOST], ENDED), b"", {"verify_code": "10", "expired": "OU"}),
    "wrong name": (ROOT.leaf("x", ["other.example"]), b"", {"verify_code": "62"}),
    "wrong purpose": (ROOT.leaf("x", [s_server.HOST], purpose=CLIENTS), b"", {"verify_code": "26"}),
    "wrong authority": (Authority("b", s_server.AT).leaf("x", [s_server.HOST]), b"", {"verify_code": "21"}),
}  # fmt: skip


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("twin", TWINS)
def test_live_and_saved_say_the_same(twin: str, version: str, tmp_path: Path) -> None:
    """If this failed, an endpoint would be sound when it is asked and broken in a transcript, or vice versa."""
    leaf, stapled, expected = TWINS[twin]
    trust = tmp_path / "ca.pem"
    trust.write_bytes(ROOT.identity.pem)
    with s_server.serving(
        tmp_path, leaf, [ROOT.identity.certificate][: twin != "wrong authority"], stapled, version
    ) as at:
        record = probe(Plan(Place(s_server.HOST, 443), at, trust=str(trust)), ALLOW, lambda: s_server.AT)
        saved = s_server.s_client(at, trust)
    live, old = fact(tls_probe.read, record), fact(s_client.read, saved)
    said = {name: live.attrs.get(name, "") for name in expected}
    assert {name: value for name, value in expected.items() if not said[name].startswith(value)} == {}
    assert "staple_error" not in live.attrs
    both = [{name: each.attrs.get(name) for name in SAME} for each in (live, old)]
    if "Start Time" not in saved.decode():  # Then openssl says no time, and nothing can be judged by it.
        both[0]["staple_stale"] = None
        both[0]["expired"] = both[1]["expired"]
    for each in both:
        each["expired"] = str(each["expired"]).replace(" = ", "=")
        each["issuer"] = str(each["issuer"]).replace(" = ", "=")
    assert both[0] == both[1]


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=2), st.booleans())
def test_a_damaged_certificate_is_no_crash(at: int, more: bytes, cut: bool) -> None:
    """If this failed, a certificate that OpenSSL takes and we cannot read would end the probe with a traceback."""
    whole = LEAF.certificate.public_bytes(serialization.Encoding.DER)
    der = whole[:at] if cut else whole[:at] + more + whole[at + len(more) :]
    shown = Handshake((der,), (der,), TWINS["good"][1], (), "TLSv1.3", "x", 0.1)
    address = Address(socket.AF_INET, ("127.0.0.1", 1))
    with socket.socket() as sock:
        link = Link(sock, Place("x", 443), address, Deadline(1))
        record = tls._record(Plan(Place(s_server.HOST, 443)), shown, link, s_server.AT)
    if der != whole and not record.chain:
        assert (record.verify_code, bool(record.staple_error)) == (62, True)


@pytest.mark.parametrize(
    ("stapled", "error"),
    [
        (s_server.staple(ROOT, LEAF, signer=RESPONDER), ""),
        (s_server.staple(ROOT, LEAF, signer=OTHER.identity), "its signature is not the issuer's"),
        (s_server.staple(ROOT, LEAF, signer=ROOT.leaf("no responder")), "its signature is not the issuer's"),
        (s_server.staple(ROOT, LEAF, signer=OTHER.leaf("x", purpose=SIGNING)), "not the issuer's"),
        (s_server.staple(ROOT, LEAF, signer=ROOT.leaf("x", (), ENDED, SIGNING)), "not the issuer's"),
        (s_server.staple(ROOT, RESPONDER), "it is for another certificate"),
        (s_server.staple(OTHER, LEAF), "it is for another certificate"),
        (s_server.staple(ROOT, LEAF)[:-1], "it is damaged"),
        (b"\x30\x03\x0a\x01\x06", "the responder answered unauthorized"),
    ],
)  # fmt: skip
def test_whose_word_a_staple_is(stapled: bytes, error: str) -> None:
    """If this failed, a forged answer, or one for another certificate, would pass for the issuer's."""
    found = _staple.read(stapled, LEAF.certificate, ROOT.identity.certificate, s_server.NOW)
    assert (error in found.error) if error else not found.error


def test_a_staple_from_the_future_or_without_an_issuer() -> None:
    """If this failed, an answer that was made for later, or that nobody can check, would be believed."""
    stapled = s_server.staple(ROOT, LEAF)
    before = s_server.NOW - 40 * s_server.DAY
    assert "in the future" in _staple.read(stapled, LEAF.certificate, ROOT.identity.certificate, before).error
    assert "cannot be checked" in _staple.read(stapled, LEAF.certificate, None, s_server.NOW).error


@given(st.integers(min_value=0, max_value=len(s_server.staple(ROOT, LEAF)) - 1), st.integers(0, 255) | st.none())
def test_a_damaged_staple_is_never_believed(at: int, byte: int | None) -> None:
    """If this failed, DER cut or changed anywhere would raise, or a changed answer would pass."""
    whole = TWINS["good"][1]
    damaged = whole[:at] if byte is None else whole[:at] + bytes([byte]) + whole[at + 1 :]
    found = _staple.read(damaged, LEAF.certificate, ROOT.identity.certificate, s_server.NOW)
    if damaged != whole and byte is None:
        assert found.error
    if found.status not in {"", "good"}:
        assert found.error
