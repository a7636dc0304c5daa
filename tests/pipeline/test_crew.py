"""Tests of abm_trace.pipeline.crew."""

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.killed import half_an_answer

from abm_trace.pipeline import crew as crews
from abm_trace.pipeline.crew import Crew

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def double(number: int) -> int:
    """Twice the number; 13 kills its process, as the kernel does when memory is short."""
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


PINNED: list[bytes] = []


def use_memory() -> int:
    """Take 60 MB, let go all but the last kilobyte, and say how much memory the process has then."""
    taken = [bytes(1_000) for _ in range(60_000)]
    PINNED.append(taken.pop())
    taken.clear()
    return resident_mb()


def resident_mb() -> int:
    """How much memory the process has."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def once(folder: Path) -> str:
    """Killed the first time only."""
    if not (folder / "seen").exists():
        (folder / "seen").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def slow_pid() -> int:
    """Which process this is, after a while in which others get tasks too."""
    time.sleep(0.05)
    return os.getpid()


def home(parent: int) -> int:
    """Killed in every process but this one."""
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return parent


def late_home(parent: int) -> int:
    """As `home`, after a while in which more is asked of the process."""
    time.sleep(0.3)
    return home(parent)


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to start a process."""
    monkeypatch.setattr(crews, "can_fork", lambda: request.param == "fork")


@pytest.mark.usefixtures("start")
def test_one_killed_process_loses_one_answer() -> None:
    """The triage would wait for ever for what a killed process was to say."""
    with Crew(2, int) as crew:
        assert dict(crew.answers(double, range(20))) == {n: None if n == 13 else 2 * n for n in range(20)}
        assert dict(crew.answers(double, range(3))) == {0: 0, 1: 2, 2: 4}, "and it goes on with new processes"


@pytest.mark.usefixtures("start")
def test_a_process_killed_in_the_midst_of_its_answer() -> None:
    """The triage would wait for ever for the rest of the answer."""
    with Crew(2, int) as crew:
        assert dict(crew.answers(half_an_answer, [1])) == {1: None}
        assert dict(crew.answers(double, range(3))) == {0: 0, 1: 2, 2: 4}


@pytest.mark.usefixtures("start")
def test_a_process_killed_with_much_to_do() -> None:
    """The triage would wait for ever to hand over what nobody takes any more, for others hold the pipe open."""
    with Crew(2, int) as crew:
        dying, other = crew.later(late_home, os.getpid()), crew.later(time.sleep, 0.6)
        behind = crew.later(len, bytes(1_000_000))
        other()
        assert (dying(), behind()) == (os.getpid(), 1_000_000)


def test_what_was_killed_by_chance_is_done_again(tmp_path: Path) -> None:
    """A file would be named as not used that can be."""
    with Crew(2, int) as crew:
        assert dict(crew.answers(once, [tmp_path])) == {tmp_path: "done"}


def test_of_a_crew_one_may_stay() -> None:
    """Those that have read would take memory beside what is judged."""
    with Crew(3, int) as crew:
        assert len({each() for each in [crew.later(slow_pid) for _ in range(6)]}) == 3
        crew.shrink()
        assert len({each() for each in [crew.later(slow_pid) for _ in range(6)]}) == 1
        assert len(crew) == 1
        crew.shrink(0)
        assert not crew


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is free")
def test_the_one_that_stays_holds_little() -> None:
    """What was read and is free would count beside what is judged."""
    with Crew(1, int) as crew:
        used = crew.later(use_memory)()
        crew.shrink()
        assert crew.later(resident_mb)() < used - 40


def test_a_later_answer_comes_from_here_where_its_process_was_killed() -> None:
    """A verdict would stand without its evidence."""
    with Crew(2, int) as crew:
        assert crew.later(home, os.getpid())() == os.getpid()


BUSY = """
import sys, time
from abm_trace.pipeline.crew import Crew
from tests.killed import half_an_answer
with Crew(2, int) as crew:
    waiting = [crew.later(time.sleep, 600) for _ in range(6)]
    print("ready", flush=True)
    waiting[0]()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent(how: signal.Signals) -> None:
    """Whoever presses Ctrl-C would find readers at work that nobody waits for."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        parent.send_signal(how)
        parent.communicate(timeout=30)  # It ends when nobody holds the other end of the pipes any more.
        assert parent.returncode != 0
