"""What a device's facts come to before any judgement: corrected times, journeys, the ladder, identifiers."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.verdict.facts import (
    DAY,
    HOUR,
    accepted,
    asked,
    at,
    booted,
    clock,
    context,
    device,
    empty,
    enrolled,
    fact,
    judged,
    log,
    no_content,
    pending,
    recorded,
    registered,
    unstable,
)

from abm_trace.core.instants import render
from abm_trace.core.nouns import Fact
from abm_trace.verdict import judge, offset_us


@pytest.mark.parametrize(
    ("last", "rung"),
    [
        (fact("assigned", 1, "audit"), "assigned"),
        (fact("synced", 1, "audit"), "synced"),
        (log("synced", 1, by="dep-device-synced"), "synced"),
        (booted(), "booted"),
        (asked(), "requested"),
        (recorded(), "requested"),
        (pending(), "requested"),
        (accepted(), "accepted"),
        (registered(), "registered"),
        (fact("registered", 12, "abm"), "registered"),
        (log("registered", 12, by="abm-registration-succeeded"), "registered"),
        (fact("profile", 15, "audit"), "profile"),
        (log("profile", 15, by="mdm-profile-assigned"), "profile"),
        (enrolled(), "enrolled"),
        (fact("enrolled", 30, "audit"), "enrolled"),
    ],
)
def test_what_proves_a_rung(last: Fact, rung: str) -> None:
    """If this failed, the ladder would stop at the wrong rung."""
    verdict = judged(last)
    assert (verdict.last_rung, verdict.last_rung_at) == (rung, last.at)


def test_a_device_of_the_manifest_is_known() -> None:
    """If this failed, a device that only the manifest has would stand on no rung."""
    assert (judged().last_rung, judged().last_rung_at) == ("known", None)


def test_a_rung_is_reached_at_its_first_proof() -> None:
    """If this failed, a repeated event would move the time at which a device got stuck."""
    assert judged(booted(), recorded(5), asked(40)).last_rung_at == at(5)


def test_a_proof_without_a_time_hides_no_dated_one() -> None:
    """One impossible stamp would leave a rung without a time that another line has."""
    verdict = judged(registered(), fact("registered", None, "audit"))
    assert verdict.last_rung == "registered"
    assert verdict.last_rung_at == registered().at


def test_what_proves_no_rung() -> None:
    """If this failed, an error or an answer without a requestId would be progress."""
    bare = log("response_empty", 8, by="abm-response-202-empty", layer="L2")
    for nothing in (no_content(), unstable(), bare, clock(0.1)):
        assert judged(booted(), nothing).last_rung == "booted"


# Journeys


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


# Attempts


# Clocks


def test_device_times_are_corrected_by_the_known_offset() -> None:
    """If this failed, a clock 20 s ahead would win its device 20 s of deadline; both times are shown."""
    verdict = judged(booted(20), asked(25), clock(20.0, 30), as_of=80)
    assert verdict.deadline_at == at(63)
    assert (verdict.verdict, verdict.layer) == ("vanished", "L3")
    assert verdict.clock_offset_us == 20_000_000


def test_server_times_are_not_corrected() -> None:
    """If this failed, ABM's own stamps would move with a device's clock."""
    assert judged(recorded(5), clock(20.0, 30)).deadline_at == at(5 + 63)


def test_a_slow_clock_is_set_forward() -> None:
    """If this failed, the sign of an offset would be taken the wrong way round."""
    assert judged(booted(-5), clock(-5.0, 30)).deadline_at == at(63)


def test_of_several_samples_the_nearest_one_corrects() -> None:
    """If this failed, a clock that was set right at noon would shift the morning, or the reverse."""
    verdict = judged(booted(30), clock(30.0, 40), asked(3000), clock(0.0, 3010), as_of=2 * HOUR)
    assert verdict.deadline_at == at(63)
    assert verdict.clock_offset_us == 0


def test_without_a_sample_nothing_is_corrected() -> None:
    """If this failed, an unknown offset would pass for a known one."""
    assert judged(booted()).clock_offset_us is None


@pytest.mark.parametrize(("text", "offset"), [("7.214", 7_214_000), ("-0.000001", -1), ("", None), ("fast", None)])
def test_an_offset_is_read_exactly(text: str, offset: int | None) -> None:
    """If this failed, an offset near the limit would fall on the wrong side of it, or junk would end a triage."""
    assert offset_us(fact("clock_offset", 4, "clock", text)) == offset


def test_other_facts_have_no_offset() -> None:
    """If this failed, any number would be a clock."""
    assert offset_us(booted()) is None


# The set of facts alone


_STORY = (
    booted(-3 * DAY), registered(-3 * DAY + 9), booted(), log("preparing", 1), clock(6.4, 3), asked(5), asked(5),
    log("identifier", 5.1, device_identifier="aa11"), *empty(8), recorded(5.2, "req_1", "aa11"), asked(40),
    log("identifier", 40.1, device_identifier="bb22"), unstable(44), no_content(44), pending(6), pending(6),
    recorded(40.2, "req_2", "bb22"),
)  # fmt: skip


@given(some.randoms(use_true_random=False), some.lists(some.sampled_from(_STORY)))
def test_neither_order_nor_repeats_change_a_verdict(chance: random.Random, repeats: list[Fact]) -> None:
    """If this failed, a verdict would depend on how the evidence arrived."""
    facts = [*_STORY, *repeats]
    chance.shuffle(facts)
    case = context()
    one, other = judge(device(*_STORY), case, at(HOUR)), judge(device(*facts), case, at(HOUR))
    assert other == one


def test_a_row_of_a_device_that_is_not_enrolled_is_no_journey() -> None:
    """Intune's `notContacted`: if this failed, the first boot of a device would be its second journey."""
    row = fact("mdm_row", -11 * DAY, "mdm", "notContacted")
    assert judged(row, booted(), asked()).journeys == 1
    assert judged(row, booted(), asked()).verdict == judged(booted(), asked()).verdict
    assert judged(row, booted(-5 * DAY), asked(-5 * DAY), booted(), asked()).journeys == 2
