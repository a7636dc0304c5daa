"""CMS envelopes (RFC 5652), DER or PEM: what a signed one holds, and what cannot be opened without a key."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

from abm_trace.formats._interface import FormatError

_PEM = re.compile(
    rb"-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS|SIGNED MESSAGE)-----[^\n]*\n([^-]*)(?:-----END [^\n]*)?"
)
# The head of a ContentInfo: SEQUENCE, length in one of its forms, OBJECT IDENTIFIER 1.2.840.113549.1.7.n.
_DER = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07(.)", re.DOTALL
)
_BLANK = b"\r\n\0 \t"
_KINDS = {2: "signed_data", 3: "enveloped_data", 6: "encrypted_data"}
_ASN1_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a signed CMS message holds; `trailing_bytes` stand after its end and belong to nothing."""

    content: bytes
    trailing_bytes: int


def is_cms(data: bytes) -> str:
    """The kind of CMS message that begins here (`signed_data`, `enveloped_data`, `encrypted_data`), "" for none."""
    der, _ = _der(data[:65536])
    if der is None:
        return _KINDS[2]  # Its first line says so itself; what is wrong with it is said by who opens it.
    start = _DER.match(der)
    return _KINDS.get(start[1][0], "") if start else ""


def open_cms(data: bytes) -> Envelope:
    """What a signed message holds; its signature is not checked. Raises FormatError."""
    from asn1crypto import cms, parser  # noqa: PLC0415  # 45 ms that most cases need not pay.

    der, after = _der(data)
    if der is None:
        raise FormatError("a CMS message in PEM is damaged")
    try:
        length = parser.peek(der)
        message = cms.ContentInfo.load(der[:length])
        if message["content_type"].native != "signed_data":
            raise FormatError("a CMS message is not signed but encrypted, it cannot be opened without its key")
        content = message["content"]["encap_content_info"]["content"].native
    except _ASN1_ERRORS as error:  # asn1crypto lets these through on damaged bytes.
        raise FormatError(f"a CMS message is damaged: {type(error).__name__}") from error
    if not isinstance(content, bytes):
        raise FormatError("a CMS message holds only a signature, what it signs is elsewhere")
    return Envelope(content, len(der[length:].rstrip(_BLANK)) + after)


def _der(data: bytes) -> tuple[bytes | None, int]:
    """The DER bytes of a message in DER or PEM, None where its base64 is damaged; how many follow the end of a PEM."""
    match = _PEM.search(data[:4096]) and _PEM.search(data)
    if not match:
        return data, 0
    text = b"".join(match[1].split())
    try:
        der = b64decode(text[: len(text) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        der = None
    return der, len(data[match.end() :].strip(_BLANK))
