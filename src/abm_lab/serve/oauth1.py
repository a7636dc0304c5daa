"""OAuth 1.0a as the enrolment service wants it: a request signed with HMAC-SHA1 (RFC 5849)."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_PAIR = re.compile(r'\s*([^=\s,]+)="([^"]*)"\s*(?:,|$)')
_PORTS = {"http": 80, "https": 443}


def parameters(header: str) -> dict[str, str]:
    """What an Authorization header holds, decoded; empty where it is no OAuth header."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return {}
    return {unquote(name): unquote(value) for name, value in _PAIR.findall(rest)}


def signature(method: str, url: str, given: dict[str, str], secret: str, token_secret: str) -> str:
    """The signature of a request in base64; `given` are the parameters of its header."""
    parts = urlsplit(url)
    pairs = [(name, value) for name, value in given.items() if name not in {"realm", "oauth_signature"}]
    pairs += parse_qsl(parts.query, keep_blank_values=True)
    normal = "&".join(f"{name}={value}" for name, value in sorted((_escape(n), _escape(v)) for n, v in pairs))
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    base = f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}"
    text = "&".join(map(_escape, (method.upper(), base, normal)))
    key = f"{_escape(secret)}&{_escape(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
