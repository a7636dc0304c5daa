"""When a journey of a device begins, and what the last one inherits."""

import pytest
from tests.verdict.facts import (
    DAY,
    HOUR,
    asked,
    at,
    booted,
    enrolled,
    fact,
    judged,
    log,
    recorded,
    registered,
    unstable,
)

from abm_trace.core.instants import render
from abm_trace.core.nouns import Fact


@pytest.mark.parametrize(("gap_s", "journeys"), [(DAY - 1, 1), (DAY, 1), (DAY + 1, 2)])
def test_a_boot_more_than_a_day_after_the_last_fact_begins_a_journey(gap_s: float, journeys: int) -> None:
    """If this failed, a retry would be a redeployment, or the reverse."""
    assert judged(booted(-gap_s), booted(0)).journeys == journeys


def test_the_gap_counts_from_the_last_fact_not_from_the_last_boot() -> None:
    """If this failed, a device that was heard of in between would be redeployed on paper."""
    assert judged(booted(-30 * HOUR), recorded(-10 * HOUR), booted(0)).journeys == 1


def test_without_a_boot_there_is_no_new_journey() -> None:
    """If this failed, a late request of a device without a log would open a journey of its own."""
    verdict = judged(recorded(-3 * DAY), registered(-3 * DAY + 9), enrolled(-3 * DAY + 30), recorded(0, "req_2"))
    assert (verdict.verdict, verdict.journeys) == ("confirmed", 1)


@pytest.mark.parametrize(("gap_s", "verdict"), [(DAY / 2, "confirmed"), (6 * DAY, "half_confirmed")])
def test_an_authenticate_after_a_day_begins_a_journey_too(gap_s: float, verdict: str) -> None:
    """If this failed, a device that was erased and stuck in its check-in would be confirmed by its earlier life."""
    old = fact("pushed", 10, "dep"), fact("authenticate", 20, "mdm"), fact("token_update", 30, "mdm")
    new = fact("pushed", 30 + gap_s, "dep"), fact("authenticate", 40 + gap_s, "mdm")
    found = judged(*old, *new, as_of=30 + gap_s + DAY)
    assert (found.verdict, found.journeys) == (verdict, 1 + (gap_s > DAY))


def heard(second: float, contact_s: float) -> Fact:
    """A record of a device that is enrolled, of which its MDM last heard then."""
    return fact("enrolled", second, "mdm", contact_at=render(at(contact_s)))


def test_a_late_capture_of_a_device_in_use_begins_no_journey() -> None:
    """If this failed, every device of which somebody fetches a log a day after its enrolment would have vanished."""
    old = booted(-9 * DAY), registered(-9 * DAY + 12), heard(-9 * DAY + 30, 60)
    found = judged(*old, booted(-4 * DAY), booted(0))
    assert (found.verdict, found.journeys) == ("confirmed", 1)


@pytest.mark.parametrize(
    "since",
    [
        (heard(-9 * DAY + 30, -60), booted(0)),
        (heard(-9 * DAY + 30, 60), booted(0), asked(5)),
        (heard(-9 * DAY + 30, 60), log("preparing", 0)),
        (fact("mdm_row", -9 * DAY + 30, "mdm", contact_at=render(at(60))), booted(0)),
        (fact("enrolled", -9 * DAY + 30, "mdm", contact_at="yesterday"), booted(0)),
        (enrolled(-9 * DAY + 30), booted(0)),
    ],
)
def test_a_device_that_enrols_anew_does_although_its_mdm_knows_it(since: tuple[Fact, ...]) -> None:
    """If this failed, a redeployed device that vanished, its clock behind, would be confirmed by its earlier life."""
    found = judged(booted(-9 * DAY), registered(-9 * DAY + 12), *since)
    assert (found.verdict, found.journeys) == ("vanished", 2)


def test_a_journey_inherits_only_what_stays_true() -> None:
    """If this failed, a new journey would be higher up than it came, or forget its assignment."""
    old = fact("synced", -3 * DAY, "audit"), booted(-3 * DAY + 60), registered(-3 * DAY + 90), enrolled(-3 * DAY + 99)
    verdict = judged(*old, booted())
    assert verdict.last_rung == "booted"
    assert verdict.rungs["synced"] is not None
    assert verdict.rungs["registered"] is None


def test_errors_of_an_earlier_journey_prove_nothing() -> None:
    """If this failed, the last rollout's fault would be blamed for this one's."""
    verdict = judged(booted(-3 * DAY), asked(-3 * DAY + 5), unstable(-3 * DAY + 8), booted(), asked())
    assert (verdict.verdict, verdict.layer) == ("vanished", None)


def test_first_seen_is_of_all_journeys() -> None:
    """If this failed, the earlier journeys would not be told."""
    assert judged(booted(-3 * DAY), booted()).first_seen == at(-3 * DAY)


def test_a_row_of_a_device_that_is_not_enrolled_is_no_journey() -> None:
    """Intune's `notContacted`: if this failed, the first boot of a device would be its second journey."""
    row = fact("mdm_row", -11 * DAY, "mdm", "notContacted")
    assert judged(row, booted(), asked()).journeys == 1
    assert judged(row, booted(), asked()).verdict == judged(booted(), asked()).verdict
    assert judged(row, booted(-5 * DAY), asked(-5 * DAY), booted(), asked()).journeys == 2
