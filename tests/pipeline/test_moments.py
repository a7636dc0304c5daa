"""Years, "now", and how far the sources reach."""

from datetime import UTC

from abm_trace.core import instants
from abm_trace.core.nouns import Device, Fact, Origin, Reading
from abm_trace.pipeline import moments
from abm_trace.pipeline.case import Case

NOW = instants.parse("2026-05-17T08:47:00Z")
MINUTE = 60 * instants.SECOND


def fact(at: int | None, source: str = "log", kind: str = "requested", value: str = "") -> Fact:
    """A fact at a time."""
    return Fact(kind, at, source, value, {}, Origin("a", "x", 1, 1))


def device(serial: str, *facts: Fact) -> Device:
    """A device with these facts."""
    return Device(serial, {}, facts)


def test_now_is_the_newest_event_that_another_device_bears_out() -> None:
    """One clock that runs a month ahead would put every deadline into the past."""
    ahead = device("A", fact(NOW + 30 * 24 * 60 * MINUTE), fact(NOW + 30 * 24 * 60 * MINUTE + 1))
    others = device("B", fact(NOW)), device("C", fact(NOW - 9 * MINUTE))
    assert moments.newest_event((ahead, *others), ()) == NOW


def test_a_known_offset_sets_a_clock_right_before() -> None:
    """A device whose clock is known to be wrong would still move "now"."""
    wrong = device("A", fact(NOW + 60 * MINUTE), fact(None, "clock", "clock_offset", "3600"))
    assert moments.newest_event((wrong, device("B", fact(NOW))), ()) == NOW


def test_without_a_witness_the_newest_event_counts() -> None:
    """A case of one device would have no "now"."""
    assert moments.newest_event((device("A", fact(NOW), fact(NOW - 60 * MINUTE)),), ()) == NOW


def test_expiries_are_no_events() -> None:
    """A token that ends next year would make it next year."""
    assert moments.newest_event((device("A", fact(NOW), fact(NOW + MINUTE, "mdm", "coverage")),), ()) == NOW


def yearless(stamp: str) -> Reading:
    """A log without years that begins at a time of the placeholder year."""
    at = instants.parse(stamp)
    return Reading(
        "b.log", "idevicesyslog", "", facts=(fact(at),), first_at=at, last_at=at, captures=True, yearless=True
    )


def test_a_log_without_years_takes_that_of_the_other_stamps() -> None:
    """Its facts would stand in the year 2000."""
    other = Reading("a", "audit", "", facts=(fact(NOW, "audit"),), first_at=NOW, last_at=NOW)
    _, moved = moments.with_years([other, yearless("2000-05-17T08:40:00Z")], UTC, None, 0)
    assert moved.first_at == instants.parse("2026-05-17T08:40:00Z")
    assert moved.facts[0].at == moved.first_at


def test_around_new_year_the_nearest_year_is_taken() -> None:
    """December would be put a year after January."""
    january = instants.parse("2026-01-01T00:10:00Z")
    other = Reading("a", "audit", "", facts=(fact(january, "audit"),), first_at=january, last_at=january)
    _, moved = moments.with_years([other, yearless("2000-12-31T23:50:00Z")], UTC, None, 0)
    assert moved.first_at == instants.parse("2025-12-31T23:50:00Z")


def test_how_far_a_side_was_read() -> None:
    """An export of yesterday would prove that a device of today is missing."""
    audit = Reading("audit.csv", "audit", "", facts=(fact(NOW, "audit"),))
    mdm = Reading("mdm.json", "mdm-inventory", "", facts=(fact(NOW - MINUTE, "mdm", "coverage", "mdm"),))
    found = moments.reach([audit, mdm], Case(), NOW + 5 * MINUTE)
    assert found["apple"].until == NOW + 5 * MINUTE
    assert found["mdm"].until == NOW - MINUTE
    said = moments.reach([audit, mdm], Case(coverage={"audit": NOW}), NOW + MINUTE)
    assert said["apple"].until == NOW


def test_an_empty_export_was_read() -> None:
    """An audit without events would count as not read, and nothing could be vanished."""
    empty = Reading("audit.csv", "audit", "")
    assert moments.reach([empty], Case(), NOW)["apple"].until == NOW
