"""Seats: consumed, in use, lost, and of which it is not known."""

import pytest
from tests.verdict.facts import (
    ATTRS,
    DAY,
    HOUR,
    UNREAD,
    asked,
    at,
    booted,
    by_hand,
    context,
    device,
    enrolled,
    fact,
    log,
    recorded,
    registered,
    rejected,
)

from abm_trace.core.nouns import Device, Fact, Verdict
from abm_trace.verdict import Context, judge
from abm_trace.views.licences import Licences, Seats, licences, sentence

SYNCED = fact("synced", -60, "audit")


def identifier(name: str, second: float) -> Fact:
    """A log line with a device identifier."""
    return log("identifier", second, device_identifier=name)


def counted(*facts: Fact, case: Context | None = None) -> Seats:
    """The seats of one device."""
    made = device(*facts)
    return licences([judge(made, case or context(), at(HOUR))], [made]).total


@pytest.mark.parametrize(
    ("facts", "case", "expected"),
    [
        ((SYNCED, booted(), registered(), enrolled()), None, Seats(1, 1, used=1)),
        ((booted(), registered(), enrolled()), None, Seats(1, 1, used=1)),  # It cannot have come so far without.
        ((SYNCED, booted(), registered()), None, Seats(1, 1, used=1)),
        ((booted(), by_hand()), None, Seats(1, 1, used=1)),
        ((SYNCED, booted(), recorded()), None, Seats(1, 1, leaked=1)),
        ((SYNCED, booted(), recorded(), rejected("x")), None, Seats(1, 1, leaked=1)),
        ((booted(), recorded()), None, Seats(1)),  # Nothing says that it was synced.
        ((SYNCED, booted(), recorded()), context(mdm=UNREAD), Seats(1, 1, unknown=1)),
        ((SYNCED, booted(), asked()), context(apple=UNREAD), Seats(1, 1, unknown=1)),
        ((SYNCED, booted(), asked()), context(apple=UNREAD, mdm=UNREAD), Seats(1, 1, unknown=1)),
        ((SYNCED,), None, Seats(1, 1, waiting=1)),
        ((SYNCED, booted(3590)), None, Seats(1, 1, waiting=1)),
        ((), None, Seats(1)),
    ],
)
def test_a_seat_is_leaked_only_where_both_sides_were_read(
    facts: tuple[Fact, ...], case: Context | None, expected: Seats
) -> None:
    """If this failed, a side that nobody read would cost money, or a seat be counted that nothing shows."""
    assert counted(*facts, case=case) == expected


def test_a_retry_with_an_identifier_or_a_record_of_its_own_takes_a_seat() -> None:
    """If this failed, the licences that retries burn would stay invisible."""
    twice = (identifier("AA", 6), identifier("BB", 9))
    assert counted(SYNCED, booted(), recorded(), *twice) == Seats(1, 1, leaked=1, retries=1)
    rows = [fact("mdm_row", 20, "mdm", mdm="fleet", mdm_id=f"fleet/{number}") for number in (1, 1, 2, 3)]
    assert counted(booted(), registered(), enrolled(), *rows) == Seats(1, 1, used=1, retries=2)
    assert counted(booted(), registered(), enrolled(), *rows, *twice).retries == 2
    again = (recorded(5, "req_1"), recorded(9, "req_2"))
    assert counted(SYNCED, booted(), *again).retries == 0


def fleet() -> tuple[list[Verdict], list[Device]]:
    """Two devices of one site and batch that registered, one of another that vanished, one without a site."""
    made = [
        device(SYNCED, booted(), registered(), enrolled(), attrs={**ATTRS, "batch": "1"}),
        device(SYNCED, booted(), registered(), enrolled(), attrs={**ATTRS, "batch": "1"}),
        device(SYNCED, booted(), recorded(), attrs={"site": "clinic-02", "batch": "2"}),
        device(SYNCED, attrs={}),
    ]
    return [judge(each, context(), at(HOUR)) for each in made], made


def test_by_site_and_batch_the_most_lost_first() -> None:
    """If this failed, the bill would go to the wrong site."""
    found = licences(*fleet(), 4.0)
    assert found.total == Seats(4, 4, used=2, leaked=1, waiting=1)
    assert (found.total.consumed, found.total.lost, found.total.over_provisioned) == (4, 1, 0.5)
    assert {by: list(group) for by, group in found.groups.items()} == {
        "site": ["clinic-02", "", "clinic-01"], "batch": ["2", "", "1"],
    }  # fmt: skip
    assert found.groups["site"]["clinic-01"] == Seats(2, 2, used=2)
    assert found.groups["site"]["clinic-02"].over_provisioned is None
    verdicts, devices = fleet()
    assert "batch" not in licences(verdicts[3:], devices[3:]).groups


def test_the_sentence_has_its_numbers_and_says_whose_price_it_is() -> None:
    """If this failed, an invented price would look like a bill, or what is not known like a loss."""
    assert sentence(licences(*fleet())) == (
        "1 of 4 MDM seats are lost (25.0 %; seats are licences, not devices): 1 held by devices that never registered; "
        "$2.99 a year at the guide's price of $2.99"
    )
    assert "at $4.00" in sentence(licences(*fleet(), 4.0))
    total = Seats(9, 9, used=8, unknown=1)
    assert sentence(Licences(2.99, total, {})).startswith("0 of 9 MDM seats are lost; $0.00 a year")
    assert "of 1 seats it is not known" in sentence(Licences(2.99, total, {}))
    assert not sentence(Licences(2.99, Seats(9, 9, used=9), {}))
    assert sentence(Licences(2.99, Seats(9, 8, leaked=8), {})).endswith("; 1 device never took one")
    retries = Seats(9, 9, used=9, retries=18)
    said = sentence(Licences(2.99, retries, {}))
    assert said.startswith("18 of 27 MDM seats are lost (66.7 %; ")
    assert "): 18 taken once more by retries; $53.82 a year" in said


def test_seats_of_earlier_journeys_are_not_lost() -> None:
    """If this failed, a redeployed device would burn a seat each time."""
    old = (booted(-5 * DAY), identifier("AA", -5 * DAY + 5))
    assert counted(*old, SYNCED, booted(), registered(), enrolled(), identifier("BB", 6)).retries == 0
