"""The sums that every export shows."""

from tests.exports.building import AS_OF, healthy, reading, report, verdict

from abm_trace.core.nouns import Fact, Origin, Skipped, Verdict
from abm_trace.exports._interface import numbers

ORIGIN = Origin("a", "b")


def waiting(serial: str) -> Verdict:
    """A device that was never booted."""
    return verdict(serial=serial, verdict="not_started", last_rung="synced", layer=None, attempts=0)


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
    done = verdict(dialects=("guide", "apple"), last_rung="configured")
    assert numbers.ladder(report(healthy("H"), done, verdict(dialects=("apple",))))[-1].of == 2


def test_configured_is_not_told_where_nothing_tells_of_it() -> None:
    """If this failed, "configured 0 %" would read as if nobody had come through."""
    assert numbers.ladder(report(verdict(dialects=("apple",))))[-1].of == 0


def test_a_device_on_no_rung_is_counted_on_none() -> None:
    """If this failed, a serial of which nothing is known would stand on the first rung."""
    assert {step.reached for step in numbers.ladder(report(verdict(last_rung=None)))} == {0}


def test_retried() -> None:
    """If this failed, the retries or the licences of healthy devices would be counted wrongly."""
    silent = verdict(serial="A2", attempts=0)
    shown = report(verdict(attempts=2), healthy("A1"), silent, verdict(serial="A3", attempts=0, last_rung="booted"))
    assert numbers.retried(shown) == (1, 3), "who is known to have asked by other evidence than its log counts"


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
