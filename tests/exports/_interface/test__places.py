"""Where devices failed: the sites, and the server that stands out."""

from tests.exports.building import healthy, report, verdict

from abm_trace.core.nouns import Verdict
from abm_trace.exports._interface import places


def site(name: str, failed: int, well: int, waiting: int = 0) -> list[Verdict]:
    """The devices of a site."""
    idle = [verdict(serial=f"{name}w{n}", site=name, verdict="not_started", layer=None) for n in range(waiting)]
    lost = [verdict(serial=f"{name}f{n}", site=name) for n in range(failed)]
    return [*lost, *(healthy(f"{name}h{n}", name) for n in range(well)), *idle]


def test_the_worst_site_is_the_first() -> None:
    """If this failed, a person would be sent to the wrong site."""
    shown = report(
        healthy("A", "calm"), verdict(serial="B", site="one"), verdict(serial="C", site="two"),
        verdict(serial="D", site="two", layer="L3"), verdict(serial="E", site="two", layer="L3"),
        verdict(serial="F", site="dim", verdict="unknown", layer=None),
    )  # fmt: skip
    found = places.by_site(shown)
    assert [(each.name, each.total, each.failed, each.unknown) for each in found] == [
        ("two", 3, 3, 0), ("one", 1, 1, 0), ("dim", 1, 0, 1), ("calm", 1, 0, 0),
    ]  # fmt: skip
    assert (found[0].mostly, found[0].mostly_count) == ("L3 clock", 2)


def test_neither_the_largest_site_nor_one_lost_device_is_the_worst() -> None:
    """If this failed, a site that is wholly lost would stand below a large one that lost its share, or below chance."""
    sites = places.by_site(
        report(*site("large", 19, 90), *site("small", 8, 1), *site("tiny", 1, 0), *site("calm", 0, 1))
    )
    assert [(each.name, each.stands_out) for each in sites] == [
        ("small", True), ("large", False), ("tiny", False), ("calm", False),
    ]  # fmt: skip
    all_lost = places.by_site(report(*site("few", 2, 0), *site("many", 9, 0)))
    assert [each.name for each in all_lost] == ["many", "few"]


def test_chance_blames_no_site() -> None:
    """If this failed, a person would be sent to the unluckiest of twenty sites that are all alike."""
    even = [each for n in range(20) for each in site(f"s{n:02d}", 4 + n % 3, 10 - n % 3)]
    assert not any(each.stands_out for each in places.by_site(report(*even)))
    found = places.by_site(report(*even, *site("x", 14, 0)))
    assert [each.name for each in found if each.stands_out] == ["x"]
    assert places.everywhere(found).failed == sum(each.failed for each in found)


def test_a_site_is_lost_where_everything_that_was_tried_failed() -> None:
    """If this failed, one device in its box would hide that a site is lost."""
    sites = places.by_site(
        report(*site("lost", 6, 0, 3), *site("nearly", 6, 1), *site("few", 3, 0), *site("well", 0, 40))
    )
    assert [each.name for each in places.lost(sites)] == ["lost"]
    alike = places.by_site(report(*site("lost", 6, 0), *site("other", 9, 1)))
    assert places.lost(alike) == [], "nearly all failed everywhere"


def test_a_server_stands_out_where_most_of_the_failed_are_its_own() -> None:
    """If this failed, a dead token would be looked for site by site, or every server would be blamed."""
    lost, well = site("a", 10, 0), site("a", 0, 30)
    servers = {each.serial: "main" for each in well} | {each.serial: "dead" for each in lost}
    found = places.server(report(*lost, *well, servers=servers))
    assert found is not None
    assert (found.name, found.failed, found.total) == ("dead", 10, 10)
    assert places.server(report(*lost, *well, servers=dict.fromkeys(servers, "main"))) is None
    assert places.server(report(*lost, *well)) is None
