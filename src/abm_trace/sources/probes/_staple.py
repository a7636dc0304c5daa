"""A stapled OCSP answer: what it says of a certificate, and whether it may be believed (RFC 6960)."""

import hashlib
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

_SKEW: Final = timedelta(minutes=5)
"""By how much a responder's clock may be ahead of ours. Origin: ours."""

_ANSWERS_MAX: Final = 1000


class Staple(NamedTuple):
    """What a staple says: `good`, `revoked`, `unknown`, until when, and why it cannot be believed ("" if it can)."""

    status: str = ""
    made_at: datetime | None = None
    until: datetime | None = None
    error: str = ""


def read(der: bytes, leaf: x509.Certificate, issuer: x509.Certificate | None, now: datetime) -> Staple:
    """The answer about `leaf`, which `issuer` signed (None: nobody served it). Raises nothing: see `error`."""
    try:
        answer = ocsp.load_der_ocsp_response(der)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple(error=f"the responder answered {answer.response_status.name.lower()}")
        return _about(answer, leaf, issuer, now)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, TypeError):
        return Staple(error="it is damaged, no OCSP answer")


def _about(answer: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate | None, now: datetime) -> Staple:
    mine = None
    for number, each in enumerate(answer.responses):
        if each.serial_number == leaf.serial_number and (issuer is None or _is_of(each, issuer)):
            mine = each
            break
        if number > _ANSWERS_MAX:
            break
    if mine is None:
        return Staple(error="it is for another certificate")
    made_at, until = mine.this_update_utc, mine.next_update_utc
    error = "the certificate's issuer is not known, so that its signature cannot be checked"
    if issuer is not None:
        error = "" if _is_signed(answer, issuer, now) else "its signature is not the issuer's"
    if not error and made_at > now + _SKEW:
        error = f"it is made in the future ({made_at:%Y-%m-%d %H:%M} UTC)"
    return Staple(mine.certificate_status.name.lower(), made_at, until, error)


def _is_of(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether an answer is about a certificate of this issuer: its name and its key by their digests."""
    key = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    name = hashlib.new(single.hash_algorithm.name, issuer.subject.public_bytes()).digest()
    return single.issuer_name_hash == name and single.issuer_key_hash == _key_hash(key, single.hash_algorithm)


def _key_hash(info: bytes, algorithm: HashAlgorithm) -> bytes:
    """The digest of the bit string inside of a SubjectPublicKeyInfo."""
    from asn1crypto.keys import PublicKeyInfo  # noqa: PLC0415  # A staple is read once a probe.

    inner = PublicKeyInfo.load(info)["public_key"]
    return hashlib.new(algorithm.name, inner.contents[1:]).digest()


def _is_signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> bool:
    """Whether the issuer signed it, or a responder that the issuer certified for this (RFC 6960, section 4.2.2.2)."""
    signers = [issuer, *(each for each in answer.certificates if _is_delegate(each, issuer, now))]
    return any(_verifies(answer, each) for each in signers)


def _is_delegate(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, InvalidSignature, ValueError, TypeError):
        return False
    valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verifies(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, digest = signer.public_key(), answer.signature_hash_algorithm
    signature, data = answer.signature, answer.tbs_response_bytes
    try:
        match key:
            case rsa.RSAPublicKey() if digest is not None:
                key.verify(signature, data, padding.PKCS1v15(), digest)
            case ec.EllipticCurvePublicKey() if digest is not None:
                key.verify(signature, data, ec.ECDSA(digest))
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                key.verify(signature, data)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
