"""What would settle most: the sources that lack, by the devices that they would settle."""

from tests.verdict.apple import case, row
from tests.verdict.facts import HOUR, UNREAD, asked, at, booted, context, device, recorded

from abm_trace.core.nouns import Device, Verdict
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
    assert "CASE/audit/; export the MDM's inventory into CASE/mdm/" in found.how


def test_a_device_without_a_log_wants_one() -> None:
    """If this failed, a device of which nothing is known would be told to be hopeless."""
    verdicts, devices = judged((device(recorded()), context()))
    assert [(each.source, each.until) for each in wanted(verdicts, devices)] == [("log", None)]


def test_what_is_settled_wants_nothing() -> None:
    """If this failed, everybody would be sent for more evidence of what is plain."""
    verdicts, devices = judged((device(booted(), asked(), recorded()), context()), (device(), context()))
    assert not wanted(verdicts, devices)
