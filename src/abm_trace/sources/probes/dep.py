"""What the DEP service says of a server token: a session by OAuth 1.0a (RFC 5849), then the account (SPEC C1).

From: nanodep client/auth.go and transport.go; apple's own pages name `/session` and `/account`.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote

import msgspec

from abm_trace.net.allow import Allow
from abm_trace.net.http import Answer, Way, ask, url
from abm_trace.sources.probes.wall import now_us

HOST: Final = "mdmenrollment.apple.com"
_BASE: Final = f"https://{HOST}"
_KIND: Final = {"Content-Type": "application/json;charset=UTF8", "X-Server-Protocol-Version": "3"}


class ServerToken(msgspec.Struct, frozen=True):
    """A decrypted server token."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_secret: str

    def __repr__(self) -> str:
        return "ServerToken(…)"  # Its parts are secrets, and a traceback prints what it holds.


class _Session(msgspec.Struct):
    auth_session_token: str


def account(token: ServerToken, allow: Allow, way: Way) -> Answer:
    """The answer of `GET /account`, or of `GET /session` where that was refused. Raises ReachError."""
    begun = ask(url(f"{_BASE}/session"), allow, way, headers={**_KIND, "Authorization": _signed(token)})
    if begun.status != 200:
        return begun
    try:
        session = msgspec.json.decode(begun.body, type=_Session).auth_session_token
    except (msgspec.DecodeError, UnicodeDecodeError):
        return begun
    return ask(url(f"{_BASE}/account"), allow, way, headers={**_KIND, "X-ADM-Auth-Session": session})


def _signed(token: ServerToken) -> str:
    """The Authorization header of `GET /session`."""
    given = {
        "oauth_consumer_key": token.consumer_key,
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(now_us() // 1_000_000),
        "oauth_token": token.access_token,
        "oauth_version": "1.0",
    }
    normal = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in sorted(given.items()))
    base = "&".join(map(_escaped, ("GET", f"{_BASE}/session", normal)))
    key = f"{_escaped(token.consumer_secret)}&{_escaped(token.access_secret)}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    given["oauth_signature"] = base64.b64encode(digest).decode()
    return 'OAuth realm="", ' + ", ".join(f'{name}="{_escaped(value)}"' for name, value in given.items())


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
