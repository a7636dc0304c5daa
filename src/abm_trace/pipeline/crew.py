"""The processes that share the work: one that is killed loses only what killed it, and none outlives its parent."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from itertools import islice
from multiprocessing import connection
from typing import Any, Self, TypeVar

import msgspec

_AHEAD = 2
"""How many tasks a process have been begun at a time: a killed one takes no more with it, and none waits for work."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def can_fork() -> bool:
    """Whether a forked process may inherit what this one holds: on Linux; elsewhere forking is not safe."""
    return sys.platform == "linux"


class Crew:
    """Up to `jobs` processes, each begun with `begin(*given)`. A context: what is left undone at its end is dropped.

    The kernel may kill a process that takes too much memory; its tasks are then tried again.
    """

    def __init__(self, jobs: int, begin: Callable[..., object], *given: object) -> None:
        self._context = multiprocessing.get_context("fork" if can_fork() else "spawn")
        self._ended, self._end = self._context.Pipe(duplex=False)
        self._begin = partial(_begun, self._ended, begin, *given)
        self._places = [_Place(self._start()) for _ in range(jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self._leave(self._places, wait=not error)  # What ends while Python ends may say so in a traceback.
        if error:
            self._end.send_bytes(b"end")  # Nobody takes it from the pipe, so each process sees it.

    def __len__(self) -> int:
        """How many processes there are."""
        return len(self._places)

    def shrink(self, size: int = 1) -> None:
        """Let processes go but so many, for what needs no more and has no room for more; these hold little then."""
        self._leave(self._places[size:])
        del self._places[size:]
        for _ in self._places:
            self.later(_rest)

    def answers(self, task: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[tuple[Item, Answer | None]]:
        """Each item with what the task makes of it, as they are done; None where a process was killed over it twice."""
        waiting = iter(items)
        begun: dict[Future[Answer], Item] = {}
        while True:
            ahead = _AHEAD * len(self._places) - len(begun)
            begun |= {self._submit(task, item): item for item in islice(waiting, ahead)}
            if not begun:
                return
            done = wait(begun, return_when=FIRST_COMPLETED).done
            while done:
                future = done.pop()  # Whose answer is held no longer than it is looked at.
                item = begun.pop(future)
                try:
                    answer: Answer | None = future.result()
                except BrokenProcessPool:
                    answer = self.alone(task, item)
                yield item, answer

    def in_order(self, task: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """What the task makes of each item, in order, with no more of it at hand than is begun ahead."""
        begun: deque[Callable[[], Answer]] = deque()
        for item in items:
            begun.append(self.later(task, item))
            if len(begun) > _AHEAD * len(self._places):
                yield begun.popleft()()
        while begun:
            yield begun.popleft()()

    def alone(self, task: Callable[[Item], Answer], item: Item) -> Answer | None:
        """What the task makes of the item in a process of its own; None where that is killed."""
        try:
            with self._start() as pool:
                return pool.submit(task, item).result()
        except BrokenProcessPool:
            return None

    def later(self, task: Callable[..., Answer], *given: object) -> Callable[[], Answer]:
        """Begin the task; what is returned waits for its answer. This process does it where another was killed."""
        future = self._submit(task, *given)

        def answer() -> Answer:
            try:
                return future.result()
            except BrokenProcessPool:
                return task(*given)

        return answer

    def _submit(self, task: Callable[..., Answer], *given: object) -> Future[Answer]:
        place = min(self._places, key=lambda each: len(each.tasks))
        try:
            future = place.pool.submit(task, *given)
        except BrokenProcessPool:
            place.pool = self._start()
            future = place.pool.submit(task, *given)
        place.tasks.add(future)
        future.add_done_callback(place.tasks.discard)
        return future

    def _start(self) -> ProcessPoolExecutor:
        """A process of its own. Killed in the midst of an answer, it is found out by the end of its pipe.

        Whoever else held the writing end, this process or another, would have the pool wait for the rest for ever; and
        who held the reading end of its tasks, with what is left of them.
        """
        pool = ProcessPoolExecutor(1, mp_context=self._context, initializer=self._begin)
        pool.submit(int)  # Starts it, before the pipes of another are made that it would inherit.
        pool._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001 - No public way leads to it.
        pool._call_queue._reader.close()  # type: ignore[attr-defined]  # noqa: SLF001
        return pool

    def _leave(self, places: Iterable["_Place"], *, wait: bool = False) -> None:
        for place in places:
            place.pool.shutdown(wait=wait, cancel_futures=True)


class _Place(msgspec.Struct):
    """One process of a crew, and its tasks that are not done: one that is killed takes no others' with it."""

    pool: ProcessPoolExecutor
    tasks: set[Future[Any]] = msgspec.field(default_factory=set)


def _rest() -> None:
    """Give free memory back to the system: glibc keeps up to 40 MB of what was read for later."""
    with suppress(AttributeError, OSError, TypeError):  # Other systems' libraries have no such call.
        ctypes.CDLL(None).malloc_trim(0)


def _begun(ended: connection.Connection, begin: Callable[..., object], *given: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which then ends us.
    threading.Thread(target=_end_with_parent, args=(ended,), daemon=True).start()
    begin(*given)


def _end_with_parent(ended: connection.Connection) -> None:
    if parent := multiprocessing.parent_process():
        connection.wait([parent.sentinel, ended])
        os._exit(1)
