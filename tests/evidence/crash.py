"""Kills a writer, or takes its disk away, at every step, and at random; run as a program, for it forks.

`python -m tests.evidence.crash MODE FOLDER [COUNT]` prints a line for each crash that the log did not survive, and at
the end how many there were. The writer is the real one: what stops it stands around `os.fsync`, `os.replace` and the
writer's steps from outside.
"""

import errno
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from tests.evidence import building

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.lock import Lock
from abm_trace.evidence.places import Places
from abm_trace.evidence.staging import Staging
from abm_trace.evidence.store import Writer

STEPS: Final = (
    (Staging, "ingest"), (Writer, "_stage"), (Writer, "_sign"), (Lock, "swap"), (Writer, "_publish_tiles"),
    (Writer, "_publish_checkpoint"), (Writer, "_clean"),
)  # fmt: skip
BATCH: Final = 3
LOST, REFUSED = 4, 3


def work(places: Places, seen: int, batches: int) -> None:
    """Add batches; each acknowledged index goes to the descriptor `seen`, for the parent to know what must be there."""
    with Writer(places) as writer:
        for _ in range(batches):
            done = writer.append([building.keep(writer, writer.size + number) for number in range(BATCH)])
            os.write(seen, b"%d\n" % done[-1])
            writer.checkpoint()


def child(
    places: Places, prepare: Callable[[], None], batches: int, kill_after_s: float | None = None
) -> tuple[int, int]:
    """Run `work` in a process of its own: how it ended, and the last index that it acknowledged (-1: none)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            prepare()
            work(places, writing, batches)
        except EvidenceError:
            code = REFUSED
        except BaseException as error:  # noqa: BLE001  # A forked child must not go on in the parent's code.
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            code = LOST
        os._exit(code)
    os.close(writing)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as acknowledged:
        indexes = [int(each) for each in acknowledged.read().split()]
    _, status = os.waitpid(pid, 0)
    return status, max(indexes, default=-1)


def stop_at(count: int, stop: Callable[[], None]) -> Callable[[], None]:
    """Calls `stop` before the operation with this number, of all that make something durable."""

    def prepare() -> None:
        left = iter(range(count, -1, -1))

        def wrap(operation: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*arguments: object) -> object:
                if next(left, -1) == 0:
                    stop()
                return operation(*arguments)

            return wrapped

        os.fsync, os.replace = wrap(os.fsync), wrap(os.replace)

    return prepare


def stop_around(owner: type, name: str, after: bool) -> Callable[[], None]:  # It is a flag.
    """Kills before or after a step."""

    def prepare() -> None:
        step = getattr(owner, name)

        def wrapped(*arguments: object, **named: object) -> None:
            if not after:
                die()
            step(*arguments, **named)
            die()

        setattr(owner, name, wrapped)

    return prepare


def die() -> None:
    """As power that fails for this process."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def full() -> None:
    """As a disk without room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def broken() -> None:
    """As a disk that fails."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def complaints(places: Places, acknowledged: int) -> Iterator[str]:
    """What a crash has cost: nothing, if opening the log makes it whole and all that was acknowledged is in it."""
    with Writer(places) as writer:
        if writer.size <= acknowledged:
            yield f"record {acknowledged} was acknowledged, {writer.size} are there"
        writer.checkpoint()
        size = writer.size
    report = building.check(places)
    yield from (f"{each.where}: {each.text}" for each in report.problems)
    if report.head is None or report.head.size != size or report.kept != size - 2:
        yield f"{size} entries, the check saw {report.head and report.head.size}, {report.kept} inputs"


def crashes(mode: str, count: int) -> Iterator[tuple[str, Callable[[], None], float | None]]:
    """The crashes of a mode: a name, what brings it about in the child, and when the parent kills."""
    match mode:
        case "steps":
            for owner, name in STEPS:
                for after in (False, True):
                    yield f"{'after' if after else 'before'} {name}", stop_around(owner, name, after), None
        case "random":
            rng = random.Random(count)
            for number in range(count):
                yield f"kill {number}", lambda: None, rng.uniform(0, 0.15)
        case _:
            stop = {"kill": die, "full": full, "broken": broken}[mode]
            for number in range(10_000):
                yield f"{mode} at operation {number}", stop_at(number, stop), None


def main(mode: str, folder: Path, count: int) -> int:
    """Run a mode on a new log; 1 if a crash cost something."""
    places = building.make(folder)
    failed = total = acknowledged = 0
    for name, prepare, kill_after_s in crashes(mode, count):
        status, last = child(places, prepare, 1 if kill_after_s is None else 1_000, kill_after_s)
        acknowledged = max(acknowledged, last)
        if kill_after_s is None and os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            break  # The operation with this number was never reached.
        total += 1
        found = list(complaints(places, acknowledged))
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == LOST:
            found.append("the writer failed with an error of no kind of ours")
        failed += bool(found)
        for each in found[:5]:
            sys.stdout.write(f"{name}: {each}\n")
    sys.stdout.write(f"{total} crashes, {failed} not survived, {acknowledged + 1} records acknowledged\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
