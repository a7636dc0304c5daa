"""Files of a store: written so that a crash leaves the old or the new, read without trust in what they are."""

import contextlib
import errno
import os
import shutil
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Final

from abm_trace.evidence.errors import EvidenceError, FormatError

WRITERS: Final = 8
"""How many files are written at once: a disk makes several durable in the time of one [10 times as fast on ext4]."""

_FLAGS: Final = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_BINARY"))
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_TEMPORARY: Final = "tmp"
_SECRET: Final = frozenset({"raw", "private", _TEMPORARY})
"""Folders that the owner alone may enter: what is in them can be personal data."""


@contextlib.contextmanager
def refusing(what: Path) -> Iterator[None]:
    """Turns what the system says of a file into an EvidenceError that tells what to do."""
    try:
        yield
    except OSError as error:
        hint = "Nothing that was acknowledged is lost. Mend that, then run the command again."
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            hint = "Make room on that disk, then run the command again. Nothing that was acknowledged is lost."
        raise EvidenceError(f"{error.filename or what}: {error.strerror or error}", hint=hint) from error


def regular(path: Path) -> BinaryIO:
    """A file that was named, to read; it never waits for a fifo. Raises OSError, and FormatError for what is none."""
    descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FormatError(f"{path}: is no regular file", hint="Name a file: no folder, pipe or device.")
    return os.fdopen(descriptor, "rb")


def is_other(path: Path) -> bool:
    """Whether something stands there that is no regular file, such as a fifo, which would be waited for."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (where the system can)."""
    if os.name == "nt":  # It has no such thing; renames are journalled.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Folder:
    """The files below a store, by their path relative to it, with `/` between parts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write each file whole, then make the names durable. Raises EvidenceError."""
        if len(files) == 1:
            self._put(*next(iter(files.items())))
        else:
            with ThreadPoolExecutor(WRITERS) as pool:
                deque(pool.map(self._put, files.keys(), files.values()), maxlen=0)
        self.sync(files)

    def _put(self, path: str, data: bytes) -> None:
        with self.temporary() as (temporary, file):
            file.write(data)
            self.settle(temporary, file, path)

    @contextlib.contextmanager
    def temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file, which is gone at the end if it was not settled. Raises EvidenceError."""
        self.make(_TEMPORARY)
        path = self.root / _TEMPORARY / os.urandom(8).hex()
        with refusing(path):
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
                    yield path, file
            finally:
                path.unlink(missing_ok=True)

    def settle(self, temporary: Path, file: BinaryIO, path: str) -> None:
        """Give a temporary file its name: fsync, rename. The name is durable after `sync`."""
        self.make(path.rpartition("/")[0])
        file.flush()
        os.fsync(file.fileno())
        os.replace(temporary, self.root / path)  # noqa: PTH105  # As fsync: a crash test stops at the call.

    def sync(self, paths: Iterable[str]) -> None:
        """Make the names of these files durable."""
        with refusing(self.root):
            folders = list(dict.fromkeys((self.root / path).parent for path in paths))
            if len(folders) < 2:
                deque(map(sync_folder, folders), maxlen=0)
            else:
                with ThreadPoolExecutor(WRITERS) as pool:
                    deque(pool.map(sync_folder, folders), maxlen=0)

    def make(self, folder: str) -> None:
        """Make the folder, each level durably, if it is not there. Raises EvidenceError."""
        self._refuse_links(folder)
        if (self.root / folder).is_dir():
            return
        above = self.root
        with refusing(above / folder):
            for part in folder.split("/"):
                below = above / part
                if not below.is_dir():
                    below.mkdir(mode=0o700 if folder.partition("/")[0] in _SECRET else 0o755, exist_ok=True)
                    sync_folder(above)
                above = below

    def remove(self, path: str) -> None:
        """Remove a file, or a folder of partial tiles, if it is there. Raises EvidenceError."""
        target = self.root / path
        with refusing(target):
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def read(self, path: str, bytes_max: int) -> bytes | None:
        """The bytes of a file, None if there is none. Raises FormatError for what is no file, or is too large."""
        file = self.open(path)
        if file is None:
            return None
        with file, refusing(self.root / path):
            data = file.read(bytes_max + 1)
        if len(data) > bytes_max:
            raise FormatError(f"{path}: more than {bytes_max:,} bytes")
        return data

    def open(self, path: str) -> BinaryIO | None:
        """The file to read, None if there is none; it never waits for a fifo. Raises FormatError, also for a link."""
        target = self.root / path
        try:
            descriptor = os.open(target, os.O_RDONLY | _FLAGS | _NO_LINK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise FormatError(f"{path}: is a link, and must be a file of the store") from error
            raise FormatError(f"{path}: cannot be read ({error.strerror})") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FormatError(f"{path}: is no regular file")
        return os.fdopen(descriptor, "rb")

    def below(self, folder: str) -> Iterator[str]:
        """The paths of all that is below a folder and is no folder, in no order."""
        self._refuse_links(folder)
        waiting = [folder]
        while waiting:
            above = waiting.pop()
            try:
                with os.scandir(self.root / above) as found:
                    entries = list(found)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise FormatError(f"{above}: cannot be listed ({error.strerror})") from error
            for each in entries:
                path = f"{above}/{each.name}"
                if each.is_dir(follow_symlinks=False):
                    waiting.append(path)
                else:
                    yield path

    def _refuse_links(self, folder: str) -> None:
        """Raises FormatError for a folder that is, or stands in, a link: what is in it stands outside of the store."""
        parts = folder.split("/")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            if (self.root / path).is_symlink():
                raise FormatError(f"{path}: is a link, and must be a folder of the store")

    def tidy(self) -> None:
        """Remove what a crash left of files that never got their names. Raises FormatError where a link stands."""
        with refusing(self.root), os.scandir(self.root) as found:
            names = [each.name for each in found]
        for name in names:
            self._refuse_links(name)
        self.remove(_TEMPORARY)
