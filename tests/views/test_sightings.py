"""Where the vanished are: counted, told, and who of the network's lists is nobody."""

from msgspec.structs import replace
from tests.verdict.facts import DAY, booted, context, device, fact, recorded

from abm_trace.core.nouns import Device, Fact, Reading, Verdict
from abm_trace.verdict import judge
from abm_trace.verdict.sightings import IN_USE
from abm_trace.views import sightings
from abm_trace.views.sightings import Sighted, sentences, sighted


def seen(place: str, number: int, mac: str = "") -> Fact:
    """A row of a network's list."""
    return fact("sighting", 2 * DAY + number, "sighting", place, **({"mac": mac} if mac else {}))


def case(*places: str) -> tuple[list[Verdict], list[Device], list[Reading]]:
    """A vanished device a place (none: it was not seen), and the list that says so, with a laptop and a private one."""
    rows = [seen(place, number) for number, place in enumerate(places)]
    devices = [replace(device(booted(), recorded()), sightings=(row,) if row.value else ()) for row in rows]
    others = [seen("AP-9", 90, "a4:83:e7:0b:1c:2d"), seen("AP-9", 91, "a6:83:e7:0b:1c:2d")]
    listed = tuple(row for row in (*rows, *others) if row.value)
    verdicts = [judge(each, context(), booted(3 * DAY).at or 0) for each in devices]
    return verdicts, devices, [Reading("wifi.csv", "sightings", "", facts=listed), Reading("x.csv", "manifest", "")]


def test_the_vanished_are_counted_by_their_last_place() -> None:
    """If this failed, somebody would be sent to the wrong clinic, or a laptop be counted as a device."""
    found = sighted(*case("AP-1", "AP-2", "AP-2", ""))
    assert found == Sighted(5, 2, 1, 4, 3, (("AP-2", 2), ("AP-1", 1)), 3)
    assert sentences(found) == (
        "3 of 4 vanished stand in a network's lists: AP-2 (2), AP-1 (1)",
        "In use and never enrolled, a matter of security: 3 devices",
        "Of 5 rows 2 are of no device of this case, 1 of them under a private address, which may hide any device",
    )


def test_many_places_are_not_all_told() -> None:
    """If this failed, one sentence would hold each access point of a hospital."""
    told = sentences(sighted(*case(*(f"AP-{number}" for number in range(8)))))[0]
    assert told.endswith("AP-4 (1) and 3 more places")


def test_without_a_list_nothing_is_said() -> None:
    """If this failed, a case of which no network was read would say that none of its vanished was seen."""
    verdicts, devices, readings = case("", "")
    assert sentences(sighted(verdicts, devices, readings[1:])) == ()
    none = sentences(sighted(verdicts, devices, readings))
    assert none[0] == "0 of 2 vanished stand in a network's lists"


def test_the_finding_has_one_name() -> None:
    """If this failed, the summary would count a finding that no verdict has."""
    assert sightings.IN_USE == IN_USE
