"""What a device's facts come to before any judgement: the ladder, identifiers, and that their order does not matter."""

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

from abm_trace.core.nouns import Fact
from abm_trace.verdict import Reach, judge, thresholds
from abm_trace.verdict import build as build_context
from abm_trace.verdict.state import build


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


@pytest.mark.parametrize(
    ("model", "kind", "side"),
    [
        ("iPad (10th generation)", "computer", "unread"),
        ("iPad13,18", "computer", "unread"),
        ("Mac14,2", "mobile", "unread"),
        ("MacBook Air", "computer", "absent"),
        ("iPad13,18", "mobile", "absent"),
        ("iPad13,18", "", "absent"),
        ("A2696", "computer", "absent"),
        ("", "computer", "absent"),
    ],
)
def test_a_list_of_computers_says_nothing_of_an_ipad(model: str, kind: str, side: str) -> None:
    """If this failed, every iPad would have vanished where only Jamf's list of the computers was exported."""
    read = Reach(at(HOUR), source="mdm", product="jamf", kind=kind)
    case = build_context((), {**context().reach, "mdm": (read,)}, thresholds(), {})
    known = fact("known", None, "manifest", **({"model": model} if model else {}))
    assert build(device(known, booted(), asked()), case, at(HOUR)).sides["mdm"] == side
