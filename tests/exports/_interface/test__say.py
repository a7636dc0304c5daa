"""The sentences that every medium says alike."""

from dataclasses import replace

import pytest
from tests.exports.building import AS_OF, healthy, reading, report, verdict

from abm_trace.core.nouns import Skipped, Verdict
from abm_trace.exports._interface import say, steps
from abm_trace.exports._interface._words import CAUSES
from abm_trace.verdict.settings import actions


def test_the_headline_says_how_many_of_how_many() -> None:
    """If this failed, the first sentence would not be the answer."""
    half = verdict(serial="B", verdict="half_confirmed")
    assert say.headline(report(verdict(), half, healthy("H"))) == (
        "✗", "vanished", "2 failed of 3 devices (66.7 %): 1 vanished, 1 half confirmed; 0 unknown",
    )  # fmt: skip
    assert say.headline(report(healthy("H")))[:2] == ("✓", "confirmed")
    assert say.headline(report(healthy("H"), verdict(verdict="unknown", layer=None)))[:2] == ("?", "unknown")
    assert say.headline(report(healthy("H"), verdict(verdict="not_started", layer=None)))[:2] == ("·", "")


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ([verdict(serial="A")], "Every device vanished: none is healthy to compare them with."),
        ([healthy("A"), healthy("B")], "Every device is confirmed."),
        ([healthy("A"), verdict(verdict="not_started", layer=None)], "No device failed, as far as was read."),
        (
            [healthy("A"), verdict(verdict="unknown", layer=None)],
            "No failure was seen, but 1 device cannot be judged: no all-clear.",
        ),
        ([healthy("A"), verdict()], ""),
    ],
)
def test_the_ends_are_said_plainly(verdicts: list[Verdict], says: str) -> None:
    """If this failed, a reader would have to guess from bare numbers that all or nothing is lost."""
    assert say.plainly(report(*verdicts)) == says


def test_what_was_read_is_said() -> None:
    """If this failed, "0 vanished" would be said without what was read."""
    refused = reading("x.bin", format="", why="not recognised")
    shown = report(readings=(reading(), refused), skipped=(Skipped("fifo", "a fifo"),), as_of=AS_OF + 60_000_000)
    assert say.read(shown) == (
        "1 of 3 files, 2 refused; evidence reaches 2026-05-17 08:47:12 UTC (03:47:12 CDT); "
        "judged as of 2026-05-17 08:48:12 UTC (03:48:12 CDT)"
    )


def test_a_side_that_was_not_read_is_a_warning() -> None:
    """If this failed, the reason why 85 devices are unknown would be looked for on the floor."""
    open_ = [verdict(serial=f"U{n}", verdict="unknown", layer=None, missing=("apple", "mdm")) for n in range(6)]
    early = AS_OF - 3_600_000_000
    (said,) = say.warnings(report(*open_, reach={"apple": early, "mdm": early}))
    end = "2026-05-17 07:47:12 UTC (02:47:12 CDT)"
    assert said == f"ABM or DEP and MDM inventory read only up to {end}: 6 devices cannot be settled"
    doubtful = [verdict(serial=f"V{n}", missing=("apple",)) for n in range(2)]
    (said,) = say.warnings(report(*open_, *doubtful, reach={"apple": None, "mdm": AS_OF}))[:1]
    assert said.endswith(": 6 devices cannot be settled, and it may clear 2 of the failed")
    assert say.warnings(report(reach={"apple": AS_OF, "mdm": None})) == ["MDM inventory not read, the case holds none"]
    whole = {"apple": AS_OF, "mdm": AS_OF}
    servers = {each.serial: "elsewhere" for each in open_}
    well = [healthy(f"H{n}") for n in range(9)]
    assert say.warnings(report(*open_, *well, reach=whole, servers=servers)) == [
        "ABM or DEP and MDM inventory not read far enough for MDM server elsewhere: 6 devices cannot be settled"
    ]
    assert say.warnings(report(*well, reach={"apple": early, "mdm": AS_OF})) == [], "it leaves nothing open"


def test_what_the_failed_share_or_why_nothing_is_said() -> None:
    """If this failed, a site that is wholly lost would stand nowhere, because nothing sets the others apart."""
    lost = [verdict(serial=f"A{n}", site="clinic-20") for n in range(6)]
    well = [healthy(f"H{n}") for n in range(6)]
    assert say.shared(report(*well)) == []
    assert say.shared(report(*lost)) == ["not known: no device is confirmed that the failed could be compared with"]
    assert say.shared(report(verdict(), *well)) == ["not known: too few to compare (1 failed, 6 confirmed)"]
    mixed = [verdict(serial=f"B{n}") for n in range(6)]
    assert say.shared(report(*mixed, *well)) == [
        "nothing beyond the cause: model, version, site, whatever is known of them, is alike with the healthy"
    ]
    assert say.shared(report(*mixed, *well, left_out=4))[0].endswith(
        " (4 of the failed were not read far enough to compare)"
    )
    assert say.shared(report(*lost, *well)) == [
        "all 6 devices that were tried at clinic-20 failed. Beyond that and the cause, failed and healthy are alike"
    ]
    said = "90 % of the 6 that vanished have model iPad16,3"
    assert say.shared(report(*lost, *well, shared=(said,))) == [
        said,
        "All 6 devices that were tried at clinic-20 failed",
    ]
    told = "90 % of the 6 that vanished have site clinic-20"
    assert say.shared(report(*lost, *well, shared=(told,))) == [told]


def test_where_names_one_worst_site() -> None:
    """If this failed, a person would have to choose between the most failures and the highest share."""
    large = [verdict(serial=f"A{n}", site="large") for n in range(9)] + [healthy(f"H{n}", "large") for n in range(30)]
    small = [verdict(serial=f"B{n}", site="small") for n in range(6)]
    assert say.where(report(*large, *small)) == ["at 2 of 2 sites, worst at small: 6 of 6 failed (100.0 %)"]
    servers = {each.serial: "dead" if each in small else "main" for each in (*large, *small)}
    assert say.where(report(*large[9:], *small, servers=servers)) == [
        "MDM server dead: 6 failed of 6 (100.0 %)",
        "at 1 of 2 sites, worst at small: 6 of 6 failed (100.0 %)",
    ]
    assert say.where(report(verdict())) == ["clinic-01: it is the only site, 1 of 1 device failed"]
    assert say.where(report(verdict(site="")))[0].startswith("no evidence names the site of a device")
    assert say.where(report(healthy("H"), healthy("I", "b"))) == [
        "nowhere: none of 2 sites has a failure or an unknown device"
    ]
    open_ = verdict(verdict="unknown", layer=None)
    assert say.where(report(healthy("H"), open_, healthy("I", "b"))) == [
        "no site has a failure; the most unknown devices are at clinic-01 (1 of 2)"
    ]


def test_why_names_the_cause_with_its_words_or_that_it_is_one_of_many() -> None:
    """If this failed, who reads one line would not know what stopped them, or would mend a fifth and be content."""
    clock = [verdict(serial=f"C{n}", layer="L3") for n in range(3)]
    assert say.why(steps.causes(report(*clock))) == "L3 clock, all 3: the device's time is off"
    other = [verdict(serial="T", layer="L0", cause="token_expired")]
    mostly = "L3 clock, 3 of 4 (75.0 %): the device's time is off"
    assert say.why(steps.causes(report(*clock, *other))) == mostly
    many = [verdict(serial=f"M{n}", layer=f"L{n}") for n in (1, 2, 4, 6)]
    said = say.why(steps.causes(report(*clock, *other, *many)))
    assert said == "no single cause but 6, the largest L3 clock, 3 of 8 (37.5 %): the device's time is off"
    assert say.why(steps.causes(report(*other))) == "token expired (L0), all 1: the token is past its expiry"
    assert say.why([]) == "no device failed, as far as was read"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "nothing to mend, no device needs anyone: go on"),
        (
            {"verdict": "in_progress", "layer": None},
            "wait until 2026-05-17 08:46:45 UTC (03:46:45 CDT), then trace again",
        ),
        ({"verdict": "not_started", "layer": None}, "nothing to mend; 1 device not switched on yet"),
    ],
    ids=["confirmed", "in_progress", "not_started"],
)
def test_what_to_do_where_nobody_is_needed(changes: dict[str, str | None], says: str) -> None:
    """If this failed, the end of a good night would be told with "nothing", and a rollout in its midst as well."""
    device = verdict(serial="A", **changes) if changes else healthy("A")
    assert say.calm(report(device, healthy("H"))).startswith(says)


def test_a_case_that_names_no_device_says_what_would() -> None:
    """If this failed, "0 vanished of 0 devices" would be followed by "nothing to do"."""
    assert "a manifest.csv with a column serial would" in say.calm(replace(report(), verdicts=()))


def test_every_cause_has_its_words() -> None:
    """If this failed, a cause would stand before a tired person as a bare name."""
    assert set(CAUSES) == set(actions()["cause"])
