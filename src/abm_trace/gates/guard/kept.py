"""What the guard keeps of a run: a folder with the case, the verdicts and a record; and what earlier runs say.

    KEEP/0001-20260517T084712Z/
      guard.json        what was run, when, which devices, how it ended
      case/             a case for `abm-trace triage`: logs/, case.toml, and what `--with` named
      verdicts.ndjson   what the triage said when the step was aborted

Nothing that an earlier run kept is ever changed.
"""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from abm_trace.core import instants
from abm_trace.core.errors import AbmTraceError
from abm_trace.identity import canonical

RECORD: Final = "guard.json"
VERDICTS: Final = "verdicts.ndjson"
LOG_BYTES_MAX: Final = 1024**3
"""How much of one log is kept. Origin: ours."""

RECORD_BYTES_MAX: Final = 1024**2
_RUN = re.compile(r"(\d{4,9})-")


class KeepError(AbmTraceError):
    """The evidence cannot be kept."""


class DeviceObject(msgspec.Struct, frozen=True):
    """A device of a run: `state` is registered, silent, waiting, refused or unseen; `waited_s` is monotonic time."""

    device: str
    state: str
    log: str | None = None
    waited_s: float | None = None
    prepared: int = 0
    verdict: str | None = None

    @property
    def vanished(self) -> bool:
        """Whether this attempt must not be followed by another before the device was rebuilt."""
        return self.state in {"silent", "refused"} or self.verdict == "vanished"


class ProcessObject(msgspec.Struct, frozen=True):
    """A process that was there when the step was aborted."""

    pid: int
    name: str


class GuardRecord(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/guard/1"):
    """One run of the guard. `outcome` is running, ended, aborted, refused, stopped or failed; times of day are ours."""

    command: list[str]
    working_folder: str
    host: str
    started_at: str
    limit_s: float
    limit_origin: str
    rebuilt: bool
    outcome: str = "running"
    code: int | None = None
    ended_at: str | None = None
    elapsed_s: float | None = None
    as_of: str | None = None
    devices: list[DeviceObject] = []
    logs: list[str] = []
    ended: list[ProcessObject] = []
    survived: list[ProcessObject] = []
    notes: list[str] = []


def vanished(keep: Path) -> tuple[dict[str, str], list[str]]:
    """The devices whose last attempt vanished: canonical serial → its run; and the records that could not be read."""
    last: dict[str, tuple[str, bool]] = {}
    unread = []
    for run in _runs(keep):
        try:
            with (run / RECORD).open("rb") as file:
                record = msgspec.json.decode(file.read(RECORD_BYTES_MAX), type=GuardRecord)
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            unread.append(f"{run / RECORD} is not used: {error}")
            continue
        for each in record.devices:
            if each.device and (each.state != "unseen" or record.rebuilt):
                last[canonical(each.device)] = (run.name, each.vanished)
    return {device: run for device, (run, gone) in last.items() if gone}, unread


def _runs(keep: Path) -> list[Path]:
    """The runs in their order, which is that of their numbers: the time of day may have been set meanwhile."""
    try:
        found = [path for path in keep.iterdir() if _RUN.match(path.name) and path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeepError(
            f"{keep}: cannot be read: {error.strerror}", hint="Name a folder of yours: --keep DIR"
        ) from error
    return sorted(found, key=lambda path: (int(path.name.partition("-")[0]), path.name))


def _new(keep: Path, number: int, stamp: str) -> Path:
    """A new folder; another run may begin at the very same time."""
    while True:
        folder = keep / f"{number:04d}-{stamp}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


class Kept:
    """The folder of one run."""

    def __init__(self, keep: Path, now: int, limit_s: float) -> None:
        """Make the folder; `now` is µs UTC. Raises KeepError: what could not be kept is not begun."""
        self.problems: list[str] = []
        self._files: dict[str, BinaryIO] = {}
        self._sizes: dict[str, int] = {}
        stamp = re.sub(r"\.\d+|[-:]", "", instants.render(now))
        try:
            keep.mkdir(parents=True, exist_ok=True)
            number = 1 + max((int(path.name.partition("-")[0]) for path in _runs(keep)), default=0)
            self.folder = _new(keep, number, stamp)
            self.case = self.folder / "case"
            (self.case / "logs").mkdir(parents=True)
            text = f"""\
title = "what abm-trace guard kept of run {self.folder.name}"

[thresholds] # The guard's limit: the step was ended, so nothing more can come of it.
confirmation_s = {limit_s!r}
apple_confirmation_s = {limit_s!r}
"""
            (self.case / "case.toml").write_text(text, encoding="utf-8")
        except OSError as error:
            message = f"{keep}: no evidence can be kept there: {error.strerror}"
            raise KeepError(message, hint="Name a folder that can be written to: --keep DIR") from error

    def take_in(self, paths: Iterable[Path]) -> None:
        """Copy files and folders into the case. Raises KeepError."""
        for path in paths:
            goal = self.case / path.resolve().name
            if self.folder.resolve().is_relative_to(path.resolve()):
                raise KeepError(f"--with {path}: the evidence is kept inside of it", hint="Name the files themselves.")
            try:
                if path.is_dir():
                    shutil.copytree(path, goal, symlinks=True)
                else:
                    shutil.copyfile(path, goal)
            except (OSError, shutil.Error) as error:
                raise KeepError(
                    f"--with {path}: cannot be copied: {error}", hint="Name files that can be read."
                ) from error

    def append(self, name: str, data: bytes) -> None:
        """Keep a piece of the log `name` (a path below logs/). A full disk is told once; the guard goes on."""
        if name in self._sizes and self._sizes[name] > LOG_BYTES_MAX:
            return
        try:
            if name not in self._files:
                path = self.case / "logs" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                self._files[name] = path.open("wb", buffering=0)
            self._files[name].write(data)
        except OSError as error:
            self._problem(f"{name} could not be kept in full: {error.strerror}")
        self._sizes[name] = self._sizes.get(name, 0) + len(data)
        if self._sizes[name] > LOG_BYTES_MAX:
            self._problem(f"{name} is larger than {LOG_BYTES_MAX:,} bytes, the rest of it was not kept")

    def _problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def write(self, name: str, data: bytes) -> None:
        """Write one file of the run, of which nobody ever sees half."""
        part = self.folder / f".{name}.part"
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / name)
        except OSError as error:
            self._problem(f"{name} could not be written: {error.strerror}")

    def record(self, record: GuardRecord) -> None:
        """Write the record as it stands now."""
        self.write(RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")

    def close(self) -> None:
        """Let go of the logs; they are on the disk then."""
        for name, file in self._files.items():
            try:
                with file:
                    os.fsync(file.fileno())
            except OSError as error:
                self._problem(f"{name} could not be kept in full: {error.strerror}")
        self._files.clear()
