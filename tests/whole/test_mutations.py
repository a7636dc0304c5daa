"""A mutated tracer is seen: each rule removed, neighbours swapped, each threshold doubled or halved loses devices.

The facts of all scenarios are read once and judged again with each mutation. What no scenario holds stands in SINGLES:
devices built fact by fact, with what the specification makes of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec
import pytest
from tests.verdict.apple import case, coded, row
from tests.verdict.facts import (
    HOUR,
    asked,
    at,
    booted,
    by_hand,
    context,
    device,
    log,
    methodless,
    recorded,
    rejected,
    token,
    unstable,
)

from abm_lab import scenario as scenarios
from abm_lab.truth import CaseTruth
from abm_trace.core.nouns import Device, Fact, Verdict
from abm_trace.pipeline.triage import Triage
from abm_trace.verdict import Context, judge, layers, thresholds
from abm_trace.verdict.causes import AFTER_ASKING, BEFORE_ASKING

pytestmark = pytest.mark.slow

Traced = Callable[[str], tuple[Triage, CaseTruth]]
Standing = tuple[str, str | None]

WITHOUT_VERDICT: Final = {
    "staging_abort_s": "it aborts a staging step that goes on; what was aborted is judged like the rest",
    "limbo_s": "Pending is L7 from pending_s on; from limbo_s on it is only told more urgently",
}
"""Thresholds that decide no verdict, layer, cause or count of attempts, and why."""

_REFUSED = log("response_401", 9, by="abm-response-401")
_OLD_TOKEN = context(wide=[("case", "", token("tok_us", expires_s=-HOUR))])
_LIVE = context(apple=50, mdm=50, interval_s=90)


@dataclass(frozen=True, slots=True)
class Single:
    """One device with its case, and what is true of it."""

    device: Device
    case: Context
    as_of: float
    truth: Standing
    cause: str | None = None
    attempts: int = 1


_CAUSES: Final = (*BEFORE_ASKING, *AFTER_ASKING[:-1])


def _caused(cause: str, expected: str, *others: Fact) -> Single:
    """A device with an error code of a cause, and what else there is."""
    facts = (booted(), coded(cause, 300, "mdm_error"), *others)
    return Single(device(*facts), context(), HOUR, ("vanished", "L0"), expected, 0)


SINGLES: Final = (
    # 401 with an expired token goes before a profile without a method: L0 before asking, then L5.
    Single(device(booted(), _REFUSED, methodless(300)), _OLD_TOKEN, HOUR, ("vanished", "L0"), "token_expired", 0),
    # An unstable identifier goes before an MDM record made by hand.
    Single(device(booted(), asked(), unstable(), by_hand(300)), context(), HOUR, ("half_confirmed", "L6")),
    # A state that is recorded (by hand) goes before what a rejection says.
    Single(
        device(booted(), asked(), rejected("quota_exceeded"), by_hand(300)),
        context(),
        HOUR,
        ("rejected", "L0"),
        "enrolled_by_hand",
    ),
    # A source that is still being read is waited for three intervals of 90 s past the deadline, and no more.
    Single(device(booted(), recorded()), _LIVE, 63 + 200, ("in_progress", None)),
    Single(device(booted(), recorded()), _LIVE, 63 + 300, ("unknown", None)),
    # Two requests 0.7 s apart are one attempt.
    Single(device(booted(), asked(5), asked(5.7)), context(), HOUR, ("vanished", None)),
    # Each cause of L0 by its error code: alone, beside the next one, and at the ends beside the layers.
    *(_caused(cause, cause) for cause in _CAUSES),
    *(_caused(one, one, coded(other, 300, "mdm_error")) for one, other in pairwise(BEFORE_ASKING)),
    *(_caused(one, one, coded(other, 300, "mdm_error")) for one, other in pairwise(AFTER_ASKING[:-1])),
    _caused("throttled", "throttled", methodless(300)),
    Single(
        device(booted(), unstable(), coded("apple_unavailable", 300)), context(), HOUR, ("vanished", "L6"), None, 1
    ),
    Single(
        device(booted(), coded("enrolled_by_hand", 300, "mdm_error"), rejected("quota_exceeded")),
        context(), HOUR, ("rejected", "L0"), "enrolled_by_hand", 0,
    ),
    # A device of ABM or DEP has 15 minutes.
    Single(device(booted(), row()), case(), 899, ("in_progress", None), None, 0),
    Single(device(booted(), row()), case(), 901, ("vanished", None), None, 0),
)  # fmt: skip


Item = tuple[Device, Context, int, Standing, str | None, int]


@dataclass(frozen=True, slots=True)
class Exam:
    """Every device of every scenario, and the single ones, each with its truth."""

    items: tuple[Item, ...]

    def wrong(self, change: Callable[[Context], Context] = lambda case: case) -> Iterator[frozenset[str]]:
        """Judge them one by one, each in its changed case: in which respects each that is not right is wrong.

        Of one whose standing is wrong the rest says nothing.
        """
        cases: dict[int, Context] = {}
        for each, given, as_of, truth, cause, attempts in self.items:
            changed = cases.get(id(given))
            if changed is None:
                changed = cases[id(given)] = change(given)
            verdict = judge(each, changed, as_of)
            if (verdict.verdict, verdict.layer) != truth:
                yield frozenset({"standing", "cause", "attempts"})
            elif (verdict.cause, verdict.attempts) != (cause, attempts):
                asked = {"cause": verdict.cause != cause, "attempts": verdict.attempts != attempts}
                yield frozenset(name for name, is_wrong in asked.items() if is_wrong)

    def sees(self, respect: str, change: Callable[[Context], Context] = lambda case: case) -> bool:
        """Whether any device is wrong in this respect, as none is without a mutation; the first one ends it."""
        return any(respect in each for each in self.wrong(change))


def _name(place: int) -> str:
    rule = layers.RULES[place]
    return rule.cause or rule.layer


@pytest.fixture(scope="module")
def exam(traced: Traced) -> Exam:
    """The devices of all scenarios, read once, and the single ones."""

    def items() -> Iterator[tuple[Device, Context, int, Standing, str | None, int]]:
        for name in scenarios.names():
            found, truth = traced(name)
            true = {each.serial: each for each in truth.devices}
            for each in found.devices:
                known = true.get(each.serial)
                if known is not None:
                    yield each, found.context, found.as_of, (known.verdict, known.layer), known.cause, known.attempts
        for single in SINGLES:
            yield single.device, single.case, at(single.as_of), single.truth, single.cause, single.attempts

    return Exam(tuple(items()))


def test_the_tracer_as_it_is_gets_all_right(exam: Exam) -> None:
    """If this failed, a mutation below would be seen where there is none."""
    assert len(exam.items) > 250 * len(scenarios.names())
    assert list(exam.wrong()) == []


@pytest.mark.parametrize("place", range(len(layers.RULES)), ids=_name)
def test_a_rule_that_is_removed_is_missed(place: int, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a rule could be deleted and every test of the whole would pass."""
    monkeypatch.setattr(layers, "RULES", layers.RULES[:place] + layers.RULES[place + 1 :])
    assert exam.sees("standing")


@pytest.mark.parametrize("place", range(len(layers.RULES) - 1), ids=lambda place: f"{_name(place)}-{_name(place + 1)}")
def test_neighbours_that_are_swapped_are_seen(place: int, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the order of the layers could change unnoticed."""
    one, other = layers.RULES[place : place + 2]
    monkeypatch.setattr(layers, "RULES", (*layers.RULES[:place], other, one, *layers.RULES[place + 2 :]))
    assert exam.sees("cause" if one.layer == other.layer else "standing")  # Of two causes of a layer that alone tells.


@pytest.mark.parametrize("factor", [2, 0.5], ids=["doubled", "halved"])
def test_a_threshold_that_is_changed_is_seen(factor: float, exam: Exam) -> None:
    """If this failed, a threshold could drift unnoticed, or one without effect would pass for one that decides."""
    unseen = set()
    for name in thresholds().items:
        change = lambda case, name=name: _scaled(case, name, factor)  # noqa: E731
        if not exam.sees("attempts" if name == "attempt_gap_s" else "standing", change):
            assert list(exam.wrong(change)) == [], name
            unseen.add(name)
    assert unseen == set(WITHOUT_VERDICT)


def test_silence_that_speaks_beside_a_proof_is_seen(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, L2 and L7 could contribute to devices whose cause is proved."""
    found, _ = traced("poisoned")
    monkeypatch.setattr(layers, "RULES", tuple(msgspec.structs.replace(rule, silence=False) for rule in layers.RULES))
    loud = [judge(each, found.context, found.as_of) for each in found.devices]
    assert _contributing(loud) != _contributing(found.verdicts)


def _contributing(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    return [verdict.contributing for verdict in verdicts]


def _scaled(case: Context, name: str, factor: float) -> Context:
    return msgspec.structs.replace(case, thresholds=case.thresholds.changed(name, case.thresholds.value(name) * factor))
