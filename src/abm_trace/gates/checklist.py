"""The checklist (SPEC C7): the six triage steps and the preflight, side by side, timed, none skipped without a name.

A step that could not be told is open, and the checklist is not complete; who leaves a step out says who and why.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Finding, Skipped
from abm_trace.gates.looks import State, Subject
from abm_trace.pipeline.isolate import isolated

STEPS: Final[Mapping[str, str]] = {
    "token": "C1 token",
    "boot-log": "C2 boot log",
    "audit": "C3 audit ↔ inventory",
    "tls": "C4 TLS",
    "clock": "C5 clock",
    "payload": "C6 payload",
    "network": "C8 network preflight",
}
"""Every step by its id, in the guide's order, with its row of the specification."""

LIMIT_S: Final = 120.0
"""A step that takes longer is left open. Origin: ours; each step that connects has a much shorter limit of its own."""

Result = Literal["good", "bad", "open", "skipped"]
Decision = Literal["escalate", "look_here_first", "refused"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the checklist: what it looks at. `inline` says that it must run where it is called from."""

    id: str
    run: Callable[[], Iterable[Subject]]
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Excuse:
    """That a step is left out: by whom, and why."""

    step: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step, when it began (seconds from the start of the checklist), and how long it took."""

    id: str
    result: Result
    began_s: float
    took_s: float
    subjects: tuple[Subject, ...] = ()
    excuse: Excuse | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it found."""
        return tuple(finding for each in self.subjects for finding in each.findings)


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps, in their order."""

    steps: tuple[Done, ...]
    took_s: float
    prepared_s: float = 0.0
    """How long took what several steps stand on, such as to read the case."""

    @property
    def is_complete(self) -> bool:
        """Whether every step was told, or is excused."""
        return {each.id for each in self.steps} == set(STEPS) and all(each.result != "open" for each in self.steps)

    @property
    def decision(self) -> Decision:
        """Whether to escalate: not before it is complete, and not before what is wrong here has been looked at."""
        if not self.is_complete:
            return "refused"
        return "look_here_first" if any(each.result == "bad" for each in self.steps) else "escalate"


def run(
    steps: Sequence[Step],
    excuses: Sequence[Excuse] = (),
    *,
    prepare: Callable[[], object] | None = None,
    limit_s: float = LIMIT_S,
) -> Checklist:
    """Take the steps at the same time; those that are `inline` one after the other. All of STEPS come back.

    `prepare` does what several inline steps stand on, so that none of them is told to have taken so long. A step that
    raises, or does not end in time, is open. Its thread is let go: it ends with the program.
    """
    begun = time.monotonic()
    excused = {each.step: each for each in excuses}
    found: dict[str, Done] = {}

    def one(step: Step) -> None:
        done = isolated(step.id, lambda: _take(step, begun))
        found[step.id] = _open(step.id, done.reason, 0.0) if isinstance(done, Skipped) else done

    asked = {step.id: step for step in steps if step.id not in excused}
    threads = [threading.Thread(target=one, args=(step,), daemon=True) for step in asked.values() if not step.inline]
    for thread in threads:
        thread.start()
    waited = time.monotonic()
    if prepare:
        isolated("case", prepare)  # What is wrong with it, each step that needs it says.
    prepared_s = time.monotonic() - waited
    for step in asked.values():
        if step.inline:
            one(step)
    for thread in threads:
        thread.join(max(limit_s - (time.monotonic() - begun), 0))
    took_s = time.monotonic() - begun
    done = []
    for name in STEPS:
        if name in excused:
            done.append(Done(name, "skipped", 0.0, 0.0, (), excused[name]))
        elif name not in asked:
            done.append(_open(name, "was not asked for", 0.0))
        else:
            done.append(found.get(name) or _open(name, f"did not end within {limit_s:g} s", took_s))
    return Checklist(tuple(done), took_s, prepared_s)


def _result(subjects: Sequence[Subject]) -> State:
    states = {each.state for each in subjects}
    return "bad" if "bad" in states else "good" if states == {"good"} else "open"


def _take(step: Step, begun: float) -> Done:
    """What a step finds; what it raises on purpose is why it is open."""
    began = time.monotonic()
    try:
        subjects = tuple(step.run())
    except AbmTraceError as error:
        return _open(step.id, str(error), time.monotonic() - began, error.hint)
    return Done(step.id, _result(subjects), began - begun, time.monotonic() - began, subjects)


def _open(name: str, problem: str, took_s: float, do: str = "") -> Done:
    return Done(name, "open", 0.0, took_s, (Subject(STEPS[name], problem=problem, do=do),))
