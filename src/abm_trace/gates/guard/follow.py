"""Follow logs as they grow: from where they end now, through rotation, truncation and deletion."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from abm_trace.core.errors import AbmTraceError

CHUNK_BYTES: Final = 1024 * 1024
"""How much of a log is read at once. Origin: ours."""

_MARK_BYTES: Final = 256
"""By so many bytes before the place where reading stopped a log is known again. Origin: ours."""

_LOGS_MAX: Final = 1_000
"""How many logs of one folder are followed. Origin: ours."""

_PACKED: Final = frozenset({".bz2", ".gz", ".xz", ".zip", ".zst"})
"""What rotation makes of old logs: it never grows, and holds what was read, or was old."""

_Identity = tuple[int, int]
"""A file's device and number there, by which it is known under any name."""

_Places = dict[_Identity, tuple[int, bytes]]
"""Where reading of a file stopped, and what stands before that place, so that one that is renamed goes on there."""


class FollowError(AbmTraceError):
    """What should be followed is no log that can be."""


class Follower:
    """One log by its path. What it holds already is old and not read; a log that appears is read from its start.

    `left` holds where others stopped in files that have this path now, and gets where this one stops.
    """

    def __init__(self, path: Path, *, old: bool, left: _Places | None = None) -> None:
        self.path = path
        self.notes: list[str] = []
        self.identity: _Identity | None = None
        self._left: _Places = {} if left is None else left
        self._file: int | None = None
        self._position = 0
        self._mark = b""
        self._gone = False
        self._open(at_end=old)

    def read(self) -> Iterator[bytes]:
        """What is new, in pieces; `notes` says what happened to the log."""
        yield from self._rest()
        end = self._end()
        if self._replaced():
            yield from end
            yield from self._rest()

    def _end(self) -> tuple[bytes, ...]:
        """What ends a line that was cut: what is read from its start must not go on with it."""
        return (b"\n",) if self._mark and not self._mark.endswith(b"\n") else ()

    def _rest(self) -> Iterator[bytes]:
        if self._file is None:
            return
        size = os.fstat(self._file).st_size
        if size < self._position or self._marked(self._file) != self._mark:  # It may have grown again since.
            self.notes.append(f"{self.path} was emptied, and is read from its start")
            yield from self._end()
            self._position, self._mark = 0, b""
        while self._position < size:  # What comes meanwhile is for the next time: a flood must not hold us here.
            data = os.pread(self._file, min(CHUNK_BYTES, size - self._position), self._position)
            if not data:
                return
            self._position += len(data)
            self._mark = (self._mark + data)[-_MARK_BYTES:]
            yield data

    def _marked(self, file: int) -> bytes:
        """What stands before the place where reading stopped."""
        length = min(_MARK_BYTES, self._position)
        return os.pread(file, length, self._position - length)

    def _replaced(self) -> bool:
        """Whether another file has taken the path; it is open then."""
        try:
            now = self.path.stat()
        except OSError:
            if self._file is not None and not self._gone:
                self.notes.append(f"{self.path} is gone; a new one is waited for")
            self._gone = True
            return False
        self._gone = False
        if (now.st_dev, now.st_ino) == self.identity:
            return False
        known = self._file is not None
        self.close()
        self._open(at_end=False)
        if known and self._file is not None:
            self.notes.append(f"{self.path} was replaced, and the new one is read from its start")
        return self._file is not None

    def _open(self, *, at_end: bool) -> None:
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # A fifo would be waited for.
        except FileNotFoundError:
            return
        except OSError as error:
            self._note(f"{self.path} cannot be read: {error.strerror}")
            return
        found = os.fstat(file)
        self.identity = found.st_dev, found.st_ino
        if stat.S_ISREG(found.st_mode):
            self._file, (self._position, self._mark) = file, self._left.get(self.identity, (0, b""))
            if at_end:
                self._position = found.st_size
                self._mark = self._marked(file)
        else:
            os.close(file)
            self._note(f"{self.path} is no regular file, and is not followed")

    def _note(self, text: str) -> None:
        if text not in self.notes[-1:]:
            self.notes.append(text)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None and self.identity is not None:
            os.close(self._file)
            self._left[self.identity] = self._position, self._mark
        self._file = self.identity = None


class Logs:
    """The logs at some paths: of a folder each file, those that appear in it too."""

    def __init__(self, paths: list[Path]) -> None:
        """Raises FollowError for what is there and is neither a regular file nor a folder."""
        self._folders = [path for path in paths if path.is_dir()]
        self._followers: dict[Path, Follower] = {}
        self._left: _Places = {}
        self._notes: list[str] = []
        self._over: dict[Path, int] = {}
        for path in paths:
            if path in self._folders:
                continue
            if path.exists() and not path.is_file():
                raise FollowError(f"{path}: is no regular file", hint="Follow the file that the log is written to.")
            if not path.exists() and not path.parent.is_dir():
                raise FollowError(f"{path}: there is no folder {path.parent}", hint=f"Make it: mkdir -p {path.parent}")
            self._followers[path] = Follower(path, old=True, left=self._left)
        self._list(old=True)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._followers)

    def read(self) -> Iterator[tuple[Path, bytes]]:
        """What is new in each log, in pieces."""
        known = tuple(self._followers.values())
        for followers in (known, self._list(old=False)):  # A file that was renamed is read to its end by its old name.
            for follower in followers:
                for data in follower.read():
                    yield follower.path, data

    def notes(self) -> list[str]:
        """What happened to the logs since it was asked last."""
        said = [*self._notes, *(note for follower in self._followers.values() for note in follower.notes)]
        self._notes.clear()
        for follower in self._followers.values():
            follower.notes.clear()
        return said

    def _list(self, *, old: bool) -> list[Follower]:
        """Follow what has appeared in the folders. Another name of a file that is followed already is none."""
        new: list[Follower] = []
        held = {follower.identity for follower in self._followers.values()}
        for folder in self._folders:
            over = 0
            with contextlib.suppress(OSError), os.scandir(folder) as found:
                for each in found:
                    path = folder / each.name
                    if path in self._followers or path.suffix in _PACKED or not each.is_file():
                        continue
                    if len(self._followers) >= _LOGS_MAX:
                        over += 1
                        continue
                    status = path.stat()
                    if (status.st_dev, status.st_ino) in held:
                        continue
                    self._followers[path] = Follower(path, old=old, left=self._left)
                    held.add(self._followers[path].identity)
                    new.append(self._followers[path])
            if over >= max(1, 2 * self._over.get(folder, 0)):  # Not at each that is added.
                self._over[folder] = over
                self._notes.append(f"{folder} has more than {_LOGS_MAX:,} logs: {over:,} are NOT followed")
        return new

    def close(self) -> None:
        """Let go of all files."""
        for follower in self._followers.values():
            follower.close()
