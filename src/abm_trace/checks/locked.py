"""Private keys in PEM and PKCS #12 files, with the password that locks them: opened within bounds, never quoted."""

import re
from collections.abc import Iterator
from typing import Any, Final

from asn1crypto import keys, pem
from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

ROUNDS_MAX: Final = 2_000_000
"""Into how many rounds of hashing a password a foreign file may draw us. Origin: ours; openssl writes 2,048."""

_KEY: Final = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.{1,100000}?-----END \1-----", re.DOTALL)
_PFX: Final = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)\x02\x01\x03\x30", re.DOTALL)


class LockedError(Exception):
    """A password locks the key, and none was given, or it is another."""


def is_pkcs12(data: bytes) -> bool:
    """Whether a file is PKCS #12: a sequence that begins with the version 3 (RFC 7292, section 4)."""
    return _PFX.match(data) is not None


def private_key(data: bytes, password: bytes | None) -> Any:  # noqa: ANN401  # Each kind of key has a class of its own.
    """The first private key of a PEM file, None where there is none. Raises ValueError and LockedError."""
    found = _KEY.search(data)
    if found is None:
        return None
    text = found[0]
    is_locked = b"ENCRYPTED" in text
    if is_locked and password is None:
        raise LockedError
    if b"BEGIN ENCRYPTED" in text:
        _bounded(_rounds_of_key(text))
    try:
        return serialization.load_pem_private_key(text, password if is_locked else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise (LockedError if is_locked else ValueError)(str(error)) from error


def open_pkcs12(data: bytes, password: bytes | None) -> tuple[Any, x509.Certificate]:
    """The private key (None where there is none) and its certificate. Raises ValueError and LockedError."""
    _bounded(_rounds(data))
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LockedError(str(error)) from error
    leaf = certificate or next(iter(others), None)
    if leaf is None:
        raise ValueError("it holds no certificate")
    return key, leaf


def _bounded(rounds: Iterator[int]) -> None:
    """Raises ValueError for too many rounds, and where asn1crypto, which reads when it is asked, meets damage."""
    try:
        most = max(rounds, default=0)
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError("it is damaged") from error
    if most > ROUNDS_MAX:
        raise ValueError(f"its password is to be hashed more than {ROUNDS_MAX:,} times")


def _rounds_of_key(data: bytes) -> Iterator[int]:
    yield _kdf(keys.EncryptedPrivateKeyInfo.load(pem.unarmor(data)[2])["encryption_algorithm"])


def _rounds(data: bytes) -> Iterator[int]:
    """How often the password of a PKCS #12 file is to be hashed, where that is said in the clear."""
    pfx = asn1.Pfx.load(data)
    if pfx["mac_data"].native is not None:
        yield int(pfx["mac_data"]["iterations"].native)
    for info in pfx.authenticated_safe:
        if info["content_type"].native == "encrypted_data":
            yield _kdf(info["content"]["encrypted_content_info"]["content_encryption_algorithm"])
        elif info["content_type"].native == "data":
            for bag in asn1.SafeContents.load(info["content"].native):
                if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                    yield _kdf(bag["bag_value"]["encryption_algorithm"])


def _kdf(algorithm: Any) -> int:  # noqa: ANN401  # asn1crypto has no types.
    try:
        return int(algorithm.kdf_iterations)
    except (ValueError, TypeError, KeyError):
        return 0  # One without rounds, such as scrypt, which OpenSSL bounds by itself.
