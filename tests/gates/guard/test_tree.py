"""Process trees: real ones, that do what they can to live on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abm_trace.gates.guard import tree
from abm_trace.gates.guard.cgroup import Cgroup
from abm_trace.gates.guard.tree import Tree, TreeError, named

GENERATIONS = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def note():
    with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()}\\n")
note()
if os.fork() == 0:
    note()
    if os.fork() == 0:
        time.sleep(float(sys.argv[2]))
        os.setsid()
        if os.fork():
            os._exit(0)
        if sys.argv[2] == "0":
            os.setsid()
        os.chdir("/")
        note()
    time.sleep(600)
time.sleep(600)
"""
"""A command, its child, and a daemon that left both behind; all of them ignore SIGTERM."""

CHAIN = """
import os
while True:
    if os.fork():
        os._exit(0)
    os.setsid()
"""
"""A process that is never there for long: it forks, ends, and the next one has a session of its own."""

SWARM = """
import os, time
while True:
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    time.sleep(0.002)
"""
"""Forks without end."""

WAYS = ["adopting", "cgroup", "ps"]
"""How a tree is held: by the kernel's own list, in a control group too, and as on systems that have neither."""


def begun(way: str, code: str, *arguments: object, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A tree of a Python program."""
    group = None
    if way == "cgroup" and (group := Cgroup.make()) is None:
        pytest.skip("no control group may be made here")
    if way == "ps" or not tree._HAS_PROC:
        monkeypatch.setattr(tree, "_HAS_PROC", False)
    return Tree([sys.executable, "-c", code, *map(str, arguments)], group=group)


def lives(pid: int) -> bool:
    """Whether a process lives; one that has ended and was not taken leave of does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def until(path: Path, lines: int, held: Tree) -> list[int]:
    """The numbers that a program noted, as soon as there are so many; it is looked at meanwhile, as a guard does."""
    end_at = time.monotonic() + 30
    while len(found := path.read_text().split() if path.exists() else []) < lines:
        assert time.monotonic() < end_at, found
        held.alive()
        time.sleep(0.01)
    return [int(each) for each in found]


@pytest.mark.parametrize("way", WAYS)
def test_three_generations_and_a_daemon(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, what a guard aborts would go on in the background, on a device that is being reimaged."""
    seen_s = 0.5 if way == "ps" or not tree._HAS_PROC else 0  # There a daemon must have been seen before it leaves.
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    held = begun(way, GENERATIONS, tmp_path / "pids", seen_s, monkeypatch=monkeypatch)
    try:
        pids = until(tmp_path / "pids", 3, held)
        if sorted(held.alive()) != sorted(pids):  # One look may miss a daemon that is between two parents.
            assert sorted(held.alive()) == sorted(pids)
        assert all("python" in each.name for each in named(pids))
        assert held.kill(0.1) == []
        assert [pid for pid in pids if lives(pid)] == []
        assert held.code == 128 + signal.SIGKILL
        assert stranger.poll() is None  # Nobody else's.
    finally:
        held.kill(0)
        held.close()
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("code", [CHAIN, SWARM])
@pytest.mark.parametrize("way", ["adopting", "cgroup"])
def test_forks_without_end(way: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a runaway step would outrun the guard."""
    if not tree._HAS_PROC:
        pytest.skip("only Linux lets a process adopt what escapes it")
    held = begun(way, code, monkeypatch=monkeypatch)
    try:
        time.sleep(0.3)
        assert any(held.alive() for _ in range(100))  # Each of them lives for less than a look takes.
        assert held.kill(0) == []
        time.sleep(0.1)
        assert held.alive() == []
    finally:
        held.kill(0)
        held.close()


def test_who_ends_when_asked_is_not_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a capture would be cut in mid-line though it ends its file when told to."""
    code = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # A handler could be called too late, or where no exit is.
open(sys.argv[1], "w").write("1")
signal.sigwait({signal.SIGTERM})
open(sys.argv[1] + ".end", "w").write("whole")
sys.exit(9)
"""
    held = begun("adopting", code, tmp_path / "x", monkeypatch=monkeypatch)
    until(tmp_path / "x", 1, held)
    assert held.kill() == []
    held.close()
    assert (tmp_path / "x.end").read_text() == "whole"
    assert held.code == 9


@pytest.mark.parametrize(
    ("code", "expected"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_code_is_the_commands(code: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a script could not tell how its step ended."""
    held = begun("adopting", code, monkeypatch=monkeypatch)
    while held.alive():
        time.sleep(0.01)
    held.close()
    assert held.code == expected


@pytest.mark.parametrize("argv", [["/nowhere/at/all"], ["a\0b"], ["/"]])
def test_what_cannot_be_started(argv: list[str]) -> None:
    """If this failed, a slip of the pen would be a fault of ours."""
    with pytest.raises(TreeError, match="cannot be started"):
        Tree(argv)


def test_the_terminal_is_the_commands_while_it_runs(tmp_path: Path) -> None:
    """If this failed, a step that asks a technician something would be stopped at its first question."""
    pty = pytest.importorskip("pty")
    guard = """
import os, sys
from abm_trace.gates.guard.tree import Tree
held = Tree([sys.executable, "-c", "print('heard', input())"])
while held.alive():
    pass
held.close()
print("then", input())
"""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", guard])  # noqa: S606  # The test's own program.
    os.write(terminal, b"one\ntwo\n")
    said = b""
    try:
        while chunk := os.read(terminal, 1000):
            said += chunk
    except OSError:
        pass  # Linux's way to say that the other end is closed.
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
    assert b"heard one" in said
    assert b"then two" in said


@pytest.mark.parametrize("leads", [True, False])
def test_a_daemon_that_a_table_misses_is_found_by_the_next(leads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, who left while ps was reading would never be seen again, led its leader its group or not yet."""
    held = begun("ps", "import time; time.sleep(600)", monkeypatch=monkeypatch)
    try:
        me, first, leader, daemon = os.getpid(), held.pid, held.pid + 100_000, held.pid + 100_001
        for _ in range(2):
            table = {first: (me, first), leader: (first, leader if leads else first)}
            assert held._seen(table) == [first, leader]
        assert held._seen({first: (me, first)}) == [first]
        assert held._seen({first: (me, first), daemon: (1, leader)}) == [first, daemon]
        for _ in range(3):
            assert held._seen({first: (me, first)}) == [first]
        assert held._seen({first: (me, first), daemon: (1, leader)}) == [first], "by then the number is a stranger's"
    finally:
        held.kill(0)
        held.close()


STRICT_PS = """#!/bin/sh
# As POSIX has it, and FreeBSD: a header that begins with `=` goes on to the end of its argument, commas and all.
for word; do
    case $word in
        *=*,*) exec REAL -A -o pid="${word#*=}" ;;
    esac
done
exec REAL "$@"
"""


def test_a_ps_that_takes_one_column_an_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the guard would crash on the first look where ps is not Linux's or Apple's."""
    (tmp_path / "ps").write_text(STRICT_PS.replace("REAL", shutil.which("ps") or "ps"))
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    held = begun("ps", "import time; time.sleep(600)", monkeypatch=monkeypatch)
    try:
        assert held.alive() == [held.pid]
        assert held.kill(0) == []
    finally:
        held.kill(0)
        held.close()


@pytest.mark.parametrize("code", ["exit 1", "echo '  PID  PPID'", None], ids=["fails", "says something else", "gone"])
def test_a_ps_that_says_nothing_ends_no_guard(
    code: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, a runaway that takes the last process number would make ps fail, and so be taken for ended."""
    held = begun("ps", "import time; time.sleep(600)", monkeypatch=monkeypatch)
    try:
        with monkeypatch.context() as without:
            without.setenv("PATH", str(tmp_path))
            if code is not None:
                (tmp_path / "ps").write_text(f"#!/bin/sh\n{code}\n")
                (tmp_path / "ps").chmod(0o755)
            assert held.alive() == [held.pid]
            assert held.kill(0) == []
            assert held.alive() == []
        assert not lives(held.pid)
    finally:
        held.kill(0)
        held.close()
