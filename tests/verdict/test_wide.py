"""Facts that are wider than a device: in order, few at hand of very many, and the same ones found either way."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.verdict.facts import at, clock, context, fact, probe, token

from abm_trace.core import packed
from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed
from abm_trace.verdict import wide
from abm_trace.verdict.context import trust_problem
from abm_trace.verdict.wide import Gathering, Named, Scoped, order, time

SITE = ("site", "s")
ENDPOINTS = ("a.abm.apple.com", "b.abm.apple.com", "")
PROBES = st.builds(
    lambda second, endpoint, code: probe(second, endpoint=endpoint, verify_code=code),
    st.none() | st.integers(-6, 6),
    st.sampled_from(ENDPOINTS),
    st.sampled_from(("0", "10")),
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Already three facts are very many."""
    monkeypatch.setattr(wide, "RUN_FACTS", 3)


def gathered(facts: Sequence[Fact]) -> Scoped[tuple[str, str]]:
    """These facts of one scope."""
    found = Gathering(tuple[str, str])
    for each in facts:
        found.add(SITE, each)
    return found.scoped()


def around(facts: Sequence[Fact], when: int, window: int) -> list[Fact]:
    """What `Timed.around` says it finds, by looking at each fact."""
    found: dict[str, Fact] = {}
    for each in facts:
        endpoint = each.attrs.get("endpoint", "")
        if each.at is None or abs(each.at - when) > window:
            continue
        if endpoint not in found or abs(each.at - when) <= abs(time(found[endpoint]) - when):
            found[endpoint] = each
    return list(found.values())


@given(facts=st.lists(PROBES, min_size=1, max_size=12), second=st.integers(-7, 7), window=st.integers(0, 5))
@pytest.mark.parametrize("run", [2, 100], ids=["packed", "at-hand"])
def test_whoever_asks_finds_what_a_look_at_each_fact_finds(
    facts: list[Fact], second: int, window: int, run: int
) -> None:
    """If this failed, very many probes or samples would make other verdicts than few of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wide, "RUN_FACTS", run)
        scoped = gathered(facts)
    assert isinstance(scoped.facts, Packed) == (len(facts) >= run)
    timed, expected = scoped[SITE], sorted(facts, key=order)
    assert list(timed) == expected == [timed[number] for number in range(len(timed))]
    assert timed.undated(is_problem) == [each for each in expected if each.at is None]
    assert timed.around(at(second), at(window) - at(0)) == around(expected, at(second), at(window) - at(0))
    distance = {id(each): 0 if each.at is None else abs(each.at - at(second)) for each in expected}
    assert timed.closest(at(second)) == min(expected, key=lambda each: distance[id(each)])


def is_problem(each: Fact) -> bool:
    """Whether a probe proves something."""
    return bool(trust_problem(each))


def test_of_very_many_undated_probes_the_ones_that_prove_something_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If this failed, each device of a site would look at 200,000 transcripts, or a problem among them be lost."""
    facts = [probe(None, endpoint=endpoint, port=str(port)) for endpoint in ENDPOINTS for port in range(10)]
    facts += [probe(None, endpoint=ENDPOINTS[1], port=port, verify_code="10") for port in ("4", "6")]
    expected = sorted(facts, key=order)
    assert gathered(facts)[SITE].undated(is_problem) == expected
    monkeypatch.setattr(wide, "UNDATED_MAX", 3)
    found = gathered(facts)[SITE].undated(is_problem)
    assert len(found) == 4
    for endpoint in ENDPOINTS:
        same = [each for each in expected if each.attrs["endpoint"] == endpoint]
        assert next(each for each in found if each.attrs["endpoint"] == endpoint) == same[0]
    assert [*filter(is_problem, found)][:1] == [*filter(is_problem, expected)][:1]


@pytest.mark.usefixtures("few")
def test_very_many_are_packed_by_scope_and_in_order() -> None:
    """If this failed, a case with a clock sample a minute would take more memory than there is."""
    facts = [(f"mac-{number % 3}", clock(8.0, float(-number))) for number in range(20)]
    case = context(wide=[("host", name, each) for name, each in facts])
    assert isinstance(case.clocks.facts, Packed)
    assert sorted(case.clocks) == ["mac-0", "mac-1", "mac-2"]
    for name, timed in case.clocks.items():
        assert list(timed) == sorted((each for whose, each in facts if whose == name), key=order)


def test_one_look_decodes_few_of_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, each device would read all probes of its site anew."""
    monkeypatch.setattr(wide, "RUN_FACTS", 500)
    timed = gathered([probe(float(number)) for number in range(2_000)])[SITE]
    timed.around(at(0), at(1) - at(0))  # The first look learns what endpoints there are.
    decoded: list[int] = []
    unpacked = packed.unpacked

    def counted(block: bytes, kind: object) -> object:
        found = unpacked(block, kind)
        decoded.append(len(found))
        return found

    monkeypatch.setattr(packed, "unpacked", counted)
    assert [each.at for each in timed.around(at(1_500), at(9) - at(0))] == [at(1_500)]
    assert timed.closest(at(700.2)) == probe(700.0)
    assert 0 < sum(decoded) <= 4 * wide.BLOCK_FACTS


@pytest.mark.usefixtures("few")
def test_of_equal_facts_the_one_that_came_first_stays_first() -> None:
    """If this failed, a verdict would cite another file once there are many."""
    said = [replace(probe(0), origin=replace(probe(0).origin, offset=place)) for place in range(9)]
    assert [each.origin.offset for each in gathered(said)[SITE]] == list(range(9))


@pytest.mark.usefixtures("few")
def test_of_each_token_what_says_most_is_known_by_its_name() -> None:
    """If this failed, the order of exports would say when a token of very many ends."""
    tokens = [token(f"tok_{number % 4}", ("us-east", "eu-west")[number > 3]) for number in range(8)]
    found = context(wide=[("case", "", each) for each in tokens]).tokens
    assert isinstance(found.facts, Packed)
    assert dict(found) == {f"tok_{number}": token(f"tok_{number}", "us-east") for number in range(4)}
    assert "tok_9" not in found


def test_of_a_server_s_tries_few_are_held_and_say_the_same() -> None:
    """If this failed, a server that fails every minute would fill the memory, or its failure go unnoticed."""
    tries = [fact("sync_failed", -number, "dep", "403", cause="dep_terms", server="x") for number in range(1, 99)]
    tries += [fact("sync_failed", 1, "dep", "timeout", server="x"), fact("sync_failed", None, "dep", "?", server="x")]
    server = context(wide=[("server", "x", each) for each in tries]).servers["x"]
    assert [each.value for each in server.syncs] == ["403", "timeout"]
    assert server.failing() == tries[0]
    healed = [*tries, fact("sync_ok", -0.5, "dep", server="x"), fact("sync_ok", -200, "dep", server="x")]
    server = context(wide=[("server", "x", each) for each in healed]).servers["x"]
    assert [(each.kind, each.at) for each in server.syncs] == [("sync_ok", at(-0.5)), ("sync_failed", at(1))]
    assert server.failing() is None


def test_nothing_is_known_of_what_nobody_said() -> None:
    """If this failed, a case without probes or tokens could not be judged."""
    assert not Scoped[str]()
    assert not Named()
    assert Scoped[str]().get("x") is None
