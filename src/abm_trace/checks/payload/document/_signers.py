"""Who signed a CMS message (RFC 5652), and whether each signature holds."""

import warnings
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.utils import CryptographyDeprecationWarning

_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
    "sha512": hashes.SHA512, "sha3_256": hashes.SHA3_256, "sha3_384": hashes.SHA3_384, "sha3_512": hashes.SHA3_512,
}  # fmt: skip


@lru_cache(256)
def certificate(der: bytes) -> x509.Certificate | None:
    """The certificate, None where it cannot be read: then whoever used it is unknown."""
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):
        try:
            read = x509.load_der_x509_certificate(der)
            # What is asked of it later: cryptography reads names and times when they are asked for.
            for name in (read.subject, read.issuer):
                name.rfc4514_string()
            return read if read.not_valid_before_utc <= read.not_valid_after_utc else None
        except (ValueError, TypeError, OverflowError, x509.InvalidVersion):
            return None


Judged = tuple[x509.Certificate | None, str, str, datetime | None]
"""The fields of a Signer."""


def judged(info: Any, content: bytes, certificates: tuple[x509.Certificate, ...]) -> Judged:  # noqa: ANN401  # asn1crypto has no types.
    """What is to be said of one SignerInfo; asn1crypto's errors pass through."""
    attrs = info["signed_attrs"]
    said = {each["type"].native: each["values"] for each in attrs} if attrs.native else {}
    digest = info["digest_algorithm"]["algorithm"].native
    times = said.get("signing_time")
    at = times[0].native if times is not None and len(times) else None
    at = at if isinstance(at, datetime) and at.tzinfo else None
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):  # Of odd serial numbers.
        owner = _owner(info["sid"], certificates)
    problem = _problem(info, digest, said, content, owner)
    return owner, problem, digest, at


def _owner(sid: Any, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:  # noqa: ANN401
    """The certificate that a signer names, by issuer and serial number or by key identifier."""
    if sid.name == "issuer_and_serial_number":
        issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
        same = (each for each in certificates if each.serial_number == serial)
        return next((each for each in same if each.issuer.public_bytes() == issuer), None) or next(
            (each for each in certificates if each.serial_number == serial), None
        )
    key = sid.native
    for each in certificates:
        try:
            found = each.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
            continue
        if found == key:
            return each
    return None


def _problem(info: Any, digest: str, said: dict[str, Any], content: bytes, certificate: x509.Certificate | None) -> str:  # noqa: ANN401
    """Why the signature does not hold, "" where it does."""
    if certificate is None:
        return "the signer's certificate is not in the message"
    if digest not in _HASHES:
        return f"the digest {digest} is not known"
    signed = content
    if said:
        stated = said.get("message_digest")
        hashed = hashes.Hash(_HASHES[digest]())
        hashed.update(content)
        if stated is None or not len(stated) or stated[0].native != hashed.finalize():
            return "the content was changed after it was signed"
        signed = info["signed_attrs"].untag().dump()
    try:
        _verify(certificate, info["signature"].native, signed, info["signature_algorithm"], digest)
    except InvalidSignature:
        return "the signature is not the one of the signer's key over this content"
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        return f"the signature cannot be verified ({error})"
    return ""


def _verify(certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: Any, digest: str) -> None:  # noqa: ANN401
    """Raises InvalidSignature, or UnsupportedAlgorithm for a kind of key that signs no profiles."""
    key = certificate.public_key()
    name = algorithm["algorithm"].native
    hashed = _HASHES[digest]()
    if isinstance(key, rsa.RSAPublicKey):
        if name == "rsassa_pss":
            params = algorithm["parameters"]
            hashed = _HASHES[params["hash_algorithm"]["algorithm"].native]()
            pad: padding.AsymmetricPadding = padding.PSS(padding.MGF1(hashed), params["salt_length"].native)
        else:
            pad = padding.PKCS1v15()
        key.verify(signature, signed, pad, hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(hashed))
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, signed)
    else:
        raise UnsupportedAlgorithm(f"a key of the kind {type(key).__name__}")
