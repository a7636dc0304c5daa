"""Certificates' names: how openssl prints them, and whether a certificate is for a host."""

import contextlib
import ipaddress
from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

_SHORT: Final = {
    NameOID.COMMON_NAME: "CN", NameOID.ORGANIZATION_NAME: "O", NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COUNTRY_NAME: "C", NameOID.STATE_OR_PROVINCE_NAME: "ST", NameOID.LOCALITY_NAME: "L",
    NameOID.DOMAIN_COMPONENT: "DC", NameOID.EMAIL_ADDRESS: "emailAddress", NameOID.SERIAL_NUMBER: "serialNumber",
}  # fmt: skip
_CHARS_MAX: Final = 500


def spelled(name: x509.Name) -> str:
    """`C = US, O = Apple Inc., CN = us-east.abm.apple.com`, as openssl prints it."""
    parts = (f"{_SHORT.get(each.oid, each.oid.dotted_string)} = {_text(each.value)}" for each in name)
    return ", ".join(parts)[:_CHARS_MAX]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex()


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether a certificate is for a host or an address (RFC 9525: subject alternative names alone)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    return any(_fits(pattern.lower().rstrip("."), host) for pattern in names.get_values_for_type(x509.DNSName))


def issuer_of(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """The one that signed it, None where it is not among them: a name alone proves nothing."""
    for each in others:
        with contextlib.suppress(ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            certificate.verify_directly_issued_by(each)
            return each
    return None


def _fits(pattern: str, host: str) -> bool:
    """A `*` stands for one whole label, the first, and not before a bare top-level domain."""
    if pattern.startswith("*.") and pattern.count(".") > 1:
        first, _, rest = host.partition(".")
        return bool(first) and rest == pattern[2:]
    return pattern == host
