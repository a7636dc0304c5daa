"""What is to be guarded, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from abm_trace.core.nouns import Verdict
from abm_trace.gates.guard.tree import Process
from abm_trace.gates.guard.waits import Wait
from abm_trace.identity.serials import canonical, looks_like_serial

ABORTED: Final = 124
FAILED: Final = 125
"""The exit codes of an aborted step, and of a guard that could not do its work; as of timeout(1)."""

SIGNALLED: Final = 128
"""What a signal's number is added to, as shells do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be guarded, and how.

    Without `logs` the command's own output is the log. `devices` are the serials that are staged, as far as they are
    known before; `extra` is evidence that the triage should see too; `rebuilt` says that the devices were reimaged.
    `store` is an evidence log that gets the run too.
    """

    argv: tuple[str, ...]
    keep: Path
    limit_s: float
    limit_origin: str
    logs: tuple[Path, ...] = ()
    devices: tuple[str, ...] = ()
    extra: tuple[Path, ...] = ()
    rebuilt: bool = False
    store: Path | None = None

    def called(self, log: Path) -> str:
        """The device whose log this is, where its lines do not say: the one that is staged, or the file's name."""
        if len(self.devices) == 1:
            return self.devices[0]
        return log.stem.upper() if looks_like_serial(log.stem) else ""


@dataclass(slots=True)
class Outcome:
    """How it ended: `outcome` as in the record, `code` for the caller, what was ended, kept and said of the devices."""

    folder: Path
    case: Path
    outcome: str = "running"
    code: int = 0
    waits: list[Wait] = field(default_factory=list)
    silent: list[Wait] = field(default_factory=list)
    refused: list[Wait] = field(default_factory=list)
    ended: list[Process] = field(default_factory=list)
    survived: list[Process] = field(default_factory=list)
    verdicts: Sequence[Verdict] = ()
    as_of: int | None = None
    records: range = range(0)
    problems: list[str] = field(default_factory=list)
    _judged: dict[str, Verdict] = field(default_factory=dict)

    def verdict_of(self, device: str) -> Verdict | None:
        """What the triage says of a device."""
        if not self._judged:
            self._judged = {canonical(each.serial): each for each in self.verdicts}
        return self._judged.get(canonical(device)) if device else None
