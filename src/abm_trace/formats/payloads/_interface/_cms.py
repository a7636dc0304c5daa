"""CMS envelopes (RFC 5652), DER, PEM or as mail (RFC 8551): what a signed one holds, and what only a key opens."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

from abm_trace.core import ber
from abm_trace.formats._interface import FormatError

_PEM = re.compile(
    rb"-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS|SIGNED MESSAGE)-----[^\n]*\n([^-]*)(?:-----END [^\n]*)?"
)
# The head of a ContentInfo: SEQUENCE, length in one of its forms, OBJECT IDENTIFIER 1.2.840.113549.1.7.n.
_DER = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07(.)", re.DOTALL
)
# What `openssl smime` and `openssl cms` write unless told not to: headers of mail, a blank line, base64.
_MAIL = re.compile(rb"(?i)\A(?:MIME-Version|Content-[a-z-]{1,40}|To|From|Subject): ")
_MAIL_CMS = re.compile(rb"(?im)^content-type:[ \t]*application/(?:x-)?pkcs7-mime")
_SAYS_SIGNED = re.compile(rb"(?i)\bsmime-type=\"?signed-data")
_IN_CLEAR = re.compile(rb"(?im)^content-type:[ \t]*multipart/signed\b[^\n]*(?:\r?\n[ \t][^\n]*)*")
_BOUNDARY = re.compile(rb"(?i)\bboundary=\"?([^\"\r\n;]{1,100})")
_BODY = re.compile(rb"\r?\n\r?\n")
_MAIL_HEAD_BYTES = 4096
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
    start = _DER.match(der) if der else None
    if start is None and (der is None or is_mail(data)):  # Its first lines say what it is; who opens it, what is wrong.
        return _KINDS[3 if is_mail(data) and not _SAYS_SIGNED.search(data[:_MAIL_HEAD_BYTES]) else 2]
    return _KINDS.get(start[1][0], "") if start else ""


def open_cms(data: bytes) -> Envelope:
    """What a signed message holds; its signature is not checked. Raises FormatError."""
    from asn1crypto import cms, parser  # noqa: PLC0415  # 45 ms that most cases need not pay.

    der, after = _der(data)
    if der is None:
        raise FormatError("a CMS message in base64 is damaged")
    try:
        length = parser.peek(ber.bounded(der))
        message = cms.ContentInfo.load(der[:length])
        if message["content_type"].native != "signed_data":
            raise FormatError("a CMS message is not signed but encrypted, it cannot be opened without its key")
        held = message["content"]["encap_content_info"]["content"]
        content = ber.joined(held.contents) if held.method else held.native
    except _ASN1_ERRORS as error:  # asn1crypto lets these through on damaged bytes.
        raise FormatError("a CMS message is damaged or cut, its parts do not fit together") from error
    if not isinstance(content, bytes):
        raise FormatError("a CMS message holds only a signature, what it signs is elsewhere")
    return Envelope(content, len(der[length:].rstrip(_BLANK)) + after)


def is_mail(data: bytes) -> bool:
    """Whether a CMS message begins here that is wrapped as mail, `Content-Type: application/pkcs7-mime`."""
    return _mail(data) is not None


def in_clear(data: bytes) -> bytes | None:
    """What a `multipart/signed` mail signs (`openssl smime -sign` without -nodetach), None for anything else."""
    head = data[:_MAIL_HEAD_BYTES]
    said = _IN_CLEAR.search(head) if _MAIL.match(head) else None
    boundary = _BOUNDARY.search(said[0]) if said else None
    if not said or not boundary:
        return None
    line = b"\n--" + boundary[1]
    _, _, part = data[said.end() :].partition(line)
    return part.partition(line)[0].partition(b"\n")[2].lstrip(_BLANK)


def _mail(data: bytes) -> bytes | None:
    """What stands behind the headers of such a mail."""
    head = data[:_MAIL_HEAD_BYTES]
    end = _BODY.search(head) if _MAIL.match(head) else None
    return data[end.end() :] if end and _MAIL_CMS.search(head, 0, end.start()) else None


def _der(data: bytes) -> tuple[bytes | None, int]:
    """The DER bytes of a message, None where its base64 is damaged; how many follow the end of a PEM."""
    if (body := _mail(data)) is not None:
        return _decoded(body), 0
    match = _PEM.search(data[:4096]) and _PEM.search(data)
    return (_decoded(match[1]), len(data[match.end() :].strip(_BLANK))) if match else (data, 0)


def _decoded(text: bytes) -> bytes | None:
    text = b"".join(text.split())
    try:
        return b64decode(text[: len(text) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return None
