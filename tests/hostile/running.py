"""Runs the command as a user would, in a place where every write is seen, within the bounds of the contract."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.slowness import slowness

SECONDS_MAX = 10.0
BYTES_MAX = 300 * 1000 * 1000
# Often enough to see a peak, seldom enough not to be the load.
POLL_S = 0.04

VERDICT = "abm-trace/verdict/1"
SKIPPED = "abm-trace/skipped/1"

Meanwhile = Callable[[Path, threading.Event], None]
"""What goes on in the case during the run, until the event is set."""

Listing = dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Skipped:
    """One thing that the command says it did not use."""

    path: str
    line: int | None
    offset: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind."""

    code: int
    stdout: bytes
    stderr: bytes
    broken_bound: str | None
    written: frozenset[str]

    def records(self) -> list[dict[str, object]]:
        """The objects of standard output, which must be strict JSON lines."""
        assert not self.stdout or self.stdout.endswith(b"\n"), "the last line is not ended"
        values = [strict_json(line) for line in self.stdout.decode("utf-8").split("\n")[:-1]]
        objects = [value for value in values if isinstance(value, dict)]
        assert len(objects) == len(values), "a line is no object"
        return objects

    def verdicts(self) -> dict[str, dict[str, object]]:
        """The verdict of each device, one each."""
        found: dict[str, dict[str, object]] = {}
        for record in self.records():
            if record["schema"] == VERDICT:
                serial = record["serial"]
                assert isinstance(serial, str)
                assert serial not in found, f"two verdicts for {serial}"
                found[serial] = record
        return found

    def standings(self) -> dict[str, tuple[object, object, object]]:
        """Verdict, layer and last rung of each device."""
        return {serial: (v["verdict"], v["layer"], v["last_rung"]) for serial, v in self.verdicts().items()}

    def skipped(self) -> list[Skipped]:
        """What was not used, each entry whole and of the right types."""
        found = []
        for record in self.records():
            if record["schema"] == SKIPPED:
                assert set(record) >= {"schema", "path", "line", "offset", "reason"}, record
                path, line, offset, reason = (record[key] for key in ("path", "line", "offset", "reason"))
                assert isinstance(path, str), record
                assert isinstance(reason, str), record
                assert reason, record
                assert line is None or (type(line) is int and line >= 1), record
                assert offset is None or (type(offset) is int and offset >= 0), record
                found.append(Skipped(path, line, offset, reason))
            else:
                assert record["schema"] == VERDICT, record
        return found


def strict_json(document: str) -> object:
    """The value of a document; fails on what only a lenient reader takes."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({key for key, _ in pairs}) == len(pairs), f"repeated keys: {document[:200]}"
        return dict(pairs)

    def finite(literal: str) -> float:
        number = float(literal)
        assert number - number == 0, f"not a finite number: {literal}"
        return number

    value: object = json.loads(document, object_pairs_hook=unique, parse_constant=finite, parse_float=finite)
    # A lone surrogate is an escape that strict readers refuse.
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The folders that a run can see: the case, its working folder, home and temporary folder, and one for the test."""

    case: Path
    cwd: Path
    home: Path
    scratch: Path
    aside: Path

    @classmethod
    def make(cls, root: Path) -> Self:
        """The folders, made."""
        made = cls(*(root / name for name in ("case", "cwd", "home", "scratch", "aside")))
        for folder in (made.case, made.cwd, made.home, made.scratch, made.aside):
            folder.mkdir()
        return made

    def triage(self, *options: str, meanwhile: tuple[Meanwhile, Path] | None = None) -> Outcome:
        """The outcome of `triage CASE --format ndjson`."""
        return self.run(["triage", str(self.case), "--format", "ndjson", *options], meanwhile=meanwhile)

    def run(
        self,
        arguments: Sequence[str],
        env: dict[str, str] | None = None,
        meanwhile: tuple[Meanwhile, Path] | None = None,
        terminal: int | None = None,
    ) -> Outcome:
        """The outcome of one command, which is killed where it breaks a bound; `terminal` takes all its output."""
        before = self._listing()
        stop = threading.Event()
        thread = threading.Thread(target=meanwhile[0], args=(meanwhile[1], stop)) if meanwhile else None
        if thread:
            thread.start()
        try:
            code, broken_bound = self._spawn(arguments, env or {}, terminal)
        finally:
            stop.set()
            if thread:
                thread.join()
        after = self._listing()
        written = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        stdout, stderr = ((self.aside / name).read_bytes() for name in ("stdout", "stderr"))
        return Outcome(code, stdout, stderr, broken_bound, frozenset(written))

    def _spawn(self, arguments: Sequence[str], env: dict[str, str], terminal: int | None) -> tuple[int, str | None]:
        places = {"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home / ".cache"), "TMPDIR": str(self.scratch)}
        inherited = {key: value for key, value in os.environ.items() if key not in {"FORCE_COLOR", "NO_COLOR"}}
        with (self.aside / "stdout").open("wb") as stdout, (self.aside / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "abm_trace.cli", *arguments],
                cwd=self.cwd,
                env={**inherited, **places, "PYTHONDONTWRITEBYTECODE": "1", **env},
                stdin=subprocess.DEVNULL,
                stdout=stdout if terminal is None else terminal,
                stderr=stderr if terminal is None else terminal,
                start_new_session=True,
            )
            broken_bound = _watch(process)
        return process.wait(), broken_bound

    def _listing(self) -> Listing:
        """Every file and folder that a run could have made, changed or removed."""
        found: Listing = {}
        for root in (self.case, self.cwd, self.home, self.scratch):
            # By descriptor, since folders may be deeper than a path can say.
            for folder, folders, files, descriptor in os.fwalk(root):
                for name in (*folders, *files):
                    with contextlib.suppress(FileNotFoundError):
                        info = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                        size = 0 if stat.S_ISDIR(info.st_mode) else info.st_size
                        path = f"{root.name}{folder.removeprefix(str(root))}/{name}"
                        found[path] = (info.st_mode, size, info.st_mtime_ns)
        return found


def _watch(process: subprocess.Popen[bytes]) -> str | None:
    """The bound that the process tree broke, for which it was killed, or nothing."""
    started = time.monotonic()
    while process.poll() is None:
        peak = tree_bytes(process.pid)
        seconds = time.monotonic() - started
        slow = seconds > SECONDS_MAX and seconds > SECONDS_MAX * slowness() and process.poll() is None
        if peak > BYTES_MAX or slow:
            os.killpg(process.pid, signal.SIGKILL)
            return f"{peak / 1e6:.0f} MB after {seconds:.1f} s"
        time.sleep(POLL_S)
    return None


def tree_bytes(root: int) -> int:
    """The memory of a process and all its descendants, shared pages counted once; 0 where there is no /proc.

    Not ru_maxrss: that one starts with the size of the process that forked, here the test runner.
    """
    proportional = 0
    highest = 0
    processes = [root]
    while processes:
        pid = processes.pop()
        # A process may end at any moment; what it held is then counted no more.
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                processes += map(int, (task / "children").read_text().split())
            proportional += _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
            highest = max(highest, _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:"))
    return 1024 * max(proportional, highest)


def _kilobytes(path: Path, key: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return 0
