"""The health score: each part at its bar and at 0, the sum at 85, vetoes, and what was not measured."""

import random
from collections.abc import Mapping

import pytest

from abm_trace.checks.health import By, Decision, Health, Measurement, health, limits

DAY = 86_400.0
GOOD: Mapping[str, float] = {"token": 30 * DAY, "latency": 0.2, "staple": 1, "clock": 0.1, "syntax": 0}
"""Each part just good enough for 100."""

ZERO: Mapping[str, float] = {"token": 0, "latency": 2, "staple": 0, "clock": 5.79, "syntax": 4}
"""Each part just bad enough for 0."""

HALF: Mapping[str, float] = {"token": 15 * DAY, "latency": 1.1, "clock": 2.945, "syntax": 2}


def scored(**values: float | None) -> Health:
    """The health of these values; a part that is None was not measured."""
    told: dict[str, float | None] = {**GOOD, **values}
    return health({k: [Measurement("x", v, "")] if v is not None else [] for k, v in told.items()})


def test_the_formula_is_the_specifications() -> None:
    """If this failed, a weight, a curve or the bar would be another than SPEC G3's."""
    bar, parts = limits()
    assert bar.value == 85
    assert {each.name: each.weight for each in parts} == {
        "token": 30, "latency": 25, "staple": 20, "clock": 15, "syntax": 10,
    }  # fmt: skip
    assert scored().score == 100
    for name, value in HALF.items():
        part = next(each for each in parts if each.name == name)
        assert part.score(value) == pytest.approx(50), name
        assert (part.score(GOOD[name]), part.score(ZERO[name])) == (100, 0)
    assert [next(p for p in parts if p.name == "syntax").score(n) for n in range(6)] == [100, 75, 50, 25, 0, 0]


@pytest.mark.parametrize("name", GOOD)
def test_a_part_beyond_its_limits_is_no_more_than_100_and_no_less_than_0(name: str) -> None:
    """If this failed, a token of two years would pay for a dead clock."""
    part = next(each for each in limits()[1] if each.name == name)
    step = GOOD[name] - ZERO[name]
    assert part.score(GOOD[name] + 10 * step) == 100
    assert part.score(ZERO[name] - 10 * step) == 0


@pytest.mark.parametrize(
    ("name", "score", "by"),
    [("token", 70, "veto_and_sum"), ("latency", 75, "veto_and_sum"), ("staple", 80, "veto_and_sum"),
     ("clock", 85, "veto"), ("syntax", 90, "veto")],
)  # fmt: skip
def test_each_part_at_0_is_a_veto_and_it_is_told_which_decided(name: str, score: float, by: By) -> None:
    """If this failed, a dead clock (85) or a broken profile (90) would pass, or nobody would know why it did not."""
    found = scored(**{name: ZERO[name]})
    assert (found.decision, found.by, found.score, found.vetoes) == ("roll_back", by, score, (name,))


@pytest.mark.parametrize(
    ("name", "value"),
    [("token", 1), ("latency", 1.999), ("clock", 5.789), ("syntax", 3)],
)
def test_a_part_just_above_0_is_no_veto(name: str, value: float) -> None:
    """If this failed, a veto would begin before the part is dead."""
    found = scored(**{name: value})
    assert found.vetoes == ()
    assert found.by == "sum"


@pytest.mark.parametrize(
    ("values", "score", "decision"),
    [
        ({"token": 15 * DAY}, 85.0, "go"),  # Half of the token's 30 points: exactly the bar.
        ({"token": 15 * DAY - 60}, None, "roll_back"),  # A minute less is below it.
        ({"latency": 0.2 + 1.8 * 0.6}, 85.0, "go"),
        ({"latency": 0.2 + 1.8 * 0.61}, None, "roll_back"),
        ({"clock": 5.78}, None, "go"),
        ({"syntax": 3}, 92.5, "go"),
        ({"syntax": 3, "clock": 2.945}, 85.0, "go"),
        ({"syntax": 3, "clock": 2.946}, None, "roll_back"),
    ],
)
def test_the_sum_at_the_bar(values: dict[str, float], score: float | None, decision: Decision) -> None:
    """If this failed, 85 would be below 85, or what is below it would pass."""
    found = scored(**values)
    assert (found.decision, found.by, found.vetoes) == (decision, "sum", ())
    if score is not None:
        assert found.score == score


@pytest.mark.parametrize("name", GOOD)
def test_what_was_not_measured_is_neither_good_nor_bad(name: str) -> None:
    """If this failed, missing data would read as failure, or as a green light."""
    found = scored(**{name: None})
    assert (found.score, found.at_most, found.decision, found.by) == (None, 100, "not_known", "missing")
    assert found.missing == (name,)
    assert found.vetoes == ()


def test_what_was_not_measured_changes_nothing_where_the_rest_decides() -> None:
    """If this failed, a dead clock could be hidden by not measuring the staple."""
    found = scored(staple=None, clock=6)
    assert (found.decision, found.by, found.at_most) == ("roll_back", "veto", 85)
    found = scored(staple=None, token=12 * DAY)
    assert (found.decision, found.by, found.score, found.at_most) == ("roll_back", "sum", None, 82)
    assert health({}).missing == tuple(GOOD)


def test_the_worst_subject_counts_and_one_that_is_not_known_leaves_it_open() -> None:
    """If this failed, one good host would cover for a dead one, or a token without an end for one that has it."""
    many = {name: [Measurement("x", value, "")] for name, value in GOOD.items()}
    many["clock"] = [Measurement("a", 0.01, ""), Measurement("b", 5.0, ""), Measurement("c", 0.2, "")]
    found = health(many)
    part = found.parts[3]
    assert part.worst is not None
    assert (part.worst.subject, part.measured) == ("b", 3)
    many["token"] = [Measurement("known", 15 * DAY, ""), Measurement("other", None, "nothing says")]
    found = health(many)
    assert (found.parts[0].score, found.parts[0].at_most, found.missing) == (None, 50, ("token",))
    many["token"][0] = Measurement("known", -1, "")
    assert health(many).vetoes == ("token",)


def test_the_order_of_measurements_changes_nothing() -> None:
    """If this failed, the same evidence would be told in two ways."""
    rows = [Measurement(f"host {n}", (n % 5) / 2, "") for n in range(20)]
    first = health({"clock": rows})
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert health({"clock": rows}) == first


def test_what_is_no_measurement_is_refused() -> None:
    """If this failed, a slip in a name would leave a part out, or a NaN would pass every comparison."""
    with pytest.raises(ValueError, match="clok"):
        health({"clok": []})
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no measurement"):
            health({"clock": [Measurement("x", value, "")]})
