"""Progress on standard error, only where it lasts: a line that is written over on a terminal, else one every 10 s."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

PATIENCE_S: Final = 2.0
_REDRAW_S: Final = 0.2
_PLAIN_S: Final = 10.0
_TICK_S: Final = 0.5


class Progress:
    """Takes what the pipeline reports, and says it: files, bytes, time left."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._began = self._said = time.monotonic()
        self._files = self._bytes = 0
        self._files_all = self._bytes_all = 0
        self._shown = 0
        self._writes = threading.RLock()

    def __call__(self, stage: str, count: int, size: int) -> None:
        """Take (stage, items, bytes) as `Options.progress` hands them over."""
        if stage == "found":
            self._files_all, self._bytes_all = count, size
            return
        if stage == "read":
            self._files += count
            self._bytes += size
            done = self._files >= self._files_all
            self._say(f"read {self._files:,} files, judging" if done else self._reading(), now=done)

    def _reading(self) -> str:
        elapsed = time.monotonic() - self._began
        left = elapsed * (self._bytes_all - self._bytes) / self._bytes if self._bytes else 0
        return (
            f"read {self._files:,} of {self._files_all:,} files, "
            f"{self._bytes / 1e6:,.0f} of {self._bytes_all / 1e6:,.0f} MB, {left // 60:.0f}:{left % 60:02.0f} left"
        )

    def _say(self, text: str, *, now: bool) -> None:
        moment = time.monotonic()
        if moment - self._began < (PATIENCE_S if self._terminal else _PLAIN_S):
            return
        if not now and moment - self._said < (_REDRAW_S if self._terminal else _PLAIN_S):
            return
        with self._writes:
            self._said = moment
            if self._terminal:
                sys.stderr.write(f"\r{text.ljust(self._shown)}")
                self._shown = len(text)
            else:
                sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line off the terminal."""
        with self._writes:
            if self._shown:
                sys.stderr.write(f"\r{' ' * self._shown}\r")
                sys.stderr.flush()
                self._shown = 0

    def waited(self, doing: str, noun: str, count: int) -> None:
        """Say what is being done and how long already, and of how many things it is done."""
        elapsed = time.monotonic() - self._began
        done = f", {count:,} {noun}" if noun else ""
        self._say(f"{doing}{done}, {elapsed // 60:.0f}:{elapsed % 60:02.0f}", now=False)


_waiting: list[Progress] = []


@contextlib.contextmanager
def waiting(doing: str, noun: str = "") -> Iterator[Callable[[], None]]:
    """Says meanwhile what is being done; what it gives is called once for each thing that is done."""
    progress, over, count = Progress(), threading.Event(), 0

    def one() -> None:
        nonlocal count
        count += 1

    def tick() -> None:
        with contextlib.suppress(OSError, ValueError):  # Nobody reads it any more.
            while not over.wait(_TICK_S):
                progress.waited(doing, noun, count)

    thread = threading.Thread(target=tick, daemon=True)
    _waiting.append(progress)
    thread.start()
    try:
        yield one
    finally:
        over.set()
        thread.join()
        _waiting.remove(progress)
        with contextlib.suppress(OSError):
            progress.end()


def make_way() -> None:
    """Take the line off the terminal, for something else is about to be written there."""
    for each in _waiting:
        each.end()
