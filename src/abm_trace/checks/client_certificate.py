"""The check of a client certificate, which is shown to the ABM endpoint over mutual TLS (SPEC K1): its age and its end.

Pure: it is given the bytes of a file (PEM, or PKCS #12) and the time. Nothing of a key is ever quoted.
"""

import warnings
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from abm_trace.checks.locked import is_pkcs12, open_pkcs12, private_key
from abm_trace.core import instants
from abm_trace.core.nouns import Finding, Origin

WARNING_DAYS: Final = 14
"""From so long before its end on a certificate is warned of. Origin: ours, as of tokens."""

DO: Final[Mapping[str, str]] = {
    "certificate-damaged": "Export the certificate anew, in PEM or as PKCS #12.",
    "certificate-expired": "Renew the certificate, and put the new one where it is shown.",
    "certificate-expires-soon": "Renew the certificate now: when it ends, the endpoint refuses every connection.",
    "certificate-not-yet-valid": "Check this computer's clock first: abm-trace check clock",
    "certificate-purpose": "Have one issued for clients (extended key usage clientAuth).",
    "certificate-key": "Put the certificate and its own key into the file.",
}
"""What to do about each finding."""

_DAY: Final = 86_400 * instants.SECOND


class Held(NamedTuple):
    """What a file holds: the certificate, and whether the key beside it is its own (None: there is no key)."""

    certificate: x509.Certificate
    own_key: bool | None


def is_certificate(data: bytes) -> bool:
    """Whether a file holds certificates in PEM, or is a PKCS #12 file."""
    return b"-----BEGIN CERTIFICATE-----" in data or is_pkcs12(data)


def read(data: bytes, password: bytes | None = None) -> Held:
    """What the file holds. Raises ValueError where it is damaged, LockedError where a password is wanted."""
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):
        if is_pkcs12(data):
            key, certificate = open_pkcs12(data, password)
        else:
            certificate = x509.load_pem_x509_certificate(data)
            key = private_key(data, password)
        return Held(certificate, None if key is None else _public(key) == _public(certificate))


def _public(of: Any) -> bytes:  # noqa: ANN401  # Each kind of key has a class of its own.
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = of.public_key().public_bytes(serialization.Encoding.DER, form)
    return found


def check(held: Held, as_of: int, origin: Origin) -> list[Finding]:
    """What is wrong with a client certificate at this time (µs UTC)."""
    made_at, ends_at = span(held.certificate)
    found = []
    if ends_at <= as_of:
        found.append(_error("certificate-expired", f"expired {_days(as_of - ends_at)} ago", origin))
    elif made_at > as_of:
        found.append(_error("certificate-not-yet-valid", f"is valid only in {_days(made_at - as_of)}", origin))
    elif ends_at - as_of < WARNING_DAYS * _DAY:
        text = f"expires in {_days(ends_at - as_of)}"
        found.append(_said("certificate-expires-soon", "warning", text, origin))
    if not _for_clients(held.certificate):
        found.append(_error("certificate-purpose", "is not one for clients (no clientAuth)", origin))
    if held.own_key is False:
        found.append(_error("certificate-key", "the key in the file is not that of the certificate", origin))
    elif held.own_key is None:
        found.append(_said("certificate-key", "note", "holds no key: by itself it cannot be shown", origin))
    return found


def seen(certificate: x509.Certificate, as_of: int) -> str:
    """What there is to see of it, for people."""
    made_at, ends_at = span(certificate)
    age = f", {_days(as_of - made_at)} old" if as_of > made_at else ""
    made, ends = instants.render(made_at), instants.render(ends_at)
    return f"{_name(certificate.subject)}, issued by {_name(certificate.issuer)}, made {made}{age}, expires {ends}"


def _name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME) or list(name)
    return str(found[0].value)[:100] if found else "nobody named"


def name(certificate: x509.Certificate) -> str:
    """What it is called: the common name of its subject."""
    return _name(certificate.subject)


def span(certificate: x509.Certificate) -> tuple[int, int]:
    """From when until when it holds, in µs UTC."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return instants.from_datetime(first, UTC), instants.from_datetime(last, UTC)


def _for_clients(certificate: x509.Certificate) -> bool:
    """Without an extended key usage it is for anything (RFC 5280, section 4.2.1.12)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except (x509.DuplicateExtension, ValueError):
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage


def _days(span: int) -> str:
    days = span // _DAY
    return f"{days:,} day{'s' * (days != 1)}" if days else f"{span // (3600 * instants.SECOND)} h"


def _error(rule: str, text: str, origin: Origin) -> Finding:
    return _said(rule, "error", text, origin)


def _said(rule: str, severity: str, text: str, origin: Origin) -> Finding:
    return Finding(rule, "check", "", severity, 100, (origin,), "", text)
