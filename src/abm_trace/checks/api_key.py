"""The check of a key of Apple's Business or School API (SPEC C1, S11): the key, its ids, assertions that it signed.

Pure: it is given bytes, answers and the time. Nothing of a key, an assertion or an access token is ever quoted.
From: developer.apple.com/documentation/apple-school-and-business-manager-api/implementing-oauth-for-the-apple-school-
manager-and-apple-business-api, and support.apple.com/guide/business/axm33189f66a (what an API account may be let do).
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from abm_trace.checks.locked import private_key
from abm_trace.core import instants
from abm_trace.core.nouns import Finding, Origin

AUDIENCE: Final = "https://account.apple.com/auth/oauth2/v2/token"
ASSERTION_DAYS: Final = 180
"""How long a client assertion may live. Origin: vendor (as above)."""

WARNING_DAYS: Final = 14
"""From so long before its end on an assertion is warned of. Origin: ours."""

SCOPES: Final[Mapping[str, str]] = {"BUSINESSAPI.": "business.api", "SCHOOLAPI.": "school.api"}
"""How a client id begins, and the scope that goes with it. Origin: measured (ids that people show in public)."""

DO: Final[Mapping[str, str]] = {
    "key-damaged": "Get a new key in Apple Business, at the API account: a key can be downloaded once.",
    "key-kind": "Use the key that Apple Business handed out for the API account: EC on P-256.",
    "file-readable": "Take it from the others: chmod 600 FILE",
    "key-ids": "Copy client id and key id anew from the API account: Apple Business shows both.",
    "key-scope": "Use the scope of the client id: business.api for BUSINESSAPI., school.api for SCHOOLAPI.",
    "key-refused": "See in Apple Business whether key and ids go together and the key is not revoked, and whether this "
    "clock is right: abm-trace check clock",
    "key-denied": "If that is to be read, give the API account the permission in Apple Business.",
    "may-write": "See the API account's permissions in Apple Business: for reading it needs none to assign devices.",
    "assertion-damaged": "Make it anew: header, claims and signature, each in base64url.",
    "assertion-claims": "Make it anew: alg ES256, kid the key id, iss and sub the client id, aud Apple's own.",
    "assertion-too-long": "Make it anew: exp at most 180 days after iat.",
    "assertion-expired": "Make it anew: whoever uses this one gets no access token any more.",
    "assertion-expires-soon": "Make it anew before that; better, have a new one made for each access token.",
    "assertion-signature": "Make it anew with this key.",
}
"""What to do about each finding."""

_DAY: Final = 86_400 * instants.SECOND
_JWT: Final = re.compile(rb"\s*(eyJ[A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\s*\Z")


def is_key(data: bytes) -> bool:
    """Whether a file is a private key in PEM, and no certificate beside it."""
    return b"PRIVATE KEY-----" in data and b"BEGIN CERTIFICATE-----" not in data


def is_assertion(data: bytes) -> bool:
    """Whether a file is a signed assertion (JWT)."""
    return _JWT.match(data) is not None


def key(data: bytes, origin: Origin, password: bytes | None = None) -> ec.EllipticCurvePrivateKey | Finding:
    """The key, or what is wrong with it. Raises LockedError for one that a password locks, where it is not given."""
    try:
        found = private_key(data, password)
    except ValueError:
        found = None
    if found is None:
        return _error("key-damaged", "is no private key in PEM that can be read", origin)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        kind = type(found).__name__.strip("_").removesuffix("PrivateKey")
        return _error("key-kind", f"is a key of another kind ({kind}): Apple's are EC on P-256", origin)
    if not isinstance(found.curve, ec.SECP256R1):
        return _error("key-kind", f"is on the curve {found.curve.name}: ES256 needs P-256 (secp256r1)", origin)
    return found


def readable(mode: int, origin: Origin) -> list[Finding]:
    """What is wrong with the mode of a file that holds a secret."""
    if mode & 0o077:
        text = f"others may read or change the file (mode {mode & 0o777:o})"
        return [_said("file-readable", "warning", text, origin)]
    return []


def ids(client_id: str, key_id: str, scope: str, origin: Origin) -> Iterator[Finding]:
    """What is wrong with the ids that go with a key; "" for what was not named."""
    begin = next((each for each in SCOPES if client_id.startswith(each)), "")
    if key_id.startswith(tuple(SCOPES)) or (key_id and key_id == client_id):
        yield _error("key-ids", "what is given as the key id is a client id", origin)
    elif client_id and not begin:
        text = f"the client id begins with neither {' nor '.join(SCOPES)}"
        yield _said("key-ids", "warning", text, origin)
    if begin and scope and SCOPES[begin] != scope:
        yield _error("key-scope", f"the client is one for {SCOPES[begin]}, not for {scope}", origin)


def assertion(data: bytes, as_of: int, origin: Origin, key: ec.EllipticCurvePrivateKey | None) -> list[Finding]:
    """What is wrong with a saved assertion at this time (µs UTC), or with its signature by `key`, if it is given."""
    parts = _JWT.match(data)
    try:
        header, claims = (msgspec.json.decode(_decoded(part), type=dict[str, Any]) for part in parts.groups()[:2])  # type: ignore[union-attr]  # None is caught below.
        signature = _decoded(parts[3])  # type: ignore[index]
    except (AttributeError, ValueError, binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        return [_error("assertion-damaged", "is no JSON Web Token that can be read", origin)]
    found = [_error("assertion-claims", text, origin) for text in _claims(header, claims)]
    made_at, ends_at = (_instant(claims.get(name)) for name in ("iat", "exp"))
    if made_at is not None and ends_at is not None and ends_at - made_at > ASSERTION_DAYS * _DAY:
        text = f"lives {(ends_at - made_at) // _DAY:,} days: Apple takes at most {ASSERTION_DAYS}"
        found.append(_error("assertion-too-long", text, origin))
    if ends_at is not None and ends_at <= as_of:
        found.append(_error("assertion-expired", f"expired at {instants.render(ends_at)}", origin))
    elif ends_at is not None and ends_at - as_of < WARNING_DAYS * _DAY and ends_at - (made_at or 0) > _DAY:
        found.append(_said("assertion-expires-soon", "warning", f"expires at {instants.render(ends_at)}", origin))
    if key is not None and parts is not None and not _signed(parts[1] + b"." + parts[2], signature, key):
        found.append(_error("assertion-signature", "is not signed by this key", origin))
    return found


def seen(data: bytes) -> str:
    """What there is to see of an assertion, for people: from when until when it holds."""
    try:
        parts = _JWT.match(data)
        claims = msgspec.json.decode(_decoded(parts[2]), type=dict[str, Any]) if parts else {}
    except (ValueError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
    made_at, ends_at = (_instant(claims.get(name)) for name in ("iat", "exp"))
    made = f"made {instants.render(made_at)}" if made_at is not None else ""
    ends = f"expires {instants.render(ends_at)}" if ends_at is not None else ""
    return ", ".join(filter(None, (made, ends)))


def _claims(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Iterator[str]:
    if header.get("alg") != "ES256":
        yield "is not signed with ES256"
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        yield "names no key id (kid)"
    if not isinstance(claims.get("sub"), str) or claims["sub"] != claims.get("iss"):
        yield "its iss and sub are not the same client id"
    if claims.get("aud") != AUDIENCE:
        yield f"its aud is not {AUDIENCE}"
    yield from (f"has no {name}" for name in ("iat", "exp", "jti") if claims.get(name) is None)


def _signed(data: bytes, signature: bytes, key: ec.EllipticCurvePrivateKey) -> bool:
    """Whether the signature (r and s, 32 bytes each: RFC 7518, section 3.4) is this key's."""
    try:
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        key.public_key().verify(der, data, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return len(signature) == 64


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _instant(seconds: object) -> int | None:
    """µs UTC of seconds since 1970, None for what is none."""
    sound = isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 1 << 34
    return int(seconds) * instants.SECOND if sound and isinstance(seconds, int) else None


class _OAuthError(msgspec.Struct):
    error: str


def refused(status: int, body: bytes, origin: Origin) -> Finding | None:
    """What an answer without an access token says of the key and its ids (RFC 6749, section 5.2); None for nothing.

    Apple answers 400 without one of these codes, too, where access tokens are asked for too often (pyaxm's README).
    """
    try:
        code = msgspec.json.decode(body, type=_OAuthError).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        code = ""
    if code == "invalid_scope":
        return _error("key-scope", "the key is not one for this scope (invalid_scope)", origin)
    if code == "invalid_client" or status in {401, 403}:
        why = "invalid_client" if code == "invalid_client" else status
        text = f"is refused ({why}): key and ids do not go together, it is revoked, or this clock is wrong"
        return _error("key-refused", text, origin)
    return None


def denied(status: int, what: str, origin: Origin) -> Finding | None:
    """What an answer other than 200 to a question says of the key; None for nothing."""
    if status == 401:
        return _error("key-refused", "the access token is refused right after it was given (401)", origin)
    if status == 403:
        return _said("key-denied", "warning", f"may not read {what} (403)", origin)
    return None


def may_write(origin: Origin) -> Finding:
    """What cannot be asked without doing it."""
    text = "whether it may assign devices, too, is not asked: asking would be assigning"
    return _said("may-write", "note", text, origin)


def _error(rule: str, text: str, origin: Origin) -> Finding:
    return _said(rule, "error", text, origin)


def _said(rule: str, severity: str, text: str, origin: Origin) -> Finding:
    return Finding(rule, "check", "", severity, 100, (origin,), "", text)
