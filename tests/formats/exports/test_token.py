"""ABM tokens."""

from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import token

RAW = (
    b'{"id":"tok_1","region":"us-east","tokenExpiry":"2026-06-01T00:00:00Z","lastUsedAt":"2026-05-17T10:47:12+02:00",'
    b'"createdAt":null}'
)


def test_a_hit() -> None:
    """If this fails, a token's region or expiry is not known."""
    attrs = {
        "token_id": "tok_1",
        "region": "us-east",
        "expires_at": "2026-06-01T00:00:00Z",
        "last_used_at": "2026-05-17T08:47:12Z",
    }
    for data in (RAW, b"[" + RAW + b"]", b'{"tokens":[' + RAW + b"]}"):
        assert token.score(head(data)) > 0.8
        assert said(read(token, data)[0]) == [("token", None, "tok_1", attrs)]


def test_a_time_that_each_record_has_is_written_once() -> None:
    """If this fails, a third of the time goes into writing when 300,000 tokens end."""
    token._rendered.cache_clear()
    assert len(read(token, RAW + b"\n" + RAW.replace(b"tok_1", b"tok_2") + b"\n" + RAW)[0]) == 3
    assert token._rendered.cache_info().misses == 2


def test_wrong_types_are_named() -> None:
    """If this fails, a token of wrong types is silently one without an expiry."""
    facts, skipped = read(token, b'{"id":"tok_9","region":["us-east"],"tokenExpiry":12345,"lastUsedAt":{}}')
    assert said(facts) == [("token", None, "tok_9", {"token_id": "tok_9"})]
    assert len(skipped) == 3


def test_an_expiry_that_is_null_is_named() -> None:
    """If this fails, a token of which nobody knows when it ends is silently one that does not."""
    assert not read(token, RAW)[1]
    _, skipped = read(token, b'{"id":"tok_1","region":"us-east","tokenExpiry":null}')
    assert [thing.reason for thing in skipped] == [
        "a token does not say until when it is valid, its tokenExpiry is empty"
    ]


def test_a_miss() -> None:
    """If this fails, other records are taken for tokens."""
    assert token.score(head(b'{"id":"evt_1","region":"us-east","token_id":"tok_1"}')) == 0
