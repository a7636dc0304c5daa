"""What would settle most: the sources that lack, by the devices that they would settle."""

from tests.exports.building import verdict
from tests.verdict.apple import case, row
from tests.verdict.facts import HOUR, UNREAD, asked, at, booted, context, device, recorded

from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.verdict import Context, judge
from abm_trace.views.settle import wanted


def judged(*pairs: tuple[Device, Context]) -> tuple[list[Verdict], list[Device]]:
    """The verdicts of these devices an hour after their boots, and the devices."""
    return [judge(each, given, at(HOUR)) for each, given in pairs], [each for each, _ in pairs]


def test_what_settles_most_goes_first() -> None:
    """If this failed, somebody would fetch for an hour what settles one device."""
    unread = context(mdm=UNREAD, apple=UNREAD)
    no_mdm = context(mdm=UNREAD)
    asking = device(booted(), asked(), recorded())
    verdicts, devices = judged((asking, unread), (asking, no_mdm), (device(booted(), row()), case(dep=None, mdm=None)))
    assert [(each.source, each.devices) for each in wanted(verdicts, devices)] == [
        ("mdm", 3), ("audit", 1), ("dep", 1),
    ]  # fmt: skip
    assert wanted(verdicts, devices)[0].until == at(900)


def test_sources_that_settle_the_same_devices_are_one() -> None:
    """If this failed, one errand would be told as two, each with all of its devices."""
    unread = context(mdm=UNREAD, apple=UNREAD)
    (found,) = wanted(*judged((device(booted(), asked(), recorded()), unread)))
    assert (found.source, found.name, found.devices) == ("audit+mdm", "the ABM audit and the MDM inventory", 1)
    assert found.sides == ("apple", "mdm")
    assert "CASE/audit/; export the MDM's inventory into CASE/mdm/" in found.how


def test_a_device_without_a_log_wants_one() -> None:
    """If this failed, a device of which nothing is known would be told to be hopeless."""
    verdicts, devices = judged((device(recorded()), context()))
    assert [(each.source, each.until, each.sides) for each in wanted(verdicts, devices)] == [("log", None, ())]


def test_what_is_settled_wants_nothing() -> None:
    """If this failed, everybody would be sent for more evidence of what is plain."""
    verdicts, devices = judged((device(booted(), asked(), recorded()), context()), (device(), context()))
    assert not wanted(verdicts, devices)


def test_what_apple_refuses_needs_its_cause_mended_before() -> None:
    """If this failed, a person would be sent for a list that Apple gives to nobody until the terms are accepted."""
    cause = {"layer": "L0", "cause": "terms_not_accepted"}
    lost = [verdict(serial=f"A{n}", missing=("apple",), **cause) for n in range(3)]
    other = [verdict(serial="B", missing=("apple",))]
    held = Device("A", {}, (Fact("dep_record", None, "dep", "", {}, Origin("dep/a.json", "dep")),))
    (found,) = wanted([*lost, *other], [held] * 4)
    assert found.how.startswith("have Apple's new terms accepted (until then Apple refuses the list); save the DEP ")
    (found,) = wanted([*lost, *other * 3], [held] * 6)
    assert found.how.startswith("save the DEP device list"), "most are of another cause"
