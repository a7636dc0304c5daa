"""Sightings: a finding for security where a device is in use and never enrolled, and never a part of the verdict."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace
from tests.verdict.apple import pushed, row
from tests.verdict.facts import (
    DAY,
    HOUR,
    UNREAD,
    accepted,
    asked,
    at,
    booted,
    by_hand,
    context,
    device,
    empty,
    enrolled,
    fact,
    methodless,
    no_content,
    pending,
    recorded,
    registered,
    rejected,
    unstable,
)

from abm_trace.core.nouns import Device, Fact, Verdict
from abm_trace.verdict import Context, judge
from abm_trace.verdict.sightings import IN_USE

FACTS = (
    booted(), booted(3 * DAY), asked(), recorded(), accepted(), *empty(), no_content(), unstable(), methodless(),
    pending(), registered(), rejected("clock_drift_exceeded"), enrolled(), by_hand(), pushed(), row(),
)  # fmt: skip


def sighting(second: float | None, place: str = "AP-4", **attrs: str) -> Fact:
    """A row of a network's list."""
    found = fact("sighting", second, "sighting", place, by="sightings", **attrs)
    return msgspec.structs.replace(found, value=place)


def judged(*facts: Fact, seen: Fact | None = None, case: Context | None = None, as_of: float = HOUR) -> Verdict:
    """The verdict of a device with these facts that was seen so."""
    made = replace(device(*facts), sightings=(seen,) if seen else ())
    return judge(made, case or context(), at(as_of))


def in_use(verdict: Verdict) -> bool:
    """Whether it is found to be in use and not enrolled."""
    return any(finding.id == IN_USE for finding in verdict.findings)


seconds = some.none() | some.integers(-10 * 86_400, 400 * 86_400)
reaches = some.sampled_from((UNREAD, 30.0, HOUR, 5 * DAY))


@given(
    facts=some.lists(some.sampled_from(FACTS), max_size=8),
    seen=some.lists(
        some.builds(sighting, seconds, some.sampled_from(("", "AP-4", "clinic-02"))), min_size=1, max_size=4
    ),
    apple=reaches,
    mdm=reaches,
    as_of=some.sampled_from((40.0, HOUR, 5 * DAY)),
)
def test_no_sighting_changes_a_verdict(
    facts: list[Fact], seen: list[Fact], apple: float | None, mdm: float | None, as_of: float
) -> None:
    """If this failed, a list of the network would make a device vanish, or bring it back."""
    case = context(apple=apple, mdm=mdm)
    without = judged(*facts, case=case, as_of=as_of)
    after = judge(Device(without.serial, device().attrs, device(*facts).facts, (), tuple(seen)), case, at(as_of))
    assert after.sighting == seen[-1]
    kept = tuple(finding for finding in after.findings if finding.id != IN_USE)
    assert msgspec.structs.replace(after, sighting=None, findings=kept) == without


def test_a_vanished_device_in_use_is_a_finding() -> None:
    """If this failed, an unmanaged iPad at a bedside would be one of three thousand lines."""
    verdict = judged(booted(), recorded(), seen=sighting(2 * DAY, serial="F9FXQ1ABCD"))
    found = verdict.findings[-1]
    assert (verdict.verdict, found.id, found.severity, found.layer) == ("vanished", IN_USE, "high", "")
    assert found.text.startswith(
        "security: in use at AP-4, seen 2026-05-19T03:47:00Z, 1 day after its deadline; the MDM"
    )
    assert found.evidence == (verdict.sighting and verdict.sighting.origin,)
    assert judged(booted(), recorded(), seen=sighting(2 * DAY)).findings[-1].confidence < found.confidence


@pytest.mark.parametrize(
    ("facts", "seen", "mdm", "expected"),
    [
        ((booted(), recorded()), 30, HOUR, False),  # before its deadline
        ((booted(), recorded()), None, HOUR, False),  # a lease without a time
        ((booted(), recorded()), 2 * DAY, UNREAD, True),  # vanished all the same
        ((booted(), registered()), 2 * DAY, HOUR, True),  # half confirmed: not in the MDM
        ((booted(), registered()), 2 * DAY, UNREAD, False),  # nobody read the MDM
        ((booted(), rejected("x")), 2 * DAY, HOUR, True),
        ((booted(), registered(), enrolled()), 2 * DAY, HOUR, False),
        ((booted(), by_hand()), 2 * DAY, HOUR, False),  # it is managed
        ((), 60, HOUR, True),  # never staged, and in use
        ((), 3550, HOUR, False),  # the MDM was read too early after it
        ((), 60, UNREAD, False),
    ],
)
def test_when_it_is_one(facts: tuple[Fact, ...], seen: float | None, mdm: float | None, expected: bool) -> None:
    """If this failed, a device that is fine, or of which nobody can know, would be reported to security."""
    assert in_use(judged(*facts, seen=sighting(seen), case=context(mdm=mdm))) is expected


def test_an_hour_and_a_minute_are_told_as_such() -> None:
    """If this failed, a span would be a number of seconds that nobody can read."""
    told = [judged(booted(), recorded(), seen=sighting(s)).findings[-1].text for s in (70, 3 * 60, 2 * HOUR)]
    assert [text.split("Z, ")[1].split(" after")[0] for text in told] == ["7 s", "1 minute", "1 hour"]
