"""What Apple's Business or School API lets a key do: an access token for a client assertion, and then what may be read.

Only read. From: developer.apple.com/documentation/apple-school-and-business-manager-api, implementing OAuth.
"""

import base64
import uuid
from typing import Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from abm_trace.net.allow import Allow
from abm_trace.net.http import Answer, Way, ask, url
from abm_trace.sources.probes.wall import now_us

ACCOUNT: Final = "account.apple.com"
HOSTS: Final = {"business.api": "api-business.apple.com", "school.api": "api-school.apple.com"}
"""The scopes and the API of each."""

_AUDIENCE: Final = f"https://{ACCOUNT}/auth/oauth2/v2/token"
_KIND: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE_S: Final = 300
"""How long our assertion lives: it is used at once. Origin: ours; Apple takes up to 180 days."""


class Account(NamedTuple):
    """An API account's client id, key id and key, and the scope that it is used for."""

    client_id: str
    key_id: str
    key: ec.EllipticCurvePrivateKey
    scope: str

    def __repr__(self) -> str:
        return f"Account({self.client_id!r}, …)"  # A traceback prints what it holds.


def access_token(account: Account, allow: Allow, way: Way) -> Answer:
    """The answer of the token endpoint to a new assertion. Raises ReachError."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_assertion_type": _KIND,
        "client_assertion": _assertion(account, now_us() // 1_000_000),
        "scope": account.scope,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    goal = url(f"https://{ACCOUNT}/auth/oauth2/token")
    return ask(goal, allow, way, method="POST", headers=headers, body=urlencode(form).encode())


def read(scope: str, path: str, token: str, allow: Allow, way: Way) -> Answer:
    """`GET` of a path of the API. Raises ReachError."""
    return ask(url(f"https://{HOSTS[scope]}{path}"), allow, way, headers={"Authorization": f"Bearer {token}"})


def allowed(scope: str, *more: str, loopback: bool = False) -> Allow:
    """The list of both hosts, and whoever stands in for them."""
    return Allow([ACCOUNT, HOSTS[scope], *more], loopback=loopback)


def _assertion(account: Account, now_s: int) -> str:
    """A JSON Web Token signed with ES256 (RFC 7515, RFC 7518 section 3.4)."""
    header = {"alg": "ES256", "kid": account.key_id, "typ": "JWT"}
    claims = {
        "iss": account.client_id, "sub": account.client_id, "aud": _AUDIENCE,
        "iat": now_s, "exp": now_s + _LIFE_S, "jti": str(uuid.uuid4()),
    }  # fmt: skip
    signed = b".".join(_part(msgspec.json.encode(each)) for each in (header, claims))
    numbers = decode_dss_signature(account.key.sign(signed, ec.ECDSA(SHA256())))
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    return (signed + b"." + _part(signature)).decode("ascii")


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
