"""What is told of whole MDM servers."""

from tests.verdict.apple import case, failed, synced
from tests.verdict.facts import DAY, at, fact

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.verdict.servers import sentences


def token(second: float, server: str) -> tuple[str, str, Fact]:
    """A server's token that expires then."""
    return "server", server, fact("server_token", None, "token", expires_at=instants.render(at(second)))


def told(*wide: tuple[str, str, Fact]) -> tuple[str, ...]:
    """What is told a day after."""
    return sentences(case(wide=wide).servers, at(DAY))


def test_a_server_that_fails_at_the_end_and_an_expired_token_are_told() -> None:
    """If this failed, a case that names no device would hide why no device ever came (a failed sync, a dead token)."""
    assert told(failed("", 60, "NO_AGENT", "dep"), token(30, "dep"), token(0, "other")) == (
        "dep: its last try to sync failed, 2026-05-17T03:48:00Z (NO_AGENT), its token expired 2026-05-17T03:47:30Z",
        "other: its token expired 2026-05-17T03:47:00Z",
    )


def test_what_is_over_or_not_yet_is_not_told() -> None:
    """If this failed, a sync that went well since, or a token of tomorrow, would alarm somebody."""
    assert told(failed("terms_not_accepted", 60), synced(120), token(2 * DAY, "mdm-one")) == ()
    assert told(("server", "x", fact("server_token", None, "token", expires_at="never"))) == ()
    assert told() == ()


def test_many_are_counted() -> None:
    """If this failed, fifty servers would push the answer off the screen."""
    found = told(*(failed("", 60, "FORBIDDEN", f"s{number}") for number in range(7)))
    assert len(found) == 6
    assert found[-1] == "2 more have such trouble"
