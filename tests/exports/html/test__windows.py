"""Requested against registered over time."""

from datetime import UTC

from tests.exports.building import AS_OF, report, verdict
from tests.exports.html.reading import Page

from abm_trace.exports.html import _windows

WINDOW = 15 * 60 * 1_000_000
BEGIN = AS_OF // WINDOW * WINDOW


def page(asked: list[tuple[int, bool]], *booted: str) -> Page:
    """The section of a report of these requests, with devices that only booted."""
    shown = report(*(verdict(serial=serial, last_rung="booted") for serial in booted), zone=UTC)
    return Page(_windows.over_time(shown, asked).encode())


def test_alert_above_three_percent_and_not_at_it() -> None:
    """If this failed, a window would be called an alert that the guide does not alert on, or the other way round."""
    at = [(BEGIN, number >= 3) for number in range(100)]
    above = [(BEGIN + WINDOW, number >= 4) for number in range(100)]
    found = page(at + above)
    assert "In 1 of 2 windows of 15 minutes more than 3 % of the devices that asked were never registered" in found.text
    assert [text for text in found.inside("td") + found.inside("span") if text in {"✓ below", "✗ alert"}] == [
        "✓ below", "✗ alert",
    ]  # fmt: skip
    paths = {attrs["class"]: str(attrs["d"]) for tag, attrs in found.elements if tag == "path"}
    assert paths.keys() == {"f-confirmed", "f-lost", "f-vanished", "hit"}
    assert [paths[each].count("M") for each in ("f-lost", "f-vanished")] == [2, 1]
    assert "100 asked, 4 never registered (4.0 %)" in " ".join(found.inside("title"))


def test_the_last_moment_of_a_window_is_not_the_next() -> None:
    """If this failed, requests would be counted in the wrong quarter of an hour."""
    found = page([(BEGIN, True), (BEGIN + WINDOW - 1, True), (BEGIN + WINDOW, True)])
    assert [text for text in found.inside("td") if text.isdigit()] == ["2", "2", "0", "1", "1", "0"]


def test_only_so_many_windows() -> None:
    """If this failed, requests of ten years would make a page that no browser opens, or would be left out silently."""
    asked = [(BEGIN + number * WINDOW, True) for number in range(_windows.WINDOWS_MAX + 5)]
    found = page(asked)
    assert "5 older windows not shown" in found.text
    assert len([tag for tag, _ in found.elements if tag == "tr"]) == _windows.WINDOWS_MAX + 1


def test_what_it_is_blind_to() -> None:
    """If this failed, nobody would know that devices which never ask do not show in the ratio."""
    assert "1 device booted and did not" in page([(BEGIN, True)], "F9FXQ1ABCD").text
    assert "No request with a time was read" in page([]).text
