"""Tokens: their state at each edge, what nothing says, what is replaced, the order of the plan, and no secret."""

import random

import pytest

from abm_trace.core import instants
from abm_trace.core.nouns import Device, Fact, Origin, Reading
from abm_trace.views.tokens import DAY, Servers, Token, tokens

NOW = instants.parse("2026-05-17T12:00:00Z")


def stamp(days: float) -> str:
    """So many days from now."""
    return instants.render(NOW + round(days * DAY))


def abm(name: str = "tok_1", line: int = 1, **days: float) -> Fact:
    """An ABM token; `created_at=-3` is three days ago."""
    attrs = {"token_id": name, "region": "us-east", **{key: stamp(each) for key, each in days.items()}}
    return Fact("token", None, "token", name, attrs, Origin(f"tokens/{name}.json", "token", 0, 9, line, 0, "00"))


def server(name: str, expires: float, path: str = "", key: str = "0000") -> Fact:
    """A server's token."""
    attrs = {"server": name, "expires_at": stamp(expires)}
    return Fact("server_token", None, "token", key, attrs, Origin(path or f"{name}.json", "x", 0, 9, 1, 0, "00"))


def listed(*facts: Fact, servers: Servers | None = None, devices: tuple[Device, ...] = ()) -> list[Token]:
    """The tokens of these facts."""
    return tokens([Reading("x", "token", "", facts=facts)], devices, servers or Servers({}, {}), NOW)


@pytest.mark.parametrize(
    ("created", "expires", "state", "rotate", "warnings"),
    [
        (-3, 300, "good", 27, ()),
        (-29.99, 300, "good", 0.01, ()),
        (-30, 300, "overdue", 0, ("it is 30.0 days old, rotation is due every 30",)),
        (-40, 300, "overdue", 0, ("it is 40.0 days old, rotation is due every 30",)),
        (-3, 50, "good", 20, ()),  # Thirty days before it expires comes before it is thirty days old.
        (-3, 30.01, "good", 0.01, ()),
        (-3, 30, "expiring", 0, ("it expires in 30.0 days",)),
        (-3, 0.5, "expiring", 0, ("it expires in 0.5 days",)),
        (-3, 0, "expired", 0, ("it expired 0.0 days ago",)),
        (0, 300, "good", 30, ()),
        (0.5, 300, "not_known", 30, ("it is said to have been made 0.5 days after this moment, which is no age",)),
        (
            0.5,
            -1,
            "expired",
            0,
            (
                "it is said to have been made 0.5 days after this moment, which is no age",
                "it expired 1.0 days ago",
            ),
        ),
        (-40, -2, "expired", 0, ("it expired 2.0 days ago", "it is 40.0 days old, rotation is due every 30")),
    ],
)
def test_the_edges(created: float, expires: float, state: str, rotate: float, warnings: tuple[str, ...]) -> None:
    """If this failed, a token would be called fresh when it is due, or due when it is fresh."""
    (found,) = listed(abm(created_at=created, expires_at=expires))
    assert (found.state, found.warnings) == (state, warnings)
    assert found.rotate_at is not None
    assert (found.rotate_at - NOW) / DAY == pytest.approx(rotate, abs=1e-6)


def test_what_nothing_says_is_not_known() -> None:
    """If this failed, a token of unknown age would pass for a fresh one, or for an old one."""
    (found,) = listed(abm(expires_at=300))
    assert (found.state, found.created_at, found.warnings) == ("not_known", None, ("nothing says how old it is",))
    assert found.rotate_at == NOW + 30 * DAY
    assert "nothing says how old it is" in found.why
    (found,) = listed(abm(created_at=-3))
    assert (found.state, found.warnings) == ("not_known", ("nothing says when it expires",))
    (found,) = listed(abm(created_at=-31))
    assert found.state == "overdue"
    (found,) = listed(abm(expires_at=-1))
    assert found.state == "expired"


def test_a_token_that_only_the_manifest_names_is_told() -> None:
    """If this failed, the token that the rollout uses could be missing and nobody would see it."""
    device = Device("F9FXQ1ABCD", {"token_id": "tok_9"}, ())
    found = listed(abm(created_at=-3, expires_at=300), devices=(device,))
    assert [(each.name, each.state) for each in found] == [("tok_1", "good"), ("tok_9", "not_known")]
    assert found[1].rotate_at is None


def test_a_servers_older_token_is_replaced_and_its_syncs_say_when_it_was_used() -> None:
    """If this failed, last year's file would raise an alarm every day."""
    new, old = server("jamf", 300), server("jamf", -40, "old.json")
    found = listed(old, new, servers=Servers({new.origin: "jamf"}, {"jamf": NOW - DAY}))
    assert [(each.state, each.evidence[0].path) for each in found] == [
        ("not_known", "jamf.json"),
        ("replaced", "old.json"),
    ]
    assert found[0].last_used_at == NOW - DAY
    assert (found[1].rotate_at, found[1].warnings) == (None, ())
    assert found[0].key == found[1].key


def test_tokens_of_no_known_server_replace_nobody() -> None:
    """If this failed, two servers whose files say no name would pass for one, and the second would never be rotated."""
    facts = server("", 300, "a.json", "1111"), server("", 200, "b.json", "2222")
    found = listed(*facts, servers=Servers({facts[0].origin: ""}, {}))
    assert {(each.name, each.state) for each in found} == {
        ("a.json (…1111)", "not_known"),
        ("b.json (…2222)", "not_known"),
    }
    assert len({each.key for each in found}) == 2


def test_one_token_said_twice_is_one() -> None:
    """If this failed, an inventory would count files."""
    (found,) = listed(abm(created_at=-9, expires_at=300), abm(line=2, created_at=-3, expires_at=300, last_used_at=-1))
    assert len(found.evidence) == 2
    assert (found.created_at, found.last_used_at) == (NOW - 3 * DAY, NOW - DAY)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tok_us_east", "tok_us_east"),
        ("eyJhbGciOiJIUzI1NiJ9.secret.xyzw", "…xyzw"),
        ("AT_4f5e6d7c8b", "…7c8b"),
        ("x" * 44 + "abcde", "…bcde"),
    ],
)
def test_what_may_be_a_secret_is_not_shown(name: str, shown: str) -> None:
    """If this failed, a token in the wrong field would stand in a report."""
    (found,) = listed(abm(name, created_at=-3, expires_at=300))
    assert found.name == shown


def test_times_at_the_end_of_the_calendar() -> None:
    """If this failed, a hostile date would end the inventory of all others."""
    for created, expires in (("9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"), ("0001-01-01T00:00:00Z",) * 2):
        fact = abm()
        fact.attrs.update(created_at=created, expires_at=expires)
        (found,) = listed(fact)
        assert found.rotate_at is not None
        assert NOW <= found.rotate_at <= instants.LAST
        instants.render(found.rotate_at)


def test_the_plan_is_in_order_whatever_the_order_of_files() -> None:
    """If this failed, the most urgent token would stand somewhere in the list."""
    facts = [abm(f"tok_{n}", created_at=-n, expires_at=100 + n) for n in range(20, 35)]
    first = listed(*facts)
    assert [each.rotate_at for each in first] == sorted(each.rotate_at or 0 for each in first)
    assert first[0].state == "overdue"
    for seed in range(4):
        random.Random(seed).shuffle(facts)
        assert listed(*facts) == first
