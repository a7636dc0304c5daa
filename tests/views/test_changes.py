"""What is said otherwise than before: each device in one class, and why."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.exports.building import AS_OF, DIGEST, healthy, verdict

from abm_trace.core.changes import KINDS, WHY, Change
from abm_trace.core.nouns import FAILED, RUNGS, VERDICTS, Finding, Origin, Verdict
from abm_trace.views.changes import changes

MINUTE = 60_000_000


def origin(line: int = 1, digest: str = DIGEST, path: str = "logs/A.log") -> Origin:
    """A cited line."""
    return Origin(path, "x", 0, 10, line, None, digest)


def finding(name: str, layer: str = "L6", **changed: Any) -> Finding:  # noqa: ANN401  # Whatever a field takes.
    """A finding of high severity by a signature, with changes."""
    values = {"severity": "high", "evidence": (origin(),), **changed}
    return Finding(name, values.pop("kind", "signature"), layer, confidence=90, at=AS_OF, **values)


def waiting(**changed: Any) -> Verdict:  # noqa: ANN401  # As above.
    """A device in progress, judged before its deadline."""
    values = {
        "verdict": "in_progress", "layer": None, "contributing": (), "findings": (), "as_of": AS_OF - 30 * MINUTE,
        "deadline_at": AS_OF - 20 * MINUTE, **changed,
    }  # fmt: skip
    return verdict(**values)


def only(before: list[Verdict], after: list[Verdict]) -> Change:
    """The one change."""
    (change,) = changes(before, after)
    return change


ORIGINS = some.builds(origin, some.integers(1, 9), some.sampled_from([DIGEST, "b" * 64, "c" * 64]))
FINDINGS = some.builds(
    Finding,
    id=some.sampled_from(["a", "b", "apple-silent", "mdm-silent"]),
    kind=some.sampled_from(["signature", "rule", "check"]),
    layer=some.sampled_from(["", "L0", "L3", "L6"]),
    severity=some.sampled_from(["info", "medium", "high"]),
    confidence=some.integers(0, 100),
    evidence=some.lists(ORIGINS, max_size=3).map(tuple),
    at=some.none() | some.integers(AS_OF - MINUTE, AS_OF + MINUTE),
)
RUNG = some.none() | some.sampled_from(RUNGS)
FLEETS = some.lists(
    some.builds(
        verdict,
        serial=some.sampled_from([f"F9F00000{number}" for number in range(8)]),
        verdict=some.sampled_from(VERDICTS),
        layer=some.sampled_from([None, "L0", "L3", "L6"]),
        cause=some.sampled_from([None, "no_profile"]),
        last_rung=RUNG,
        missing=some.sampled_from([(), ("apple",), ("mdm",), ("apple", "mdm")]),
        findings=some.lists(FINDINGS, max_size=4).map(tuple),
        as_of=some.integers(AS_OF - MINUTE, AS_OF + MINUTE),
        journeys=some.integers(1, 3),
        rungs=some.dictionaries(some.sampled_from(RUNGS), some.none() | ORIGINS),
    ),
    max_size=8,
    unique_by=lambda each: each.serial,
)


@given(FLEETS)
def test_nothing_changed_since_itself(fleet: list[Verdict]) -> None:
    """If this failed, a shift in which nothing happened would be handed over as news."""
    assert changes(fleet, fleet) == ()


@given(FLEETS, FLEETS, some.randoms())
def test_the_order_does_not_matter(before: list[Verdict], after: list[Verdict], chance: random.Random) -> None:
    """If this failed, the same two files sorted otherwise would tell another story."""
    shuffled = [chance.sample(each, len(each)) for each in (before, after)]
    assert changes(*shuffled) == changes(before, after)


@given(FLEETS, FLEETS)
def test_each_device_is_in_one_class(before: list[Verdict], after: list[Verdict]) -> None:
    """If this failed, a device would be counted twice, or be lost between two shifts."""
    found = changes(before, after)
    earlier, later = ({each.serial: each for each in fleet} for fleet in (before, after))
    assert len({change.serial for change in found}) == len(found)
    for change in found:
        assert change.kind in KINDS
        assert change.why in WHY
        assert (change.earlier, change.later) == (earlier.get(change.serial), later.get(change.serial))
        assert (change.kind == "new") == (change.serial not in earlier)
        assert (change.kind == "gone") == (change.serial not in later)
        if change.kind == "recovered":
            assert earlier[change.serial].verdict in FAILED
            assert later[change.serial].verdict == "confirmed"
        if change.earlier and change.later:
            newly = change.later.verdict in FAILED and change.earlier.verdict not in FAILED
            assert (change.kind == "failed") == newly
    same = earlier.keys() & later.keys() - {change.serial for change in found}
    assert all(
        (earlier[serial].verdict, earlier[serial].layer) == (later[serial].verdict, later[serial].layer)
        for serial in same
    )


def test_new_evidence_is_cited() -> None:
    """If this failed, nobody could look up why a device has failed since the last shift."""
    known = finding("a", evidence=(origin(1, "a" * 64),))
    change = only([waiting(findings=(known,))], [verdict(findings=(known, finding("b", evidence=(origin(7),))))])
    assert (change.kind, change.why) == ("failed", "evidence")
    assert [(ground.id, ground.origin) for ground in change.cited] == [("b", origin(7))]


def test_only_the_time_passed() -> None:
    """If this failed, a deadline that passed would look like something that happened."""
    known = finding("a")
    change = only([waiting(findings=(known,))], [verdict(findings=(known,))])
    assert (change.kind, change.why, change.cited) == ("failed", "time", ())


def test_a_rule_that_is_asked_only_past_the_deadline_is_no_news() -> None:
    """If this failed, old evidence would be called new because nobody had asked it yet; unless it happened since."""
    old = finding("tls-probe", "L1", kind="rule", evidence=(origin(3),))
    early = AS_OF - 40 * MINUTE
    change = only([waiting()], [verdict(findings=(msgspec.structs.replace(old, at=early),))])
    assert change.why == "time"
    assert [ground.id for ground in change.cited] == ["tls-probe"]
    assert only([waiting()], [verdict(findings=(old,))]).why == "evidence"


def test_a_file_that_was_renamed_is_no_new_evidence() -> None:
    """If this failed, moving a log would make its lines news."""
    moved = finding("a", evidence=(origin(1, DIGEST, "logs/moved/A.log"),))
    change = only([verdict(findings=(finding("a"),), layer="L3")], [verdict(findings=(moved,))])
    assert (change.why, change.cited, change.dropped) == ("judgement", (), ())


def test_evidence_that_went_away() -> None:
    """If this failed, a device would be called better because somebody lost its log."""
    before = verdict(last_rung="accepted", findings=(finding("a"),))
    change = only([before], [verdict(verdict="not_started", layer=None, last_rung="known", findings=())])
    assert (change.kind, change.why) == ("changed", "withdrawn")
    assert [ground.id for ground in change.dropped] == ["a", "accepted"]


def test_a_side_that_is_read_no_more() -> None:
    """If this failed, an inventory that was left out this time would not be named."""
    gone = only([healthy("F9FXQ1ABCD")], [verdict(verdict="unknown", layer=None, last_rung="enrolled",
                                                  missing=("mdm",), findings=())])  # fmt: skip
    assert (gone.why, [(ground.id, ground.kind) for ground in gone.dropped]) == ("withdrawn", [("mdm", "side")])


def test_a_recovery_cites_what_confirms() -> None:
    """If this failed, a recovery would have to be believed."""
    rungs = dict.fromkeys(RUNGS) | {"registered": origin(4), "enrolled": origin(9), "known": origin(1)}
    change = only([verdict()], [msgspec.structs.replace(healthy("F9FXQ1ABCD"), rungs=rungs)])
    assert (change.kind, change.why) == ("recovered", "evidence")
    assert [(ground.id, ground.origin) for ground in change.cited] == [
        ("enrolled", origin(9)), ("registered", origin(4)),
    ]  # fmt: skip


def test_the_side_that_lacked_is_cited_below_the_last_rung_too() -> None:
    """If this failed, ABM's late registration of a device that the MDM had would be no reason."""
    rungs = {"registered": origin(4), "enrolled": origin(9)}
    before = verdict(verdict="half_confirmed", missing=("apple",), last_rung="enrolled", layer=None, findings=())
    change = only([before], [msgspec.structs.replace(healthy("F9FXQ1ABCD"), rungs=rungs)])
    assert [ground.id for ground in change.cited] == ["registered"]


def test_silence_is_new_where_nobody_had_looked() -> None:
    """If this failed, an unknown device that vanished because the MDM was read would have no reason."""
    silent = finding("mdm-silent", "", kind="check")
    before = verdict(verdict="unknown", layer=None, missing=("mdm",), findings=())
    change = only([before], [verdict(layer=None, findings=(silent,))])
    assert (change.why, [ground.id for ground in change.cited]) == ("evidence", ["mdm-silent"])


def test_a_new_journey_loses_nothing() -> None:
    """If this failed, a device that is staged again would be told to have lost its evidence."""
    rungs = {"booted": origin(2)}
    before = msgspec.structs.replace(healthy("F9FXQ1ABCD"), findings=(finding("a", severity="info"),))
    change = only([before], [waiting(journeys=2, last_rung="booted", rungs=rungs, as_of=AS_OF)])
    assert (change.kind, change.why, change.dropped) == ("changed", "evidence", ())
    assert [ground.id for ground in change.cited] == ["booted"]


@pytest.mark.parametrize("after", ["rejected", "half_confirmed"])
def test_another_failure_is_no_new_one(after: str) -> None:
    """If this failed, the night shift would count failures that the day shift had counted."""
    assert only([verdict()], [verdict(verdict=after)]).kind == "changed"


def test_the_worst_comes_first() -> None:
    """If this failed, what must be looked at first would stand last."""
    before = [waiting(serial="F9F000000A"), waiting(serial="F9F000000B"), verdict(serial="F9F000000C")]
    after = [
        verdict(serial="F9F000000A", verdict="half_confirmed"), verdict(serial="F9F000000B"), healthy("F9F000000C"),
        verdict(serial="F9F000000D"),
    ]  # fmt: skip
    assert [(change.kind, change.serial[-1]) for change in changes(before, after)] == [
        ("failed", "B"), ("failed", "A"), ("new", "D"), ("recovered", "C"),
    ]  # fmt: skip


def test_what_was_overcome_is_no_reason() -> None:
    """If this failed, an error that the device got over would be told as why it failed."""
    overcome = finding("a", severity="info", evidence=(origin(8),))
    change = only([waiting()], [verdict(layer=None, findings=(overcome,))])
    assert (change.why, change.cited) == ("time", ())


def test_the_side_that_lacked_had_been_read() -> None:
    """If this failed, a silence that was known before would be told as new."""
    before = verdict(verdict="half_confirmed", missing=("mdm",), last_rung="registered", layer=None, findings=())
    silent = finding("mdm-silent", "", kind="check")
    change = only([before], [verdict(layer=None, findings=(silent,))])
    assert (change.why, change.cited) == ("withdrawn", ())
