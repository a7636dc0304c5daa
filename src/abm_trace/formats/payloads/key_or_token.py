"""Keys, and tokens that only a key opens: recognised so that they can be named, never read."""

import re
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.payloads._interface import is_cms

FORMAT = Format(id="key-or-token", title="Private key or encrypted token", reference="docs/facts.md#key-or-token")

_SEALED = (
    "an encrypted token cannot be opened without its private key: decrypt it where the key is"
    " (openssl smime -decrypt -in TOKEN.p7m -inkey KEY.pem) and add the result"
)
_KEY = "a private key is no evidence and is not read: take it out of the case, and renew it if the case was shared"
_KINDS = (
    (re.compile(rb"(?m)^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----"), _KEY),
    (re.compile(rb"(?im)^content-type: *application/(?:x-)?pkcs7-mime"), _SEALED),
    (re.compile(rb"(?m)^-----BEGIN PGP MESSAGE-----"), "an encrypted message cannot be opened without its key"),
    # PKCS #12: SEQUENCE, INTEGER 3, SEQUENCE, OBJECT IDENTIFIER pkcs7-data.
    (
        re.compile(rb"\A\x30(?:\x82..|\x83...)\x02\x01\x03\x30", re.DOTALL),
        "a PKCS #12 store holds a private key and is not opened",
    ),
    # PKCS #8 and PKCS #1 in DER: SEQUENCE, INTEGER 0, then the algorithm or the modulus.
    (re.compile(rb"\A\x30(?:\x81.|\x82..)\x02\x01\x00(?:\x30|\x02[\x81\x82])", re.DOTALL), _KEY),
)
_HEAD_BYTES = 8192


def score(head: Head) -> float:
    """Sure of what begins as a key, or as a CMS message that is encrypted."""
    return 0.93 if _what(head.data) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """No fact, but what this is and what to do."""
    yield Skipped(content.path, _what(content.data) or "this is neither a key nor a token")


def _what(data: bytes) -> str:
    """What the bytes are, for people; "" where they are something else."""
    head = data[:_HEAD_BYTES]
    kind = is_cms(head)
    if kind == "signed_data":
        return ""
    for pattern, what in _KINDS:
        if pattern.search(head):
            return what
    return _SEALED if kind in {"enveloped_data", "encrypted_data"} else ""
