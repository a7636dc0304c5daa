"""Tests of abm_trace.verdict.attempts: how often a device asked."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.verdict.facts import DAY, accepted, asked, booted, fact, judged, log, pending, recorded

from abm_trace.core.nouns import Fact


def test_without_a_request_there_is_no_attempt() -> None:
    """If this failed, a boot would count as a request."""
    assert judged(booted()).attempts == 0
    assert judged(booted(), log("identifier", 4, device_identifier="AA")).attempts == 0


@pytest.mark.parametrize(("gap_s", "attempts"), [(0.4, 1), (1.0, 1), (1.001, 2), (35, 2)])
def test_requests_without_ids_are_told_apart_by_time(gap_s: float, attempts: int) -> None:
    """If this failed, two lines of one request would be a retry, or a retry none."""
    assert judged(booted(), asked(5), asked(5 + gap_s)).attempts == attempts


def test_attempts_are_told_apart_by_request_id() -> None:
    """If this failed, a retry with the same identifier would be no attempt of its own."""
    assert judged(booted(), recorded(5, "req_1", "aa"), recorded(40, "req_2", "aa")).attempts == 2
    assert judged(booted(), asked(5), accepted(8, "req_1"), asked(40), accepted(43, "req_2")).attempts == 2
    assert judged(booted(), accepted(8, "req_1"), accepted(48, "req_2")).attempts == 2
    assert judged(booted(), asked(5), accepted(8, "req_1"), accepted(48, "req_2")).attempts == 2


def test_one_request_seen_by_two_sources_is_one_attempt() -> None:
    """If this failed, every audited request of a logged device would be a retry."""
    assert judged(booted(), asked(5), accepted(8, "req_1"), recorded(5.4, "req_1")).attempts == 1
    assert judged(booted(), asked(5), recorded(5.4, "req_1")).attempts == 1
    assert judged(booted(), asked(5), pending(6)).attempts == 1


def test_without_request_ids_attempts_are_told_apart_by_identifier() -> None:
    """If this failed, `deviceIdentifier` would not stand in for a requestId."""
    first, second = (log("identifier", second, device_identifier=name) for second, name in ((5.1, "aa"), (40.1, "bb")))
    assert judged(booted(), asked(5), first, asked(40), second).attempts == 2
    again = log("identifier", 40.1, device_identifier="AA")
    assert judged(booted(), asked(5), first, asked(40), again).attempts == 1


def test_what_stands_for_no_identifier_tells_no_attempts_apart() -> None:
    """If this failed, an export that leaves identifiers out would give a device two: L6."""
    asks = booted(), asked(5), recorded(5.4, "N/A", "n/a"), asked(40), recorded(40.4, "req_2", "aa")
    assert judged(*asks).attempts == 2
    assert judged(*asks).identifiers == ("AA",)


def test_an_audit_alone_counts_too() -> None:
    """If this failed, a device without a log would never have tried."""
    assert judged(recorded(5, "req_1")).attempts == 1
    assert judged(recorded(5, "req_1"), recorded(5, "req_1")).attempts == 1
    assert judged(pending(5)).attempts == 1


def test_audited_requests_without_ids_are_told_apart_by_time() -> None:
    """If this failed, an export without `request_id` would hide every retry of a device whose log is lost."""
    first, again, second = (fact("requested", second, "audit") for second in (5, 5.8, 40))
    assert judged(first, again).attempts == 1
    assert judged(first, second).attempts == 2
    assert judged(booted(), asked(4.9), asked(39.9), first, second).attempts == 2


def test_a_record_is_of_the_attempt_that_names_it_not_of_the_nearest() -> None:
    """If this failed, a record that comes late would be taken for the next request, and one attempt be lost."""
    assert judged(booted(), asked(5), asked(40), accepted(43, "req_2"), recorded(6, "req_2")).attempts == 2


def test_very_many_attempts_are_told_apart_in_one_pass() -> None:
    """If this failed, a device that asks all night would stop the trace of all others: it took their square."""
    asks = [
        each for number in range(20_000) for each in (asked(60 * number), recorded(60 * number + 1, f"req_{number}"))
    ]
    assert judged(booted(), *asks).attempts == 20_000


def test_attempts_are_of_the_last_journey() -> None:
    """If this failed, a redeployment would be a retry."""
    assert judged(booted(-3 * DAY), recorded(-3 * DAY + 5, "req_0"), booted(), recorded(5, "req_1")).attempts == 1


@pytest.mark.parametrize(
    ("lines", "attempts"),
    [
        ("E10 E12", 2),
        ("R8 E10 E12 E14", 3),
        ("E10 R12", 2),
        ("R8 E10", 1),
        ("R8 R12 E14", 2),
        ("R8 E10 R20 E22", 2),
        ("E10 R10.5 E12", 2),
        ("E10 E10.5", 1),
    ],
)
def test_an_error_tells_of_the_request_that_it_answers(lines: str, attempts: int) -> None:
    """SPEC, ladder: a request, a retry, or an error that answers one; which of them a log holds is chance."""
    assert judged(booted(), *_lines(lines.split())).attempts == attempts


_WORDS = some.builds("{}{}".format, some.sampled_from("ER"), some.integers(1, 20).map(lambda number: 2 * number))


@given(some.sets(_WORDS), _WORDS)
def test_more_evidence_makes_no_fewer_attempts(words: set[str], one: str) -> None:
    """If this failed, the share of retried devices would fall where more was logged."""
    few, more = (judged(booted(), *_lines(each)).attempts for each in (words, words | {one}))
    assert few <= more


def _lines(words: Iterable[str]) -> list[Fact]:
    """Requests (R) and errors that answer one (E) of the device's own log, at so many seconds."""
    kinds = {"R": "fetch_requested", "E": "fetch_error"}
    return [log(kinds[word[0]], float(word[1:])) for word in words]
