"""CMS envelopes (RFC 5652), DER or PEM: what a signed one holds, who signed it, and whether the signature holds.

Signatures are verified by _signers.py, chains by _trust.py.
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from abm_trace.checks.payload.document._node import DocumentError
from abm_trace.core import ber

if TYPE_CHECKING:
    from cryptography import x509

_PEM: Final = re.compile(
    rb"-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS|SIGNED MESSAGE)-----[^\n]*\n([A-Za-z0-9+/=\s]*)(-----END )?"
)
# The head of a ContentInfo: SEQUENCE, length in one of its forms, OBJECT IDENTIFIER 1.2.840.113549.1.7.n.
_DER: Final = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07(.)", re.DOTALL
)
_KINDS: Final = {2: "signed", 3: "enveloped", 6: "encrypted"}
_ASN1_ERRORS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_SIGNERS_MAX: Final = 16
_CERTIFICATES_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Signer:
    """One who signed: the certificate (None where the message does not hold it), why the signature does not hold
    ("" where it does), the digest's name, and when the signer says it was signed (nobody else bears that out).
    """

    certificate: "x509.Certificate | None"
    problem: str
    digest: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed message: its content, its signers, its other certificates, and how many bytes follow it."""

    content: bytes
    signers: tuple[Signer, ...]
    certificates: "tuple[x509.Certificate, ...]"
    trailing_bytes: int


def kind_of(data: bytes) -> str:
    """The kind of CMS message that begins here (`signed`, `enveloped`, `encrypted`), "" for none."""
    if _PEM.match(data[:4096].lstrip()):
        return "signed"
    found = _DER.match(data[:32])
    return _KINDS.get(found[1][0], "") if found else ""


def open_cms(data: bytes) -> Envelope:
    """What a signed message holds, each signature verified. Raises DocumentError."""
    # Plain profiles need not pay for these: some 70 ms.
    from asn1crypto import cms, parser  # noqa: PLC0415

    from abm_trace.checks.payload.document import _signers  # noqa: PLC0415

    der = _der(data)
    try:
        length = parser.peek(ber.bounded(der))
        message = cms.ContentInfo.load(der[:length])
        if message["content_type"].native != "signed_data":
            raise DocumentError("the CMS message is encrypted, not signed", rule="payload-encrypted")
        signed = message["content"]
        held = signed["encap_content_info"]["content"]
        content = ber.joined(held.contents) if held.method else held.native
        if not isinstance(content, bytes):
            raise DocumentError("the CMS message holds only a signature; the profile that it signs is elsewhere")
        ders = [each.chosen.dump() for each in signed["certificates"] if each.name == "certificate"]
        certificates = tuple(read for each in ders[:_CERTIFICATES_MAX] if (read := _signers.certificate(each)))
        infos = signed["signer_infos"]
        if len(infos) > _SIGNERS_MAX:
            raise DocumentError(f"the CMS message has {len(infos):,} signers")
        signers = tuple(Signer(*_signers.judged(each, content, certificates)) for each in infos)
    except _ASN1_ERRORS as error:  # asn1crypto lets these through on damaged bytes.
        raise DocumentError("the CMS message is damaged, cut off, or in too many pieces") from error
    return Envelope(content, signers, certificates, len(der[length:].rstrip(b"\r\n\0 ")))


def _der(data: bytes) -> bytes:
    """The DER bytes of a message in DER or PEM."""
    found = _PEM.match(data.lstrip()) if kind_of(data) == "signed" and not _DER.match(data[:32]) else None
    if found is None:
        return data
    text = found[1].translate(None, b" \t\r\n\v\f")
    if not found[2] or len(text) % 4:
        raise DocumentError("the CMS message in PEM is cut off or damaged")
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise DocumentError("the CMS message in PEM is damaged") from error
