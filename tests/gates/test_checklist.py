"""The checklist: complete or not, and what it decides."""

import time
from collections.abc import Callable, Sequence

import pytest

from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Finding
from abm_trace.gates.checklist import STEPS, Excuse, Step, run
from abm_trace.gates.looks import Subject, live

WRONG = Subject("x", findings=(Finding("x", "check", "L1", "error", 100, (live("x", "y"),)),))


def good() -> Sequence[Subject]:
    """A step that finds nothing."""
    return [Subject("x")]


def steps(**other: Callable[[], Sequence[Subject]]) -> list[Step]:
    """All steps good, but those given."""
    return [Step(name, other.get(name.replace("-", "_"), good), inline=name == "audit") for name in STEPS]


def test_complete_and_good() -> None:
    """If this failed, nobody could ever escalate."""
    done = run(steps())
    assert (done.is_complete, done.decision) == (True, "escalate")
    assert [each.id for each in done.steps] == list(STEPS)


def test_something_is_wrong_here() -> None:
    """If this failed, a cause in the house would be escalated to the vendor."""
    assert run(steps(tls=lambda: [WRONG])).decision == "look_here_first"


@pytest.mark.parametrize("of", [[], [Subject("x", problem="no answer")]])
def test_what_could_not_be_told_refuses(of: list[Subject]) -> None:
    """If this failed, a tired engineer could pass a step by not looking."""
    done = run(steps(clock=lambda: of))
    assert (done.is_complete, done.decision) == (False, "refused")


def test_a_step_that_is_not_asked_for_refuses() -> None:
    """If this failed, a step could be left out without a name."""
    assert run(steps()[:-1]).decision == "refused"


def test_an_excuse_counts_and_its_step_is_not_taken() -> None:
    """If this failed, a step that somebody answers for would block, or be taken all the same."""
    taken: list[str] = []

    def take() -> Sequence[Subject]:
        taken.append("payload")
        return []

    done = run(steps(payload=take), [Excuse("payload", "J. Doe", "no MDM")])
    assert done.decision == "escalate"
    assert taken == []
    assert (done.steps[5].result, done.steps[5].excuse) == ("skipped", Excuse("payload", "J. Doe", "no MDM"))


def test_a_step_that_fails_does_not_stop_the_others() -> None:
    """If this failed, one missing file, or a fault of ours, would take the whole checklist."""

    def lacking() -> Sequence[Subject]:
        raise UsageError("no profile was named", hint="Name one.")

    def broken() -> Sequence[Subject]:
        raise ZeroDivisionError

    done = run(steps(payload=lacking, tls=broken))
    told = {each.id: each.subjects[0].problem for each in done.steps if each.result == "open"}
    assert told["payload"] == "no profile was named"
    assert "ZeroDivisionError" in told["tls"]
    assert sum(each.result == "good" for each in done.steps) == len(STEPS) - 2


def test_it_ends_in_time_and_steps_stand_side_by_side() -> None:
    """If this failed, dead hosts would hold the engineer, one after the other."""

    def slow() -> Sequence[Subject]:
        time.sleep(0.4)
        return [Subject("x")]

    assert run(steps(tls=slow, clock=slow, network=slow)).took_s < 1
    done = run(steps(tls=slow), limit_s=0.1)
    assert (done.decision, done.took_s < 0.4) == ("refused", True)
    assert "did not end" in {each.id: each for each in done.steps}["tls"].subjects[0].problem


def test_what_several_steps_stand_on_is_timed_by_itself() -> None:
    """If this failed, the first step would be told to have taken as long as to read the whole case."""
    read: list[str] = []

    def reading() -> None:
        time.sleep(0.3)
        read.append("case")

    def broken() -> None:
        raise UsageError("no case")

    done = run(steps(audit=lambda: [Subject(each) for each in read]), prepare=reading)
    assert done.decision == "escalate"
    assert done.prepared_s > 0.25
    assert all(each.took_s < 0.25 for each in done.steps)
    assert run(steps(), prepare=broken).decision == "escalate"  # Those that need it say what is wrong with it.
