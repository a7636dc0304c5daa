"""Keys and encrypted tokens: named, never read."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder
from cryptography.x509.oid import NameOID
from tests.formats.exports.reading import head, read

from abm_trace.formats.payloads import key_or_token, profile

KEY = rsa.generate_private_key(65537, 2048)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made up")])
CERTIFICATE = x509.CertificateBuilder(
    NAME, NAME, KEY.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
).sign(KEY, SHA256())


def sealed(encoding: Encoding) -> bytes:
    """A server token that only KEY opens."""
    return PKCS7EnvelopeBuilder().set_data(b'{"consumer_key":"CK"}').add_recipient(CERTIFICATE).encrypt(encoding, [])


@pytest.mark.parametrize(
    "data",
    [
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        sealed(Encoding.SMIME),
        sealed(Encoding.DER),
        sealed(Encoding.PEM),
    ],
    ids=range(7),
)
def test_hits_are_named_and_give_nothing_away(data: bytes) -> None:
    """If this fails, a key in the case is unseen, or a part of it comes out again."""
    assert key_or_token.score(head(data)) > profile.score(head(data))
    facts, skipped = read(key_or_token, data)
    assert not facts
    assert len(skipped) == 1
    assert "key" in skipped[0].reason
    assert not any(part in skipped[0].reason for part in ("MII", "CK", "b'"))


def test_a_miss() -> None:
    """If this fails, text that speaks of a key, or a certificate, is refused as one."""
    for data in (CERTIFICATE.public_bytes(Encoding.PEM), b"log: -----BEGIN PRIVATE KEY-----", b"", b"\x30\x03"):
        assert key_or_token.score(head(data)) == 0
