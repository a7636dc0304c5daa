"""The sums that every export shows."""

from tests.exports.building import AS_OF, healthy, reading, report, verdict

from abm_trace.core.nouns import Fact, Origin, Skipped, Verdict
from abm_trace.exports._interface import numbers

ORIGIN = Origin("a", "b")


def waiting(serial: str) -> Verdict:
    """A device that was never booted."""
    return verdict(serial=serial, verdict="not_started", last_rung="synced", layer=None, attempts=0)


def test_groups_are_worst_first_and_the_surest_device_stands_first() -> None:
    """If this failed, the action named first would not be the one that helps most."""
    shown = report(
        healthy("H1"),
        verdict(serial="U1", verdict="unknown", layer=None, missing=("mdm",)),
        verdict(serial="A1", verdict="half_confirmed", missing=("mdm",)),
        verdict(serial="B2", confidence=50), verdict(serial="B1", confidence=90), verdict(serial="B3", confidence=90),
        verdict(serial="C1", layer="L0", cause="released"),
    )  # fmt: skip
    found = numbers.groups(shown)
    assert [(each.verdict, each.layer, each.cause, each.missing, each.count) for each in found] == [
        ("vanished", "L6", "", (), 3),
        ("vanished", "L0", "released", (), 1),
        ("half_confirmed", "L6", "", ("mdm",), 1),
        ("unknown", "", "", ("mdm",), 1),
    ]
    assert [each.serial for each in found[0].devices] == ["B1", "B3", "B2"]
    assert found[0].first.serial == "B1"


def test_sites_with_the_most_failures_first() -> None:
    """If this failed, a person would be sent to the wrong site."""
    shown = report(
        healthy("A", "calm"), verdict(serial="B", site="one"), verdict(serial="C", site="two"),
        verdict(serial="D", site="two", layer="L3"), verdict(serial="E", site="two", layer="L3"),
        verdict(serial="F", site="dim", verdict="unknown", layer=None),
    )  # fmt: skip
    assert [(each.name, each.total, each.failed, each.unknown) for each in numbers.by_site(shown)] == [
        ("two", 3, 3, 0), ("one", 1, 1, 0), ("dim", 1, 0, 1), ("calm", 1, 0, 0),
    ]  # fmt: skip
    assert (numbers.by_site(shown)[0].mostly, numbers.by_site(shown)[0].mostly_count) == (("L3", ""), 2)
    assert numbers.by_layer(shown) == [("L3", "", 2), ("L6", "", 2)]


def test_a_device_that_never_booted_did_not_fail_on_the_ladder() -> None:
    """If this failed, devices in their boxes would be read as failures."""
    shown = report(waiting("W"), verdict(rungs={"booted": ORIGIN, "requested": ORIGIN}), healthy("H"))
    steps = {step.rung: step for step in numbers.ladder(shown)}
    assert [steps[rung].reached for rung in ("known", "synced", "booted", "requested", "accepted", "enrolled")] == [
        3, 3, 2, 2, 1, 1,
    ]  # fmt: skip
    assert (steps["synced"].stopped, steps["synced"].failed) == ({"not_started": 1}, 0)
    assert (steps["requested"].stopped, steps["requested"].failed) == ({"vanished": 1}, 1)
    assert (steps["requested"].proved, steps["known"].proved) == (1, 0)


def test_configured_is_asked_of_devices_with_apples_evidence_alone() -> None:
    """If this failed, every device of the guide would look as if it had stopped before its last rung."""
    assert numbers.ladder(report(healthy("H")))[-1].of == 0
    assert numbers.ladder(report(healthy("H"), verdict(dialects=("guide", "apple"))))[-1].of == 1


def test_a_device_on_no_rung_is_counted_on_none() -> None:
    """If this failed, a serial of which nothing is known would stand on the first rung."""
    assert {step.reached for step in numbers.ladder(report(verdict(last_rung=None)))} == {0}


def test_retried() -> None:
    """If this failed, the retries or the licences of healthy devices would be counted wrongly."""
    shown = report(verdict(attempts=2), healthy("A1"), verdict(serial="A2", attempts=0))
    assert numbers.retried(shown) == (1, 2)


def test_the_newest_event_is_not_in_the_future() -> None:
    """If this failed, the expiry of a token would say how far the evidence reaches."""
    files = (reading(last_at=AS_OF - 5), reading("b", last_at=AS_OF + 5), reading("c", last_at=None))
    assert numbers.newest(report(readings=files)) == AS_OF - 5


def test_refused_are_files_and_no_settings() -> None:
    """If this failed, a bad rule of the user's would be counted as evidence that was not read."""
    skipped = (
        Skipped("fifo", "a fifo"), Skipped("case.toml", "x"), Skipped("r.yml", "signature not used: y"),
        Skipped("logs/F9FXQ1ABCD.log", "cut", 3),
    )  # fmt: skip
    shown = report(readings=(reading(), reading("x", format="")), skipped=skipped)
    assert numbers.refused(shown) == {"fifo", "x"}
    assert numbers.read(shown) == 1


def test_alike_reasons_are_one_kind() -> None:
    """If this failed, a thousand damaged lines would fill the screen."""
    skipped = [Skipped("a", "line 5 is cut"), Skipped("b", "a fifo"), Skipped("a", "line 6 is cut", 6)]
    assert [[numbers.place(each) for each in kind] for kind in numbers.alike(skipped)] == [["a", "a:6"], ["b"]]


def test_pending_is_counted_of_those_without_a_confirmation() -> None:
    """If this failed, Pending would be shown of a device that came to be registered."""
    facts = tuple(Fact("pending", AS_OF, "audit", "", {"serial": serial}, ORIGIN) for serial in ("F9FXQ1ABCD", "H"))
    assert numbers.pending(report(verdict(), healthy("H"), readings=(reading(facts=facts),))) == 1
