"""The client assertion: PyJWT, another's code, reads it as Apple would; tests/cli/check has the lab do so, too."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from abm_trace.net.reach import ReachError
from abm_trace.sources.probes import business

KEY = ec.generate_private_key(ec.SECP256R1())
ACCOUNT = business.Account("BUSINESSAPI.x", "k1", KEY, "business.api")


def test_the_assertion() -> None:
    """If this failed, Apple would answer invalid_client, whatever the key."""
    for _ in range(20):  # r and s have 32 bytes each, also where they begin with zeros.
        text = business._assertion(ACCOUNT, int(time.monotonic()) + 2_000_000_000)
        assert jwt.get_unverified_header(text) == {"alg": "ES256", "kid": "k1", "typ": "JWT"}
        claims = jwt.decode(
            text,
            KEY.public_key(),
            algorithms=["ES256"],
            audience=business._AUDIENCE,
            options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"], "verify_iat": False},
        )
        assert claims["iss"] == claims["sub"] == "BUSINESSAPI.x"
        assert claims["exp"] - claims["iat"] == 300


def test_each_assertion_is_new_and_no_secret_is_shown() -> None:
    """If this failed, a second one would be a replay, or a traceback print the key."""
    assert business._assertion(ACCOUNT, 1) != business._assertion(ACCOUNT, 1)
    assert repr(ACCOUNT) == "Account('BUSINESSAPI.x', …)"


def test_only_these_hosts() -> None:
    """If this failed, an access token could be sent to somebody else."""
    allow = business.allowed("school.api")
    for host in ("account.apple.com", "api-school.apple.com"):
        allow.host(host)
    for host in ("api-business.apple.com", "apple.com", "evil.example"):
        with pytest.raises(ReachError):
            allow.host(host)
