"""What is wrong with a token at a time."""

import pytest

from abm_trace.checks import token
from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin

NOW = instants.parse("2026-11-26T12:00:00Z")
HERE = Origin("token.json", "token", line=1)


def ago(days: float) -> str:
    """The stamp of so many days ago."""
    return instants.render(NOW - round(days * token.DAY))


def ids(kind: str = "token", **attrs: str) -> dict[str, str]:
    """Severity by id of what is found."""
    found = token.check(Fact(kind, None, "token", "tok_1", attrs, HERE), NOW)
    assert all(each.id in token.DO for each in found)
    return {each.id: each.severity for each in found}


def test_a_sound_token() -> None:
    """If this failed, a token that holds would be renewed for nothing."""
    assert ids(expires_at=ago(-60), created_at=ago(5), last_used_at=ago(0.1)) == {}


@pytest.mark.parametrize(
    ("attrs", "found"),
    [
        ({"expires_at": ago(0)}, {"token-expired": "error"}),
        ({"expires_at": ago(400)}, {"token-expired": "error"}),
        ({"expires_at": ago(-13.9)}, {"token-expires-soon": "warning"}),
        ({"expires_at": ago(-14.1)}, {}),
        ({"expires_at": ago(-60), "created_at": ago(30.1)}, {"token-rotation-due": "warning"}),
        ({"expires_at": ago(-60), "created_at": ago(29.9)}, {}),
        ({"expires_at": ago(-60), "last_used_at": ago(8)}, {"token-unused": "warning"}),
        ({}, {"token-without-end": "warning"}),
    ],
)
def test_each_finding(attrs: dict[str, str], found: dict[str, str]) -> None:
    """If this failed, a token would end without a warning, or never be rotated."""
    assert ids(**attrs) == found


def test_a_server_token_may_write_and_is_not_rotated_monthly() -> None:
    """If this failed, a key that can do more than read would be taken for one that cannot."""
    assert ids("server_token", expires_at=ago(-200), created_at=ago(100)) == {"may-write": "note"}


@pytest.mark.parametrize(
    ("days", "found"), [(1, []), (4, ["cursor-ages"]), (6.9, ["cursor-ages"]), (7.1, ["cursor-expired"])]
)
def test_the_age_of_a_sync(days: float, found: list[str]) -> None:
    """If this failed, a cursor would expire unseen, and every new device be missed."""
    assert [each.id for each in token.cursor(NOW - round(days * token.DAY), NOW, HERE)] == found


@pytest.mark.parametrize(
    ("status", "body", "ended", "rule", "layer", "cause"),
    [
        (204, b"", False, "token-region", "L4", ""),
        (401, b"", False, "token-refused", "", ""),
        (401, b'"token_rejected"', True, "token-expired", "L0", "token_expired"),
        (403, b'"T_C_NOT_SIGNED"', False, "terms-not-accepted", "L0", "terms_not_accepted"),
        (403, b"ACCESS_DENIED", False, "token-denied", "", ""),
        (404, b"", False, "token-unknown", "", ""),
    ],
)
def test_what_a_refusal_means(*, status: int, body: bytes, ended: bool, rule: str, layer: str, cause: str) -> None:
    """If this failed, a wrong clock would be called an expired token, or new terms a broken one."""
    found = token.refused(status, body, HERE, ended=ended)
    assert found
    assert (found.id, found.layer, found.cause, found.severity) == (rule, layer, cause, "error")
    assert rule in token.DO


@pytest.mark.parametrize("status", [201, 301, 302, 400, 429, 500, 503])
def test_what_says_nothing_of_a_token(status: int) -> None:
    """If this failed, a token would be replaced because a service was down, or a portal in between."""
    assert token.refused(status, b'"UNEXPECTED_ERROR"', HERE, ended=True) is None
