"""Client certificates: their age, their end, their purpose, and the key beside them."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.net import s_server

from abm_lab.serve.certificates import Authority, Identity
from abm_trace.checks import client_certificate as checks
from abm_trace.checks.locked import LockedError
from abm_trace.core.nouns import Origin

HERE = Origin("client.pem", "client-certificate")
ROOT = Authority("clients", s_server.AT)
CLIENT = ROOT.leaf("mdm", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
DAY = 86_400_000_000


def found(data: bytes, as_of: int = s_server.AT, password: bytes | None = None) -> list[tuple[str, str]]:
    """(severity, rule) of each finding."""
    return [(each.severity, each.id) for each in checks.check(checks.read(data, password), as_of, HERE)]


def pem(one: Identity) -> bytes:
    """Certificate and key."""
    return one.pem + one.key_pem


@pytest.mark.parametrize(
    ("data", "as_of", "expected"),
    [
        (pem(CLIENT), s_server.AT, []),
        (CLIENT.pem, s_server.AT, [("note", "certificate-key")]),
        (CLIENT.pem + ROOT.identity.key_pem, s_server.AT, [("error", "certificate-key")]),
        (pem(ROOT.leaf("server")), s_server.AT, [("error", "certificate-purpose")]),
        (pem(ROOT.identity), s_server.AT, []),  # Without an extended key usage it is for anything.
        (pem(CLIENT), s_server.AT + 390 * DAY, [("warning", "certificate-expires-soon")]),
        (pem(CLIENT), s_server.AT + 400 * DAY, [("error", "certificate-expired")]),
        (pem(CLIENT), s_server.AT - 100 * DAY, [("error", "certificate-not-yet-valid")]),
    ],
    ids=["good", "no key", "another's key", "a server's", "an authority's", "soon", "expired", "not yet"],
)
def test_good_and_bad_twins(data: bytes, as_of: int, expected: list[tuple[str, str]]) -> None:
    """If this failed, a certificate that the endpoint refuses would be called good, or a good one bad."""
    assert found(data, as_of) == expected


def test_ended_by_itself() -> None:
    """If this failed, the end would be taken from somewhere else than from the certificate."""
    late = ROOT.leaf("mdm", ended=s_server.NOW - timedelta(days=3), purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    (finding,) = checks.check(checks.read(pem(late)), s_server.AT, HERE)
    assert finding.text == "expired 3 days ago"


def test_pkcs12_and_its_password() -> None:
    """If this failed, the form in which most authorities hand certificates out could not be checked."""
    lock = serialization.BestAvailableEncryption(b"geheim")
    data = pkcs12.serialize_key_and_certificates(b"x", CLIENT.key, CLIENT.certificate, None, lock)
    assert found(data, password=b"geheim") == []
    for password in (None, b"wrong"):
        with pytest.raises(LockedError):
            checks.read(data, password)


def test_what_is_seen_quotes_no_secret() -> None:
    """If this failed, a screen would show a key, or the age could not be told."""
    text = checks.seen(CLIENT.certificate, s_server.AT)
    assert "mdm, issued by clients" in text
    assert "90 days old" in text
    assert not any(line in text for line in CLIENT.key_pem.decode().splitlines()[1:-1])


@pytest.mark.parametrize("data", [b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", b"", b"x"])
def test_damaged(data: bytes) -> None:
    """If this failed, a cut file would end the run with a fault of ours."""
    with pytest.raises(ValueError, match=r".*"):
        checks.read(data)
