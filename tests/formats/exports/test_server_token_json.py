"""Decrypted DEP server tokens."""

import json

import pytest
from tests.formats.exports.apple import VALUES, claims, decoded
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import server_token_json

SECRETS = {
    "consumer_key": "CK_0123456789abcdef0123456789abcdef",
    "consumer_secret": "CS_SECRETONE",
    "access_token": "AT_SECRETTWO",
    "access_secret": "AS_SECRETTHREE",
}
TOKEN = SECRETS | {"access_token_expiry": "2027-05-17T08:00:00Z"}
PLAIN = json.dumps(TOKEN).encode()
MESSAGE = (
    b"Content-Type: text/plain;charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
    b"-----BEGIN MESSAGE-----\r\n" + PLAIN + b"\r\n-----END MESSAGE-----\r\n"
)


def assert_secret(data: bytes) -> None:
    """Asserts that no fact and nothing named holds a part of a secret."""
    facts, skipped = read(server_token_json, data)
    text = repr(facts) + repr(skipped)
    assert "SECRET" not in text
    assert "0123456789" not in text


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        MESSAGE,
        json.dumps(TOKEN, indent=2).encode(),
        json.dumps([TOKEN]).encode(),
        decoded(PLAIN.decode().encode("utf-16")),
        decoded(b"\xef\xbb\xbf" + MESSAGE),
    ],
)
def test_a_hit(data: bytes) -> None:
    """If this fails, a token's expiry is not known, or a secret of it is kept."""
    assert claims(data) == "server-token-json"
    facts, skipped = read(server_token_json, data)
    assert said(facts) == [("server_token", None, "cdef", {"expires_at": "2027-05-17T08:00:00Z"})]
    assert facts[0].source == "token"
    assert not skipped
    assert_secret(data)


def test_several_tokens_and_a_server_that_is_said() -> None:
    """If this fails, only the first of several tokens counts, or it is given to another server."""
    data = (
        PLAIN + b"\n" + json.dumps(TOKEN | {"dep_name": "mdm1", "access_token_expiry": "2028-01-01T00:00:00Z"}).encode()
    )
    facts, skipped = read(server_token_json, data)
    assert [fact.attrs for fact in facts] == [
        {"expires_at": "2027-05-17T08:00:00Z"},
        {"server": "mdm1", "expires_at": "2028-01-01T00:00:00Z"},
    ]
    assert not skipped


def test_what_is_damaged_is_named_and_not_quoted() -> None:
    """If this fails, a complaint about a token tells its secrets."""
    for cut in range(1, len(MESSAGE), 3):
        assert_secret(MESSAGE[:cut])
        assert_secret(MESSAGE[cut:])
    for name in TOKEN:
        for value in (*VALUES, "AS_SECRETFOUR"):
            assert_secret(json.dumps(TOKEN | {name: value}).encode())
        assert_secret(PLAIN.replace(f'"{name}": '.encode(), f'"{name}": "SECRET", "{name}": '.encode()))
    facts, skipped = read(server_token_json, PLAIN + b"SECRET rest\n" + PLAIN[:100])
    assert len(facts) == 1
    assert [thing.line for thing in skipped] == [1]
    assert_secret(b'{"consumer_secret": SECRET, "access_token_expiry": "2027-05-17T08:00:00Z"}')


def test_a_time_that_is_none_is_named() -> None:
    """If this fails, a token with a damaged expiry is said never to expire."""
    facts, skipped = read(server_token_json, json.dumps(TOKEN | {"access_token_expiry": "soon"}).encode())
    assert said(facts) == [("server_token", None, "cdef", {})]
    assert [thing.reason for thing in skipped] == ["a token's time of expiry is no time and is not used"]


def test_a_miss() -> None:
    """If this fails, another record is taken for a token."""
    for data in (b'{"access_token_expiry":"x"}', b'{"access_token":"x"}', b"text " + PLAIN, b""):
        assert server_token_json.score(head(data)) == 0
