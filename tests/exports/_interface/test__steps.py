"""The one list of what is to be done."""

from tests.exports.building import AS_OF, healthy, report, verdict

from abm_trace.core.nouns import Verdict
from abm_trace.exports import Missing, Report
from abm_trace.exports._interface import steps
from abm_trace.exports._interface._words import stopped_by

ERASE = {"advice": "Erase the device and reimage it once."}


def unknown(number: int) -> Verdict:
    """A device of which the MDM was not read."""
    return verdict(serial=f"U{number}", verdict="unknown", layer=None, missing=("mdm",), site="clinic-02")


def lacking(*verdicts: Verdict) -> Report:
    """A report whose MDM inventory lacks."""
    open_ = tuple(each for each in verdicts if each.missing)
    how = "export the MDM's inventory into CASE/mdm/"
    return report(*verdicts, wanted=(Missing("the MDM inventory", open_, AS_OF, how, ("mdm",)),), case="my case/")


def test_what_helps_most_devices_is_the_first_whatever_their_verdicts() -> None:
    """If this failed, one action would be two steps, or three people would be sent to do what helps one device."""
    shown = lacking(
        verdict(serial="A1", layer="L3", advice="Set the clock."),
        verdict(serial="B2", verdict="half_confirmed", missing=("mdm",), confidence=99, **ERASE),
        verdict(serial="B1", **ERASE), verdict(serial="B0", confidence=10, **ERASE),
        *(unknown(number) for number in range(6)),
    )  # fmt: skip
    found = steps.steps(shown)
    source = "may clear 1 half confirmed, would settle 6 unknown · most at clinic-02 (6 of its 6)"
    assert [(each.title, each.page) for each in found] == [
        (f"fetch the MDM inventory · {source}", ""),
        ("L6 identity · 2 vanished, 1 half confirmed · all at clinic-01 (3 of its 4)", "L6"),
        ("L3 clock · 1 vanished · at clinic-01 (1 of its 4)", "L3"),
    ]  # fmt: skip
    assert [each.serial for each in found[1].devices] == ["B1", "B0", "B2"], "the surest of the worst is explained"
    assert found[0].do == (
        "Export the MDM's inventory into the case’s mdm/; the MDM inventory must reach past 2026-05-17 08:47:12 UTC "
        "(03:47:12 CDT); then trace again."
    )
    assert found[0].words.endswith("; then trace again. When it is there:"), "not at once"
    assert steps.explain(found[1], shown) == "abm-trace explain B1 --case 'my case/'"


def test_devices_of_one_layer_that_need_different_things_are_told_both() -> None:
    """If this failed, a device that has only to cool would be erased with those of another signature."""
    cools = verdict(serial="B", verdict="half_confirmed", advice="Let it cool.", confidence=1)
    (only,) = steps.steps(report(verdict(serial="A", **ERASE), cools))
    assert (only.count, only.do) == (
        2, "The 1 vanished: Erase the device and reimage it once. The 1 half confirmed: Let it cool."
    )  # fmt: skip


def test_why_and_next_add_up() -> None:
    """If this failed, the groups of the causes and those of the steps would be others, and their sums as well."""
    shown = lacking(
        verdict(serial="A1"), verdict(serial="A2", layer=None), verdict(serial="A3", verdict="half_confirmed"),
        verdict(serial="A4", layer="L0", cause="released"), verdict(serial="A5", verdict="rejected", layer=None),
        verdict(serial="A6", verdict="half_confirmed", layer=None, missing=("apple",)),
        verdict(serial="U8", verdict="unknown"), unknown(1), healthy("H"),
    )  # fmt: skip
    causes = steps.causes(shown)
    assert sum(each.failed for each in causes) == 6
    assert {each.name for each in causes} <= {each.name for each in steps.steps(shown)}
    assert [each.name for each in causes] == [
        "L6 identity", "half confirmed: ABM or DEP has no record", "no layer proved", "rejected by ABM",
        "released (L0)",
    ]  # fmt: skip
    assert (causes[0].count, causes[0].failed) == (3, 2), "an undecided device with the same layer needs the same"
    rest = steps.undecided(shown)
    assert rest is not None
    assert [each.serial for each in rest.devices] == ["U1"]


def test_undecided_devices_are_a_step_where_no_source_settles_them() -> None:
    """If this failed, devices of which nothing is known would need nobody."""
    (only,) = steps.steps(report(unknown(1)))
    assert (only.name, only.page) == ("undecided: not read far enough", "unknown")
    assert steps.undecided(report(unknown(1))) is None


def test_what_cannot_be_undone_is_said() -> None:
    """If this failed, 155 devices would be erased on one line's word, or before the evidence was whole."""
    (clock,) = steps.steps(report(verdict(advice="Set the clock, then trace again.")))
    assert clock.caution == ""
    assert clock.words == "Set the clock, then trace again. Look at one device first:", "no command stands bare"
    (erase,) = steps.steps(report(verdict(**ERASE)))
    assert (erase.caution, erase.lead) == ("This cannot be undone", "Look at one device first")
    assert erase.words == erase.do, "the caution goes between"
    held = verdict(serial="B1", verdict="half_confirmed", missing=("apple",), **ERASE)
    (step,) = steps.steps(report(held, verdict(**ERASE)))
    assert step.caution.startswith("The MDM holds 1 of them already, and what is on them would be lost; this cannot")
    _, step = steps.steps(lacking(verdict(missing=("mdm",), **ERASE), unknown(1)))
    assert (
        step.caution
        == "Before a device is touched, fetch what is missing: it may clear 1 of them; this cannot be undone"
    )
    _, step = steps.steps(lacking(verdict(missing=("mdm",), advice="Set the clock."), unknown(1)))
    assert step.caution == "Before a device is touched, fetch what is missing: it may clear 1 of them"


def test_a_step_names_the_place_that_all_its_devices_share() -> None:
    """If this failed, "check the staple of its endpoint from its site" would not say of which, from where."""
    vague = "Check the staple of its ABM endpoint from its site."
    both = [
        verdict(serial=serial, advice=vague, next_action=f"check api.abm.apple.com of {serial} from {site}", site="a")
        for serial, site in (("F9FXQ1ABCD", "a"), ("F9FXQ1ABCE", "a"))
    ]
    assert steps.steps(report(*both))[0].do == "Check api.abm.apple.com of the device from a."
    other = verdict(serial="F9FXQ1ABCF", advice=vague, next_action="check F9FXQ1ABCF from b")
    assert steps.steps(report(*both, other))[0].do == vague


def test_where_a_step_is() -> None:
    """If this failed, a dead token's devices would be looked for at twenty sites, or a scatter be called a place."""
    lost = [verdict(serial=f"A{n}", site=f"s{n}") for n in range(10)]
    assert steps.steps(report(*lost))[0].place == "at 10 sites", "a first site of each step would be a second worst"
    well = [healthy(f"H{n}") for n in range(30)]
    servers = {each.serial: "dead" for each in lost} | {each.serial: "main" for each in well}
    assert steps.steps(report(*lost, *well, servers=servers))[0].place == "all on MDM server dead"
    assert steps.steps(report(verdict()))[0].place == "", "the only site is no news"
    assert steps.steps(report(verdict(site="")))[0].place == ""


def test_each_device_is_named_by_what_is_known_of_it() -> None:
    """If this failed, "nothing proves what stopped them" would stand where the action knows it."""
    half = {"verdict": "half_confirmed", "layer": None}
    assert stopped_by(verdict(missing=("mdm",), **half)) == "half confirmed: the MDM has no record"
    assert stopped_by(verdict(missing=("apple",), **half)) == "half confirmed: ABM or DEP has no record"
    assert stopped_by(verdict(layer="L0", cause="token_expired")) == "token expired (L0)"
    own = {"layer": "L0", "cause": "rejected"}
    assert stopped_by(verdict(verdict="rejected", **own)) == "rejected by ABM", "rejected (L0) would be no reason"
    assert stopped_by(healthy("H")) == ""


def test_what_may_clear_a_tenth_of_the_failed_is_the_first_step() -> None:
    """If this failed, 129 devices would be set up again, and the list that clears them be read afterwards."""
    shown = lacking(
        *(verdict(serial=f"C{number}", layer="L3", advice="Set the clock.") for number in range(20)),
        *(verdict(serial=f"M{number}", missing=("mdm",), advice="Wait.") for number in range(3)),
    )
    fetch, clock, wait = steps.steps(shown)
    assert (fetch.page, fetch.who) == ("", "may clear 3 vanished")
    assert (clock.page, wait.page) == ("L3", "L6")


def test_a_log_explains_and_clears_nothing() -> None:
    """If this failed, a person would be sent for a log before the clock is set, in the hope that all is well."""
    lost = [verdict(serial=f"N{number}", layer=None) for number in range(3)]
    clock = [verdict(serial=f"C{number}", layer="L3", advice="Set the clock.") for number in range(4)]
    wanted = (Missing("a device log", tuple(lost), None, "capture the boot of each"),)
    found = steps.steps(report(*lost, *clock, wanted=wanted))
    assert [each.name for each in found] == ["L3 clock", "no layer proved", "fetch a device log"]
    assert found[2].who == "would explain the same 3 vanished"


def test_a_source_is_of_the_server_that_lacks() -> None:
    """If this failed, nobody would know of which of twenty servers the list is to be had."""
    lost = [verdict(serial=f"A{number}", missing=("apple",)) for number in range(6)]
    well = [healthy(f"H{number}") for number in range(9)]
    how = "save the DEP device list of its MDM server into CASE/dep/"
    wanted = (Missing("the DEP device list", tuple(lost), None, how, ("apple",)),)
    servers = {each.serial: "dead" for each in lost}
    found = steps.steps(report(*lost, *well, wanted=wanted, servers=servers))[0]
    assert found.do == "Save the DEP device list of MDM server dead into the case’s dep/; then trace again."


def test_what_may_show_that_devices_are_well_comes_before_they_are_erased() -> None:
    """If this failed, a hundred devices would be wiped first, and the list that clears them be read afterwards."""
    shown = lacking(
        *(verdict(serial=f"E{number}", **ERASE) for number in range(8)),
        *(verdict(serial=f"M{number}", missing=("mdm",), **ERASE) for number in range(2)),
        *(verdict(serial=f"C{number}", layer="L3", advice="Set the clock.") for number in range(12)),
    )
    assert [each.page for each in steps.steps(shown)] == ["L3", "", "L6"]


def test_one_open_device_of_many_does_not_hold_the_others_up() -> None:
    """If this failed, whoever could start at once would first be sent to export a list for one device."""
    shown = lacking(
        *(verdict(serial=f"E{number}", **ERASE) for number in range(20)), verdict(missing=("mdm",), **ERASE)
    )
    assert [each.page for each in steps.steps(shown)] == ["L6", ""]


def test_two_steps_for_the_same_devices_say_so() -> None:
    """If this failed, 153 devices that a list may clear and the 153 of the step after it would be taken for 306."""
    lost = [verdict(serial=f"A{number}", missing=("mdm",), **ERASE) for number in range(3)]
    fetch, erase = steps.steps(lacking(*lost))
    assert (fetch.who, erase.who) == ("may clear 3 vanished", "the same 3 vanished")
    more = verdict(serial="B", verdict="half_confirmed", **ERASE)
    assert [each.who for each in steps.steps(lacking(*lost, more))] == [
        "may clear 3 vanished", "3 vanished, 1 half confirmed",
    ]  # fmt: skip


def test_what_is_a_cause() -> None:
    """If this failed, a lack of proof would be counted among the causes."""
    shown = report(
        verdict(), verdict(serial="B", layer=None), verdict(serial="C", layer="L0", cause="released"),
        verdict(serial="D", verdict="rejected", layer="L0", cause="rejected"),
    )  # fmt: skip
    assert {each.name for each in steps.groups(shown) if each.is_cause} == {"L6 identity", "released (L0)"}
