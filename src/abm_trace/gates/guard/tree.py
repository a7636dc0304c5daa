"""A command and every process that comes of it, so that all of them can be ended.

On Linux this process adopts whatever outlives its parent there (a subreaper), so that a daemon stays below it whatever
group or session it goes to. Elsewhere processes are known from having been seen below the command, by `ps`.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from abm_trace.core.errors import AbmTraceError
from abm_trace.gates.guard.cgroup import Cgroup

GRACE_S: Final = 2.0
"""How long processes have to end by themselves after SIGTERM, so that a capture is written to its end. Origin: ours."""

_GRACE_MAX: Final = 200
"""More processes than this are no staging step but a runaway, and get no grace. Origin: ours."""

KILL_S_MAX: Final = 20.0
"""How long is tried to end what does not end. Origin: ours."""

_STEP_S: Final = 0.02
_LOOKS: Final = 8
"""How often nothing must be seen for a tree to have ended: what forks without end may slip through one look."""

_SET_CHILD_SUBREAPER: Final = 36
"""From: prctl(2)."""

_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
_HAS_PROC: Final = sys.platform == "linux" and _CHILDREN.exists()


class TreeError(AbmTraceError):
    """The command cannot be started."""


class Process(NamedTuple):
    """A process by number and name."""

    pid: int
    name: str


class Tree:
    """A command that runs, and whatever it started. `code` is its exit code, None while it runs."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
        group: Cgroup | None = None,
    ) -> None:
        """Start the command, in a process group and where `group` is given a control group of its own.

        Raises TreeError.
        """
        self.code: int | None = None
        self._group = group
        self._adopts = _HAS_PROC and _adopt(wanted=True)
        self._others = frozenset(_children(os.getpid())) if self._adopts else frozenset()
        self._terminal = _terminal()
        try:
            self._process = subprocess.Popen(argv, stdout=stdout, stderr=stderr, process_group=0)  # noqa: S603  # The user's own command, without a shell.
        except (OSError, ValueError) as error:
            self.close()
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise TreeError(
                f"{argv[0]}: cannot be started: {reason}",
                hint="Say the step as it is typed: abm-trace guard -- ./stage.sh",
            ) from error
        self.pid = self._process.pid
        self._known = {self.pid}
        self._groups = {self.pid}
        self._absent: set[int] = set()
        if group is not None:
            group.take(self.pid)
        if self._terminal is not None:
            foreground(self._terminal, self.pid)
            _send(self.pid, signal.SIGCONT)  # It may have asked the terminal before it was its own, and been stopped.

    def alive(self) -> list[int]:
        """Every process of the tree that has not ended; what has ended is taken leave of, and `code` set."""
        found: list[int] = []
        for _ in range(_LOOKS):
            self._reap()
            found = _below(os.getpid(), _children, self._others) if self._adopts else self._by_table()
            if found:
                break
        return found

    def _reap(self) -> None:
        for pid in _children(os.getpid()) if self._adopts else [self.pid]:
            if pid in self._others:
                continue
            with contextlib.suppress(ChildProcessError):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended == self.pid:
                    code = os.waitstatus_to_exitcode(status)
                    self.code = code if code >= 0 else 128 - code
                    self._process.returncode = code  # It must not be waited for again.

    def _by_table(self) -> list[int]:
        table = _table()
        if table:
            return self._seen(table)
        return sorted(pid for pid in self._known if _is_there(pid))  # Where ps fails nobody has ended by that.

    def _seen(self, table: Mapping[int, tuple[int, int]]) -> list[int]:
        """The processes of a table that stand below the command, once did, or are in a group of those."""
        self._groups |= self._known  # Which may have led a group of their own since, and be gone by now.
        self._known &= table.keys()
        grown = True
        while grown:
            new = {
                pid
                for pid, (parent, group) in table.items()
                if pid not in self._known and (parent in self._known or group in self._groups)
            }
            self._known |= new
            self._groups |= {table[pid][1] for pid in new} - {os.getpgrp()}
            grown = bool(new)
        # A number that is free may become a stranger's. But ps reads no instant: it may list neither a leader that has
        # just ended nor whom it left behind. So a group is given up when two tables lack it that lack its leader, too.
        absent = self._groups - {group for _, group in table.values()} - self._known
        self._groups -= absent & self._absent
        self._absent = absent
        return sorted(self._known)

    def kill(self, grace_s: float = GRACE_S) -> list[Process]:
        """End the whole tree: ask it, wait, then end it by force. What comes back could not be ended."""
        pids = self.alive()
        if len(pids) > _GRACE_MAX:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self.pid, 19)  # Else a runaway leaves this process no time to end it.
        elif grace_s:
            for pid in pids:
                _send(pid, signal.SIGTERM)
                _send(pid, signal.SIGCONT)  # What is stopped hears nothing else.
            _until(lambda: not self.alive(), grace_s)
        before: list[int] = []
        end_at = time.monotonic() + KILL_S_MAX
        while (pids := self.alive()) and time.monotonic() < end_at:
            if self._group is not None:
                self._group.kill()
            for group in {_group_of(pid) for pid in pids} & {self.pid, *pids}:  # No group that a stranger leads.
                with contextlib.suppress(OSError):
                    os.killpg(group, signal.SIGKILL)  # One step for all of a group, what is being forked included.
            refused = [pid for pid in pids if not _send(pid, signal.SIGKILL)]
            if len(refused) == len(pids):
                break
            if pids == before:
                _wait(_STEP_S)
            before = pids
        _until(lambda: not self.alive(), _STEP_S)
        return named(self.alive())

    def close(self) -> None:
        """Give back the terminal and stop adopting. The tree goes on by itself, if it still runs."""
        if self._terminal is not None:
            foreground(self._terminal, os.getpgrp())
        if self._adopts:
            _adopt(wanted=False)
        if self._group is not None:
            self._group.close()


def _adopt(*, wanted: bool) -> bool:
    """Let this process adopt, or no longer, what its children leave behind; whether the system does so."""
    try:
        return bool(ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def _children(pid: int) -> list[int]:
    """The children of a process, by the kernel's own list of each of its threads."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  # As quick as can be: forks are raced.
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:  # noqa: PTH123  # As above.
                found += map(int, file.read().split())
    return found


def _below(top: int, children: Callable[[int], list[int]], but: frozenset[int]) -> list[int]:
    """What stands below a process, without what stands in `but`."""
    found: dict[int, None] = {}
    waiting = [top]
    while waiting:
        for pid in children(waiting.pop()):
            if pid not in but and pid not in found:
                found[pid] = None
                waiting.append(pid)
    return [pid for pid in found if not _is_dead(pid)]


def _is_dead(pid: int) -> bool:
    """Whether a process has ended and only waits to be taken leave of."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  # As above.
            return file.read(512).rpartition(b")")[2][1:2] in b"ZX"
    except OSError:
        return True


def _table() -> dict[int, tuple[int, int]]:
    """Every process: its parent and its group, as ps says; empty where it does not, as when no process can be made."""
    columns = [word for name in ("pid", "ppid", "pgid", "stat") for word in ("-o", f"{name}=")]  # POSIX: one each.
    try:
        done = subprocess.run(["ps", "-A", *columns], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603, S607  # Where it is differs by system.
    except OSError:
        return {}
    rows = [line.split() for line in done.stdout.decode("ascii", "replace").splitlines()]
    try:
        return {
            int(pid): (int(parent), int(group)) for pid, parent, group, state, *_ in rows if not state.startswith("Z")
        }
    except ValueError:
        return {}


def named(pids: Iterable[int]) -> list[Process]:
    """The processes with their names, "?" for one that has none any more."""
    return [Process(pid, _name(pid)) for pid in pids]


def _name(pid: int) -> str:
    try:
        if _HAS_PROC:
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
        done = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603, S607  # As above.
        return done.stdout.decode("utf-8", "replace").strip() or "?"
    except OSError:
        return "?"


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; whether it may be sent. What has ended already is as good as sent to."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return True


def _until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until it holds, so many seconds at most."""
    end_at = time.monotonic() + seconds
    while not holds() and time.monotonic() < end_at:
        _wait(_STEP_S)


def _wait(seconds: float) -> None:
    """Do nothing for so long. Not `time.sleep`: it asks a clock, and this is so also where clocks are tampered with."""
    select.select([], [], [], seconds)


def _terminal() -> int | None:
    """The terminal whose foreground this process has, None for none."""
    try:
        return 0 if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp() else None
    except OSError:
        return None


def foreground(terminal: int, group: int) -> None:
    """Make a group the one that the terminal listens to; a background group may, while it ignores the question."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with contextlib.suppress(OSError):
        os.tcsetpgrp(terminal, group)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
