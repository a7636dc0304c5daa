"""Keys that a password locks: opened, refused, and bounded."""

import time

import pytest
from asn1crypto import pkcs12 as asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st
from tests.checks.payload.building import signer

from abm_trace.checks import locked
from abm_trace.checks.locked import LockedError

KEY = ec.generate_private_key(ec.SECP256R1())
PEM, PKCS8, PKCS12 = (
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.PKCS12,
)  # fmt: skip
LOCK = serialization.BestAvailableEncryption(b"geheim")


_FEW = PKCS12.encryption_builder().kdf_rounds(1).hmac_hash(SHA256()).build(b"geheim")
_WHOLE = pkcs12.serialize_key_and_certificates(b"x", signer().key, None, None, _FEW)


def pem(*, is_locked: bool = False) -> bytes:
    """The key in PEM."""
    return KEY.private_bytes(PEM, PKCS8, LOCK if is_locked else serialization.NoEncryption())


def p12(password: bytes = b"geheim") -> bytes:
    """A certificate and its key in PKCS #12."""
    one = signer()
    return pkcs12.serialize_key_and_certificates(
        b"x", one.key, one.certificate, None, serialization.BestAvailableEncryption(password)
    )


def test_a_key_in_the_clear_and_one_that_is_locked() -> None:
    """If this failed, a key that a password locks could not be checked, or a wrong password would call it damaged."""
    assert locked.private_key(pem(), None) is not None
    assert locked.private_key(pem(), b"not needed") is not None
    assert locked.private_key(pem(is_locked=True), b"geheim") is not None
    for password in (None, b"wrong"):
        with pytest.raises(LockedError):
            locked.private_key(pem(is_locked=True), password)
    assert locked.private_key(b"hello", None) is None


def test_pkcs12() -> None:
    """If this failed, a .p12 could not be read, or a wrong password would call it damaged."""
    key, certificate = locked.open_pkcs12(p12(), b"geheim")
    assert key.public_key() == certificate.public_key()
    for password in (None, b"wrong"):
        with pytest.raises(LockedError):
            locked.open_pkcs12(p12(), password)
    assert locked.is_pkcs12(p12())
    assert not locked.is_pkcs12(signer().sign(b"x"))  # CMS begins with an object identifier.


def test_endless_rounds_are_refused_at_once() -> None:
    """If this failed, a foreign file would have us hash its password for days."""
    pfx = asn1.Pfx.load(p12())
    pfx["mac_data"]["iterations"] = 2**31 - 1
    begun = time.process_time()
    with pytest.raises(ValueError, match="more than"):
        locked.open_pkcs12(pfx.dump(force=True), b"geheim")
    assert time.process_time() - begun < 1


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 255))
def test_anything_is_told_or_refused(noise: bytes, at: int, byte: int) -> None:
    """If this failed, a damaged file would end the run with a fault of ours."""
    whole = bytearray(_WHOLE)
    whole[at % len(whole)] = byte
    for data in (noise, bytes(whole), bytes(whole[: at % len(whole)]) + noise):
        for call in (locked.private_key, locked.open_pkcs12):
            try:
                call(data, b"geheim")
            except (ValueError, LockedError):
                continue
