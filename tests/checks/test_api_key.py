"""API keys, their ids, and assertions: PyJWT, another's code, makes the assertions that are checked here."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.checks import api_key as checks
from abm_trace.checks.locked import LockedError
from abm_trace.core import instants
from abm_trace.core.nouns import Finding, Origin

NOW = instants.parse("2026-11-26T12:00:00Z")
NOW_S = NOW // instants.SECOND
DAY_S = 86_400
HERE = Origin("key.pem", "api-key")
KEY = ec.generate_private_key(ec.SECP256R1())
CLIENT = "BUSINESSAPI.9703f56c"


def pem(key: Any, password: bytes | None = None) -> bytes:  # noqa: ANN401  # Keys of several kinds.
    """A key in PEM."""
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    data: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    return data


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (pem(KEY), ""),
        (KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                           serialization.NoEncryption()), ""),
        (pem(ec.generate_private_key(ec.SECP384R1())), "key-kind"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "key-kind"),
        (pem(rsa.generate_private_key(65537, 2048)), "key-kind"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "key-kind"),
        (pem(KEY)[:100], "key-damaged"),
        (b"-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n", "key-damaged"),
    ],
    ids=["PKCS #8", "SEC 1", "P-384", "secp256k1", "RSA", "Ed25519", "cut", "no key"],
)  # fmt: skip
def test_the_key(data: bytes, rule: str) -> None:
    """If this failed, a key that Apple cannot have handed out would pass, or a good one not."""
    found = checks.key(data, HERE)
    assert (found.id if isinstance(found, Finding) else "") == rule
    assert checks.is_key(data)


def test_a_locked_key() -> None:
    """If this failed, a key with a password would be called damaged."""
    with pytest.raises(LockedError):
        checks.key(pem(KEY, b"x"), HERE)
    assert not isinstance(checks.key(pem(KEY, b"x"), HERE, b"x"), Finding)


@pytest.mark.parametrize(("mode", "found"), [(0o100600, 0), (0o100400, 0), (0o100640, 1), (0o100604, 1), (0o100620, 1)])
def test_the_mode(mode: int, found: int) -> None:
    """If this failed, a key that everybody can read would pass."""
    assert len(checks.readable(mode, HERE)) == found


@pytest.mark.parametrize(
    ("client", "key", "scope", "expected"),
    [
        (CLIENT, "k", "", []),
        (CLIENT, "k", "business.api", []),
        ("SCHOOLAPI.x", "k", "school.api", []),
        (CLIENT, "k", "school.api", [("error", "key-scope")]),
        ("9703f56c", "k", "business.api", [("warning", "key-ids")]),
        ("k", CLIENT, "", [("error", "key-ids")]),
        (CLIENT, CLIENT, "", [("error", "key-ids")]),
        ("", "", "", []),
    ],
)
def test_the_ids(client: str, key: str, scope: str, expected: list[tuple[str, str]]) -> None:
    """If this failed, ids that were mixed up would only show as a refusal without a reason."""
    assert [(each.severity, each.id) for each in checks.ids(client, key, scope, HERE)] == expected


def assertion(claims: Mapping[str, object], *, key: Any = KEY, kid: str | None = "k", alg: str = "ES256") -> bytes:  # noqa: ANN401
    """An assertion with these claims over sound ones; None takes one out."""
    sound = {"iss": CLIENT, "sub": CLIENT, "aud": checks.AUDIENCE, "iat": NOW_S - DAY_S, "exp": NOW_S + 90 * DAY_S}
    held = {name: value for name, value in {**sound, "jti": "j", **claims}.items() if value is not None}
    return jwt.encode(held, key, alg, {"kid": kid} if kid else None).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (assertion({}), []),
        (assertion({"iat": NOW_S - 10, "exp": NOW_S + 290}), []),  # One that is used at once need not warn.
        (assertion({"iat": NOW_S, "exp": NOW_S + 180 * DAY_S}), []),
        (assertion({"iat": NOW_S, "exp": NOW_S + 180 * DAY_S + 86_400}), ["assertion-too-long"]),
        (assertion({"exp": NOW_S}), ["assertion-expired"]),
        (assertion({"exp": NOW_S + 13 * DAY_S}), ["assertion-expires-soon"]),
        (assertion({"aud": "https://appleid.apple.com"}), ["assertion-claims"]),
        (assertion({"iss": "55155430"}), ["assertion-claims"]),
        (assertion({"jti": None, "iat": None}), ["assertion-claims", "assertion-claims"]),
        (assertion({}, kid=None), ["assertion-claims"]),
        (assertion({}, key=ec.generate_private_key(ec.SECP256R1())), ["assertion-signature"]),
        (assertion({}, key="s" * 40, alg="HS256"), ["assertion-claims", "assertion-signature"]),
        (assertion({"iat": -5, "exp": 1 << 60}), []),
        (b"eyJhbGciOiJFUzI1NiJ9.e30", ["assertion-damaged"]),
        (b"eyJ4.e30.AAAA", ["assertion-damaged"]),
    ],
)
def test_assertions(data: bytes, expected: list[str]) -> None:
    """If this failed, an assertion that Apple refuses would pass, or the last day of one come unannounced."""
    assert [each.id for each in checks.assertion(data, NOW, HERE, KEY)] == expected


def test_what_is_seen_of_an_assertion() -> None:
    """If this failed, the end would not be shown, or the assertion itself would."""
    data = assertion({})
    text = checks.seen(data)
    assert text == "made 2026-11-25T12:00:00Z, expires 2027-02-24T12:00:00Z"
    assert checks.is_assertion(data)
    assert not checks.is_assertion(b"hello")
    assert checks.seen(b"eyJ4.e30.AAAA") == ""


@given(st.binary(max_size=200))
def test_any_token_is_told(noise: bytes) -> None:
    """If this failed, a hostile token would end the run with a fault of ours."""
    from base64 import urlsafe_b64encode  # noqa: PLC0415  # Here alone.

    part = urlsafe_b64encode(noise).rstrip(b"=")
    for data in (noise, b"eyJ" + part + b"." + part + b"." + part, b"eyJhbGciOiJFUzI1NiJ9." + part + b".AA"):
        checks.assertion(data, NOW, HERE, KEY)
        checks.seen(data)


@pytest.mark.parametrize(
    ("status", "body", "rule"),
    [
        (400, b'{"error":"invalid_client"}', "key-refused"),
        (401, b"", "key-refused"),
        (400, b'{"error":"invalid_scope"}', "key-scope"),
        (400, b'{"error":"invalid_request"}', ""),  # Also where it was asked too often.
        (302, b"<html>", ""),
        (429, b'{"error":1}', ""),
    ],
)
def test_refusals_are_told_apart(status: int, body: bytes, rule: str) -> None:
    """If this failed, a revoked key, a wrong scope and a portal would look alike."""
    found = checks.refused(status, body, HERE)
    assert (found.id if found else "") == rule


def test_what_may_not_be_read_is_a_warning() -> None:
    """If this failed, an account with fewer permissions would be called refused."""
    found = [checks.denied(status, "devices", HERE) for status in (403, 401, 302)]
    assert [each and (each.severity, each.id) for each in found] == [
        ("warning", "key-denied"),
        ("error", "key-refused"),
        None,
    ]
    assert checks.may_write(HERE).severity == "note"


def test_each_finding_says_what_to_do() -> None:
    """If this failed, somebody at 04:00 would be told what is wrong and not what to do."""
    assert all(checks.DO.values())
