"""One run of the guard: start, watch, end, triage, keep."""

import os
import platform
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from abm_trace.core import instants
from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Skipped, Verdict
from abm_trace.evidence.places import Places
from abm_trace.exports import Report, Screen, ndjson
from abm_trace.gates.guard import kept
from abm_trace.gates.guard.cgroup import Cgroup
from abm_trace.gates.guard.follow import Logs
from abm_trace.gates.guard.handing import hand_over
from abm_trace.gates.guard.kept import DeviceObject, GuardRecord, Kept, ProcessObject
from abm_trace.gates.guard.output import Output
from abm_trace.gates.guard.plan import ABORTED, FAILED, SIGNALLED, Outcome, Plan
from abm_trace.gates.guard.tree import Tree, named
from abm_trace.gates.guard.waits import Wait, Waits
from abm_trace.identity import canonical
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.triage import Options, triage

_STEP_S: Final = 0.2
"""How often logs and processes are looked at. Origin: ours."""

_NAMED_MAX: Final = 8


class RefusedError(AbmTraceError):
    """A device's last attempt vanished, and nobody has said that it was rebuilt."""


def barred(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """The devices that must not be tried now: canonical serial → the run in which it vanished; what was not read."""
    last, unread = kept.vanished(plan.keep)
    return ({} if plan.rebuilt else last), unread


def refusal(plan: Plan, last: dict[str, str]) -> RefusedError | None:
    """Why the step is not begun, None where nothing is in its way."""
    found = [f"{each} (run {last[canonical(each)]})" for each in plan.devices if canonical(each) in last]
    if not found:
        return None
    return RefusedError(
        f"refused: the last attempt vanished: {', '.join(found)}",
        hint="Reimage the device first, it is never tried again as it is; then say that it was: --rebuilt.",
    )


@dataclass
class Guard:
    """Guards one step. `wall_us` reads the time of day, for the record alone: what is measured is monotonic.

    `tell` gets what happens, as (mark, sentence); `stop` is asked for the signal that says to end, 0 for none.
    """

    plan: Plan
    wall_us: Callable[[], int]
    tell: Callable[[str, str], None]
    stop: Callable[[], int] = field(default=lambda: 0)

    def run(self) -> Outcome:
        """Run the step to its end, or abort it. Raises AbmTraceError for what cannot be begun."""
        self._barred, unread = barred(self.plan)
        for each in unread:
            self.tell("unknown", each)
        if error := refusal(self.plan, self._barred):
            raise error
        self._logs = Logs(list(self.plan.logs))
        self._started_at, self._started = self.wall_us(), time.monotonic()
        self._kept = Kept(self.plan.keep, self._started_at, self.plan.limit_s)
        self._outcome = Outcome(self._kept.folder, self._kept.case)
        self._names: dict[str, str] = {}
        self._waits = Waits()
        self._until = self._started
        self._kept.record(self._record())
        try:
            self._kept.take_in(self.plan.extra)
            self._run()
        finally:
            if self._outcome.outcome == "running":
                self._outcome.outcome, self._outcome.code = "failed", FAILED
            self._logs.close()
            self._kept.close()
            self._kept.record(self._record())
        if self.plan.store is not None:
            self._hand_over(self.plan.store)
        return self._outcome

    def _hand_over(self, store: Path) -> None:
        """To the evidence log too. One that refuses changes nothing: the folder holds all of it."""
        try:
            records, problems = hand_over(self._kept.folder, self._record(), Places.of(store), self.wall_us())
        except AbmTraceError as error:
            self.tell("unknown", f"{store} did not take the evidence: {error.diagnostics()}")
            return
        for each in problems:
            self.tell("unknown", f"{store} did not take {each}")
        self._outcome.records = records

    def _run(self) -> None:
        outcome = self._outcome
        output = None if self.plan.logs else Output()
        try:
            tree = self._begin(output)
            try:
                self._watch(tree, output)
                if outcome.outcome != "ended":
                    outcome.ended = named(tree.alive())
            finally:  # Also where this very guard fails: what nobody guards must not go on.
                outcome.survived = tree.kill() if outcome.outcome != "ended" else []
                tree.close()
            self._read(output, _STEP_S)
            self._waits.end(time.monotonic())
        finally:
            if output is not None:
                output.flush()
                output.close()
        if outcome.outcome == "aborted":
            self._triage()

    def _begin(self, output: Output | None) -> Tree:
        out, err = (None, None) if output is None else output.ends
        try:
            return Tree(self.plan.argv, stdout=out, stderr=err, group=Cgroup.make())
        except AbmTraceError:
            self._outcome.outcome, self._outcome.code = "ended", FAILED
            raise
        finally:
            if output is not None:
                output.started()

    def _watch(self, tree: Tree, output: Output | None) -> None:
        """Until the step has ended, a device was silent for too long, or somebody wants it to end."""
        outcome, waits, told = self._outcome, self._waits, False
        while outcome.outcome == "running":
            alive = tree.alive()  # Before reading: so what it said last is read.
            if alive and tree.code is not None and not told:
                told = True
                names = ", ".join(f"{each.name} ({each.pid})" for each in named(alive[:_NAMED_MAX]))
                how = "are guarded on" if not tree.code else "are left alone"
                self.tell(
                    "in_progress", f"the command ended with {tree.code}; of its processes {names} go on and {how}"
                )
            self._read(output, _STEP_S)
            outcome.waits, self._until = waits.all, (now := time.monotonic())
            if outcome.refused:
                outcome.outcome, outcome.code = "refused", FAILED
            elif silent := waits.silent(now, self.plan.limit_s):
                outcome.silent = silent
                outcome.outcome, outcome.code = "aborted", ABORTED
            elif number := self.stop():
                outcome.outcome, outcome.code = "stopped", SIGNALLED + number
            elif tree.code or (not alive and (output is not None or not waits.waiting)):
                outcome.outcome, outcome.code = "ended", tree.code or 0

    def _read(self, output: Output | None, seconds: float) -> None:
        """What is new in the logs within the next seconds."""
        if output is None:
            select.select([], [], [], seconds)
        for log, data in self._logs.read() if output is None else output.read(seconds):
            self._take(str(log), data)
        for note in (*self._logs.notes(), *self._waits.problems, *self._kept.problems):
            if note not in self._outcome.problems:
                self._outcome.problems.append(note)
                self.tell("unknown", note)

    def _take(self, log: str, data: bytes) -> None:
        if log not in self._names:
            path = Path(log) if self.plan.logs else Path(f"{log}.log")
            if device := self.plan.called(path):
                self._waits.called[log] = device
            name = f"{device}{path.suffix}" if device else path.name  # So the triage knows whose it is.
            again = sum(each.endswith(name) for each in self._names.values())
            self._names[log] = f"{again + 1}/{name}" if again else name
        self._kept.append(self._names[log], data)
        for wait in self._waits.take(log, data, time.monotonic()):
            if wait.registered_s is not None:
                self.tell("confirmed", f"{called(wait)} registered after {wait.registered_s:.1f} s")
            elif canonical(wait.device) in self._barred:
                self._outcome.refused.append(wait)
            else:
                limit = f"{self.plan.limit_s:g} s ({self.plan.limit_origin})"
                self.tell("in_progress", f"{called(wait)} prepares for enrolment, and has {limit} to register")

    def _triage(self) -> None:
        """A verdict for each device of what was kept. A triage that fails changes nothing about the abort."""
        outcome, limit_us = self._outcome, round(self.plan.limit_s * instants.SECOND)
        self._kept.close()
        stamps = [wait.at + limit_us + instants.SECOND for wait in outcome.silent if wait.at is not None]
        # A clock that runs ahead has not seen its deadline yet.
        outcome.as_of = as_of = min(max(self.wall_us(), *stamps), instants.LAST)
        judged = isolated(str(outcome.case), lambda: _judged(outcome.case, as_of))
        if isinstance(judged, Skipped):
            outcome.problems.append(judged.reason)
            self.tell("unknown", f"no verdict: {judged.reason}")
            return
        outcome.verdicts, lines = judged
        self._kept.write(kept.VERDICTS, lines)

    def _record(self) -> GuardRecord:
        plan, outcome = self.plan, self._outcome
        over = outcome.outcome != "running"
        return GuardRecord(
            list(plan.argv),
            str(Path.cwd()),
            platform.node(),
            instants.render(self._started_at),
            plan.limit_s,
            plan.limit_origin,
            plan.rebuilt,
            outcome.outcome,
            outcome.code if over else None,
            instants.render(self.wall_us()) if over else None,
            round(time.monotonic() - self._started, 3) if over else None,
            instants.render(outcome.as_of) if outcome.as_of is not None else None,
            self._devices(),
            sorted(self._names.values()),
            [ProcessObject(*each) for each in outcome.ended],
            [ProcessObject(*each) for each in outcome.survived],
            list(dict.fromkeys((*outcome.problems, *self._kept.problems))),
        )

    def _devices(self) -> list[DeviceObject]:
        """The devices of the log, the last wait of each, and those that were named and never seen in it."""
        outcome = self._outcome
        last = {canonical(wait.device) or str(number): wait for number, wait in enumerate(outcome.waits)}
        found = []
        silent, refused = ({id(wait) for wait in waits} for waits in (outcome.silent, outcome.refused))
        for wait in last.values():
            state = "waiting" if wait.registered_s is None else "registered"
            state = "silent" if id(wait) in silent else "refused" if id(wait) in refused else state
            waited_s = max(self._until - wait.since, 0) if wait.registered_s is None else wait.registered_s
            verdict = outcome.verdict_of(wait.device)
            said = verdict.verdict if verdict else None
            found.append(DeviceObject(wait.device, state, wait.log, round(waited_s, 3), wait.prepared, said))
        unseen = [each for each in self.plan.devices if canonical(each) not in last]
        return [*found, *(DeviceObject(each, "unseen") for each in unseen)]


def _judged(case: Path, as_of: int) -> tuple[Sequence[Verdict], bytes] | Skipped:
    """The verdicts of a case, and the lines that say them; why there are none."""
    try:
        traced = triage(case, Options(as_of=as_of, jobs=1))
    except AbmTraceError as error:
        return Skipped(str(case), str(error))
    simulated = traced.case.simulated
    report = Report(str(case), traced.verdicts, traced.readings, traced.skipped, as_of, simulated=simulated)
    return traced.verdicts, ndjson.render(report, Screen())


def called(wait: Wait) -> str:
    """A device for people: its name, or where it was seen."""
    return wait.device or f"a device without a name in {os.path.basename(wait.log)}"  # noqa: PTH119  # As the log is called.
