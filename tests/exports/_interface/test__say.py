"""The sentences that every medium says alike."""

from dataclasses import replace
from typing import Any

import pytest
from tests.exports.building import AS_OF, healthy, reading, report, verdict

from abm_trace.core.nouns import Skipped, Verdict
from abm_trace.exports import Missing, Report
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
        "1 of 3 files, 2 refused; ABM or DEP reaches 2026-05-17 08:47:12 UTC (03:47:12 CDT); "
        "judged as of 2026-05-17 08:48:12 UTC (03:48:12 CDT)"
    )


def test_each_source_has_its_own_time() -> None:
    """If this failed, "evidence reaches 08:47" would stand beside an inventory that is to reach past 04:57."""
    hour = 3_600_000_000
    late, early = "2026-05-17 08:47:12 UTC (03:47:12 CDT)", "2026-05-17 07:47:12 UTC (02:47:12 CDT)"
    ends = {"apple": AS_OF, "mdm": AS_OF - hour}
    said = say.read(report(reach=ends))
    assert said.endswith(f"; ABM or DEP reaches {late}, MDM inventory reaches {early}")
    said = say.read(report(reach=dict.fromkeys(ends, AS_OF - hour)))
    assert said.endswith(f"; ABM or DEP and MDM inventory reach {early}, all else reaches {late}")
    assert say.read(report(reach={})).endswith(f"; what there is reaches {late}")
    lacking = verdict(missing=("apple",))
    said = say.read(report(lacking, healthy("H"), reach=dict.fromkeys(ends, AS_OF)))
    assert said.endswith(f" reach {late}, but not for all devices")


def test_a_side_that_was_not_read_is_a_warning() -> None:
    """If this failed, the reason why 85 devices are unknown would be looked for on the floor."""
    open_ = [verdict(serial=f"U{n}", verdict="unknown", layer=None, missing=("apple", "mdm")) for n in range(6)]
    early = AS_OF - 3_600_000_000
    (said,) = say.warnings(report(*open_, reach={"apple": early, "mdm": early}))
    end = "2026-05-17 07:47:12 UTC (02:47:12 CDT)"
    assert said == f"ABM or DEP and MDM inventory read only up to {end}: 6 devices cannot be settled"
    doubtful = [verdict(serial=f"V{n}", missing=("apple",)) for n in range(2)]
    (said,) = say.warnings(report(*open_, *doubtful, reach={"apple": None, "mdm": AS_OF}))[:1]
    assert said.endswith(": 6 devices cannot be settled, fetching the rest may clear 2 of the 2 failed")
    assert say.warnings(report(reach={"apple": AS_OF, "mdm": None})) == ["MDM inventory not read, the case holds none"]
    whole = {"apple": AS_OF, "mdm": AS_OF}
    servers = {each.serial: "elsewhere" for each in open_}
    well = [healthy(f"H{n}") for n in range(9)]
    assert say.warnings(report(*open_, *well, reach=whole, servers=servers)) == [
        "ABM or DEP and MDM inventory not read far enough for MDM server elsewhere: 6 devices cannot be settled"
    ]
    reaches = {("apple", "elsewhere"): None, ("mdm", "elsewhere"): early}
    assert say.warnings(report(*open_, *well, reach=whole, servers=servers, reaches=reaches)) == [
        "ABM or DEP not read for MDM server elsewhere: 6 devices cannot be settled",
        f"MDM inventory read only up to {end} for MDM server elsewhere: 6 devices cannot be settled",
    ]
    assert say.warnings(report(*well, reach={"apple": early, "mdm": AS_OF})) == [], "it leaves nothing open"


def test_what_the_case_holds_of_a_side_is_not_denied() -> None:
    """If this failed, who exported a list would be told that the case holds none."""
    held = {"apple": "untold", "mdm": "part"}
    assert say.warnings(report(healthy("H"), held=held, reach={})) == [
        "ABM or DEP not read, what the case holds does not say how the devices stand",
        "MDM inventory not read in full, the case holds some records but no whole list",
    ]


def test_what_the_failed_share_or_why_nothing_is_said() -> None:
    """If this failed, a site that is wholly lost would stand nowhere, because nothing sets the others apart."""
    lost = [verdict(serial=f"A{n}", site="clinic-20") for n in range(6)]
    well = [healthy(f"H{n}") for n in range(6)]
    assert say.shared(report(*well)) == []
    assert say.shared(report(*lost)) == ["not known: no device is confirmed that the failed could be compared with"]
    assert say.shared(report(verdict(), *well)) == ["not known: too few to compare (1 failed, 6 confirmed)"]
    mixed = [verdict(serial=f"B{n}") for n in range(6)]
    assert say.shared(report(*mixed, *well)) == [
        "nothing: in model, version, site and whatever else is known, failed and healthy are alike"
    ]
    assert say.shared(report(*mixed, *well, left_out=4))[0].endswith(
        " (4 of the failed were not read far enough to compare)"
    )
    assert say.shared(report(*lost, *well)) == [
        "all 6 devices that were tried at clinic-20 failed. Beyond that failed and healthy are alike"
    ]
    said = "90 % of the 6 that vanished have model iPad16,3"
    assert say.shared(report(*lost, *well, shared=(said,))) == [
        said,
        "All 6 devices that were tried at clinic-20 failed",
    ]
    told = "90 % of the 6 that vanished have site clinic-20"
    assert say.shared(report(*lost, *well, shared=(told,))) == [told]


def where(shown: Report) -> list[str]:
    """The sentences."""
    return [each.text for each in say.where(shown)]


def test_where_names_the_site_that_stands_out_beside_the_share_of_all() -> None:
    """If this failed, a person would have to choose between the most failures and the highest share."""
    large = [verdict(serial=f"A{n}", site="large") for n in range(9)] + [healthy(f"H{n}", "large") for n in range(30)]
    small = [verdict(serial=f"B{n}", site="small") for n in range(6)]
    stands_out = "one stands out, small: 6 of 6 failed (100.0 %; all sites"
    assert where(report(*large, *small)) == [f"at 2 of 2 sites; {stands_out} 33.3 %)"]
    servers = {each.serial: "dead" if each in small else "main" for each in (*large, *small)}
    assert where(report(*large[9:], *small, servers=servers)) == [
        "MDM server dead: 6 of 6 failed (100.0 %; all devices 16.7 %)",
        f"at 1 of 2 sites; {stands_out} 16.7 %)",
    ]
    second = [verdict(serial=f"C{n}", site="second") for n in range(6)]
    assert where(report(*large, *small, *second))[0].startswith("at 3 of 3 sites; 2 stand out, most second: 6 of 6 ")
    idle = [verdict(serial=f"W{n}", site="small", verdict="not_started", layer=None) for n in range(9)]
    assert where(report(*large, *small, *idle))[0].endswith("small: 6 of 6 tried failed (100.0 %; all sites 27.8 %)")
    assert where(report(verdict())) == ["clinic-01: it is the only site, 1 of 1 device failed"]
    assert where(report(verdict(site="")))[0].startswith("no evidence names the site of a device")
    assert where(report(healthy("H"), healthy("I", "b"))) == [
        "nowhere: none of 2 sites has a failure or an unknown device"
    ]
    nameless = healthy("N", "")
    assert where(report(healthy("H"), nameless)) == ["nowhere: no device failed, and none is unknown"]
    assert where(report(healthy("H"), nameless, healthy("I", "b"))) == [
        "nowhere: none of 2 sites has a failure or an unknown device"
    ]
    assert where(report(verdict(), nameless, healthy("I", "b"), verdict(serial="M", site=""))) == [
        "at 1 of 2 sites: (no site) (1 of 2 failed), clinic-01 (1 of 1 failed); none stands out"
    ]
    open_ = verdict(verdict="unknown", layer=None)
    assert where(report(healthy("H"), open_, healthy("I", "b"))) == [
        "no site has a failure; the most unknown devices are at clinic-01 (1 of 2)"
    ]


def test_where_blames_no_site_for_chance() -> None:
    """If this failed, a person would be sent to the first of nineteen sites that are all alike."""
    even = [verdict(serial=f"A{n}", site=f"s{n % 5}") for n in range(12)]
    well = [healthy(f"H{n}", f"s{n % 5}") for n in range(13)]
    said = "none stands out"
    assert where(report(*even, *well)) == [f"all 5 sites alike, {said}"], "the headline has the sum"
    assert say.order(report(*even, *well)) == "most failures first; none stands out (all sites 48.0 %)"
    calm = report(*even, *well, healthy("Z", "z"))
    assert where(calm) == [f"at 5 of 6 sites, {said}"]
    few = [*even[:2], *well]
    assert where(report(*few)) == [f"at 2 of 5 sites: s0 (1 of 4 failed), s1 (1 of 4 failed); {said}"]
    lost = [verdict(serial=f"L{n}", site="lost") for n in range(14)]
    assert say.order(report(*even, *well, *lost)) == "what stands out first (all sites 66.7 %)"


def test_where_says_of_a_server_that_its_lists_lack() -> None:
    """If this failed, a server would be blamed for what nobody has read of it."""
    lost = [verdict(serial=f"A{n}", missing=("apple",), site=f"s{n}") for n in range(6)]
    well = [healthy(f"H{n}", f"s{n % 6}") for n in range(9)]
    servers = {each.serial: "elsewhere" for each in lost}
    assert where(report(*lost, *well, servers=servers)) == [
        "MDM server elsewhere (lists still to fetch): 6 of 6 failed (100.0 %; all devices 40.0 %)",
        "all 6 sites alike, none stands out",
    ]
    assert where(report(*lost[1:], verdict(serial="A0", site="s0"), *well, servers=servers))[0].startswith(
        "MDM server elsewhere: 6 of 6 failed"
    )


def why(*verdicts: Verdict, **changes: Any) -> list[str]:  # noqa: ANN401  # Whatever a report takes.
    """The sentences."""
    shown = report(*verdicts, **changes)
    return [each.text for each in say.why(shown, steps.causes(shown))]


def test_why_names_each_cause_with_its_number_and_its_words() -> None:
    """If this failed, who reads one line would not know what stopped them, or would mend a fifth and be content."""
    clock = [verdict(serial=f"C{n}", layer="L3") for n in range(3)]
    assert why(*clock) == ["L3 clock, all 3: the device's time is off"]
    other = verdict(serial="T", layer="L0", cause="token_expired")
    assert why(*clock, other) == ["4 vanished – L3 clock, 3 (75.0 %): the device's time is off; token expired (L0), 1"]
    assert why(other) == ["token expired (L0), all 1: the token is past its expiry"]
    assert why(healthy("H")) == ["no device failed, as far as was read"]


def test_why_names_five_causes_and_counts_the_others() -> None:
    """If this failed, four of five causes would stand nowhere on a phone, or twenty would fill it."""
    layers = {7: 3, 3: 3, 1: 2, 4: 1, 5: 1, 2: 1}
    many = [verdict(serial=f"{layer}{n}", layer=f"L{layer}") for layer, size in layers.items() for n in range(size)]
    said = "causes, none above half: L3 clock and L7 limbo, 3 each; L1 trust, 2;"
    assert why(*many) == [f"11 vanished – 6 {said} L2 ambiguity, L4 region and L5 payload, 1 each"]
    assert why(*many, verdict()) == [f"12 vanished – 7 {said} L2 ambiguity and L4 region, 1 each; 2 more, 2 together"]
    assert why(*many, *(verdict(serial=f"I{n}") for n in range(20)))[0].startswith(
        "31 vanished – 7 causes: L6 identity, 20 (64.5 %): identifier unstable, duplicate or not certified; L3 clock"
    )


def test_of_equals_none_is_the_largest() -> None:
    """If this failed, one of two causes of 34 devices each would be called the largest, and the other be hidden."""
    pair = [verdict(serial=f"{layer}{n}", layer=layer) for layer in ("L4", "L2") for n in range(2)]
    assert why(*pair) == ["4 vanished – two alike: L2 ambiguity and L4 region, 2 each"]
    third = [verdict(serial=f"T{n}", layer="L1") for n in range(2)]
    assert why(*pair, *third) == ["6 vanished – 3 causes alike: L1 trust, L2 ambiguity and L4 region, 2 each"]


def test_why_takes_no_lack_of_proof_for_a_cause() -> None:
    """If this failed, "nothing is proved" would be counted, or the largest cause hide that it is the most."""
    clock = [verdict(serial=f"C{n}", layer="L3") for n in range(3)]
    bare = [verdict(serial=f"N{n}", layer=None) for n in range(5)]
    assert why(*clock, bare[0]) == [
        "4 vanished – L3 clock, 3 (75.0 %): the device's time is off; no layer proved for 1"
    ]
    assert why(*clock, verdict(serial="T", layer="L1"), *bare) == [
        "9 vanished – no layer proved for 5; L3 clock, 3; L1 trust, 1"
    ]
    assert why(*bare) == ["5 vanished – no layer proved: nothing in the evidence says what stopped them"]


def test_a_verdict_s_own_name_is_no_reason() -> None:
    """If this failed, "rejected – rejected" would be told as the cause of what ABM rejected."""
    own = [verdict(serial=f"R{n}", verdict="rejected", layer="L0", cause="rejected") for n in range(3)]
    assert why(*own) == ["3 rejected – ABM rejected them, no layer explains why"]
    assert why(verdict(verdict="rejected", layer=None)) == ["1 rejected – ABM rejected them, no layer explains why"]
    others = [verdict(serial=f"L{n}", verdict="rejected", layer=f"L{n}") for n in (1, 3)]
    assert why(*own, *others) == [
        "5 rejected – ABM rejected 3, no layer explains why; two alike: L1 trust and L3 clock, 1 each"
    ]


def test_a_side_without_a_record_is_no_cause() -> None:
    """If this failed, what was seen of the half confirmed would be told, and counted, as what did it."""
    half = [
        verdict(serial=f"B{n}", verdict="half_confirmed", layer=None, missing=("mdm" if n else "apple",))
        for n in range(3)
    ]
    by_hand = verdict(serial="H", verdict="half_confirmed", layer="L0", cause="enrolled_by_hand")
    said = "the MDM has no record of 2, ABM or DEP has no record of 1, nothing says why"
    assert why(*half) == [f"3 half confirmed – {said}"]
    assert why(*half, by_hand) == [f"4 half confirmed – {said}; enrolled by hand (L0), 1"]
    assert why(half[1]) == ["1 half confirmed – the MDM has no record of them, nothing says why"]
    assert why(verdict(verdict="half_confirmed", layer=None)) == [
        "1 half confirmed – one side has no record of them, nothing says why"
    ]


def test_why_tells_of_the_vanished_first() -> None:
    """If this failed, the cause of the few that vanished would stand behind that of the many half confirmed."""
    half = [verdict(serial=f"B{n}", verdict="half_confirmed", layer="L3") for n in range(3)]
    same = [verdict(), verdict(serial="B", verdict="half_confirmed")]
    assert why(*same) == ["L6 identity, all 2: identifier unstable, duplicate or not certified"]
    assert why(*half, verdict(layer=None)) == [
        "1 vanished – no layer proved: nothing in the evidence says what stopped them",
        "3 half confirmed – L3 clock",
    ]


def test_why_says_which_group_each_name_is_of() -> None:
    """If this failed, a name on the page would lead to no devices, or to others."""
    half = {"verdict": "half_confirmed", "layer": None}
    shown = report(verdict(), verdict(serial="B", missing=("mdm",), **half), verdict(serial="C", layer="L3"))
    groups = [[name for _, name in each.parts if name] for each in say.why(shown, steps.causes(shown))]
    assert groups == [["L3 clock", "L6 identity"], ["half confirmed: the MDM has no record"]]


def test_why_says_what_may_clear_the_same_devices() -> None:
    """If this failed, a cause would be stated flatly of devices that an unread list may show to be well."""
    open_ = [verdict(serial=f"D{n}", layer="L3", missing=("apple",)) for n in range(3)]
    cleared = "the device's time is off; the DEP device list, still to fetch, may clear"
    wanted = (
        Missing("a device log", tuple(open_), None, "capture"),
        Missing("the DEP device list", tuple(open_), AS_OF, "save", ("apple",)),
    )
    assert why(*open_, wanted=wanted) == [f"L3 clock, all 3: {cleared} all 3"]
    assert why(*open_, verdict(layer="L3"), wanted=wanted) == [f"L3 clock, all 4: {cleared} 3 of the 4"]
    assert why(*open_)[0].endswith("; ABM or DEP, still to fetch, may clear all 3")


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
    nobody = replace(report(), verdicts=())
    assert "a manifest.csv with a column serial would" in say.calm(nobody)
    assert say.plainly(nobody) == "Nothing that was read names a device: none is judged, no all-clear."


def test_every_cause_has_its_words() -> None:
    """If this failed, a cause would stand before a tired person as a bare name."""
    assert set(CAUSES) == set(actions()["cause"])
