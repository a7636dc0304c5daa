"""The checklist for the engineer at 04:00: whether to escalate first, then each step, then what to do."""

from collections.abc import Iterator, Mapping
from typing import Final

from abm_trace.cli.check._report import SIMULATED, subject_lines
from abm_trace.exports import MARKS, Screen
from abm_trace.gates.checklist import STEPS, Checklist, Done

_VERDICTS: Final = {"good": "confirmed", "bad": "vanished", "open": "unknown", "skipped": "half_confirmed"}
_DECISIONS: Final = {
    "escalate": ("confirmed", "complete, nothing is wrong here: escalate"),
    "look_here_first": ("vanished", "complete, and something is wrong here: look at that first"),
    "refused": ("unknown", "NOT COMPLETE: do not escalate yet"),
}
_SUBJECTS_MAX: Final = 12
"""How many subjects of a step are shown; the record holds all. Origin: ours."""


def lines(done: Checklist, do: Mapping[str, str], screen: Screen, *, simulated: bool = False) -> Iterator[str]:
    """The page."""
    if simulated:
        yield screen.paint(SIMULATED, "bold")
    verdict, text = _DECISIONS[done.decision]
    number = sum(each.result not in {"open", "skipped"} for each in done.steps)
    read = f" ({done.prepared_s:.1f} s to read the case)" if done.prepared_s >= 0.1 else ""
    head = f"{MARKS[verdict]} checklist: {text}; {number} of {len(STEPS)} steps told in {done.took_s:.1f} s{read}"
    yield from screen.sentence(head, style=verdict)
    for each in done.steps:
        yield from _step(each, screen)
    yield from _to_do(done, do, screen)


def _step(step: Done, screen: Screen) -> Iterator[str]:
    verdict = _VERDICTS[step.result]
    if step.excuse is not None:
        text = f"left out by {step.excuse.by}: {step.excuse.reason}"
        yield from screen.sentence(f"{MARKS[verdict]} {STEPS[step.id]}: {text}", style=verdict)
        return
    errors = sum(each.severity == "error" for each in step.findings)
    said = {"good": "nothing wrong", "bad": f"{errors:,} wrong", "open": "could not be told"}[step.result]
    yield from screen.sentence(f"{MARKS[verdict]} {STEPS[step.id]}: {said} ({step.took_s:.1f} s)", style=verdict)
    telling = [each for each in step.subjects if each.state != "good"] or list(step.subjects)
    for each in telling[:_SUBJECTS_MAX]:
        yield from subject_lines(each, screen)
    if len(telling) > _SUBJECTS_MAX:
        yield f"    and {len(telling) - _SUBJECTS_MAX:,} more: --format json"


def _to_do(done: Checklist, do: Mapping[str, str], screen: Screen) -> Iterator[str]:
    found = dict.fromkeys(
        do.get(finding.id, "") for step in done.steps for finding in step.findings if finding.severity == "error"
    )
    missing = dict.fromkeys(each.do for step in done.steps for each in step.subjects if each.problem)
    for text in filter(None, found | missing):
        yield from screen.sentence(f"do   {text}")
