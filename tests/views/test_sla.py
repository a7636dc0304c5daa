"""The agreed rate: exact bounds, what so few devices can show, and how many it takes."""

from collections import Counter
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.verdict.facts import ATTRS, HOUR, UNREAD, at, booted, context, device, enrolled, recorded, registered

from abm_trace.verdict import judge
from abm_trace.views.sla import ERROR, at_most, bounds, needed, rate, sla


def counts(came: int, failed: int, undecided: int = 0) -> Counter[bool | None]:
    """So many devices."""
    return Counter({True: came, False: failed, None: undecided})


def test_12400_without_a_failure_prove_99_976_percent_at_most() -> None:
    """If this failed, the number of the specification would not be what this computes (SPEC F2)."""
    low, high = bounds(0, 12_400)
    assert f"{100 * low:.3f}" == "99.976"
    assert high == 1
    found = rate(counts(12_400, 0), 0.9999)
    assert (found.state, found.needed) == ("unproved", 29_956)


@pytest.mark.parametrize(
    ("failed", "of", "low", "high"),
    [(0, 1, 0.05, 1.0), (1, 1, 0.0, 0.95), (0, 59, 0.05 ** (1 / 59), 1.0), (10, 10, 0.0, 1 - 0.05 ** (1 / 10))],
)
def test_without_a_failure_or_a_success_the_bounds_are_closed(failed: int, of: int, low: float, high: float) -> None:
    """If this failed, a rate would be promised that the devices do not show."""
    assert list(bounds(failed, of)) == pytest.approx([low, high], abs=1e-12)


@pytest.mark.parametrize(("failed", "of"), [(1, 100), (5, 10), (31, 124), (9, 10)])
def test_each_bound_is_wrong_in_one_of_twenty(failed: int, of: int) -> None:
    """If this failed, the bounds would be of another confidence than they say: here in exact fractions."""
    low, high = (Fraction(each) for each in bounds(failed, of))

    def likely(numbers: range, rate_of: Fraction) -> Fraction:
        return sum((comb(of, n) * (1 - rate_of) ** n * rate_of ** (of - n) for n in numbers), Fraction(0))

    assert float(likely(range(failed + 1), low)) == pytest.approx(ERROR, rel=1e-9)
    assert float(likely(range(failed, of + 1), high)) == pytest.approx(ERROR, rel=1e-9)


@given(some.integers(1, 3000), some.data())
def test_the_bounds_enclose_the_rate_and_turn_round_with_it(of: int, data: some.DataObject) -> None:
    """If this failed, the bounds would be of another rate, or a failure worth more than a success."""
    failed = data.draw(some.integers(0, of))
    low, high = bounds(failed, of)
    assert 0 <= low <= (of - failed) / of <= high <= 1
    turned = list(bounds(of - failed, of))
    assert turned == pytest.approx([1 - high, 1 - low], abs=1e-9)


@pytest.mark.parametrize(("failed", "of"), [(0, 3), (1, 3), (2, 7), (40, 90), (89, 90)])
@pytest.mark.parametrize("share", [1e-6, 0.01, 0.3, 0.5, 0.99])
def test_the_tail_is_the_sum_of_its_terms(failed: int, of: int, share: float) -> None:
    """If this failed, a term would be left out where the sum is cut short."""
    term = (1 - share) ** of
    total = 0.0
    for number in range(failed + 1):
        total += term
        term *= (of - number) / (number + 1) * share / (1 - share)
    assert at_most(failed, of, share) == pytest.approx(total, rel=1e-9, abs=1e-12)


@given(some.integers(0, 30), some.sampled_from((0.9, 0.99, 0.999, 0.9999)))
def test_so_many_prove_it_and_one_less_does_not(failed: int, target: float) -> None:
    """If this failed, a rollout would be planned too small, or needlessly large."""
    number = needed(failed, target)
    assert rate(counts(number - failed, failed), target).state == "met"
    fewer = rate(counts(number - failed - 1, failed), target)
    assert (fewer.state, fewer.needed) == ("unproved", number)
    assert at_most(failed, number, 1 - target) <= ERROR


def test_a_missed_target_needs_no_more_devices() -> None:
    """If this failed, somebody would be told to go on until the failures are forgotten."""
    found = rate(counts(9_218, 3_182), 0.9999)
    assert (found.state, found.needed, found.decided) == ("missed", None, 12_400)
    nobody = rate(counts(0, 0, 5), 0.9999)
    assert (nobody.state, nobody.low, nobody.high, nobody.open) == ("unproved", None, None, 5)


def test_the_undecided_are_left_out_and_counted() -> None:
    """If this failed, a site whose export was not taken would have missed its target."""
    asking = device(booted(), recorded(), attrs={**ATTRS, "site": "clinic-02"})
    made = [device(booted(), registered(), enrolled()), asking, asking]
    cases = [context(), context(), context(apple=UNREAD, mdm=UNREAD)]
    verdicts = [judge(each, case, at(HOUR)) for each, case in zip(made, cases, strict=True)]
    found = sla(verdicts, made, 0.5)
    assert (found.total.registered, found.total.failed, found.total.open) == (1, 1, 1)
    assert list(found.groups) == ["site"]
    assert [(name, each.failed, each.open) for name, each in found.groups["site"].items()] == [
        ("clinic-02", 1, 1), ("clinic-01", 0, 0),
    ]  # fmt: skip
