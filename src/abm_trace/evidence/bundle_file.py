"""The file that a bundle is: an uncompressed tar that can be written in one way only, so that no byte of it is free.

Names rise, headers say what name and size make them, gaps are zeros, and nothing stands behind the end. Any tar unpacks
it; it is read here without being unpacked.
"""

import contextlib
import glob
import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder, refusing, regular

_BLOCK: Final = 512
_END: Final = bytes(2 * _BLOCK)
_MEMBERS_MAX: Final = 400_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
_NAME_MAX: Final = 99
_CHUNK_BYTES: Final = 1024 * 1024


def _header(name: str, size: int) -> bytes:
    """The one header of a member. Raises FormatError for a name that a bundle does not have."""
    if len(name) > _NAME_MAX or not _NAME.fullmatch(name):
        raise FormatError(f"{ascii(name)[1:-1]}: is no name of a part of a bundle")
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


class BundleWriter:
    """Writes a bundle, member behind member, in the order of their names."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._last = ""

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put a member behind the others; its size is what came, so a chunk at a time is in memory."""
        if name <= self._last:
            raise ValueError(f"{name} comes behind {self._last}")
        self._last = name
        start = self._file.tell()
        self._file.write(_header(name, 0))
        size = 0
        for chunk in chunks:
            self._file.write(chunk)
            size += len(chunk)
        self._file.write(bytes(-size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(name, size))
        self._file.seek(end)

    def end(self) -> None:
        """Write what a tar ends with."""
        self._file.write(_END)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BundleWriter]:
    """A bundle that gets its name when it is whole and durable, and not at all otherwise. Raises EvidenceError."""
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    with refusing(path):
        for left in path.parent.glob(f".{glob.escape(path.name[:200])}.*.part"):
            if not _is_running(left.suffixes[-2][1:]):  # What was killed must not leave evidence lying about.
                with contextlib.suppress(OSError):
                    left.unlink()
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "w+b") as file:
                writer = BundleWriter(file)
                yield writer
                writer.end()
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _is_running(pid: str) -> bool:
    """Whether a process has this number; True, too, for what is none, and where asking would end it."""
    if os.name != "nt" and pid.isdecimal():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            pass
    return True


class _Slice(io.RawIOBase):
    """A member of the file, to read."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file, self._left = file, size
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # As RawIOBase calls it.
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class Bundle:
    """A bundle to read: `members` has where each begins, and its size. Raises FormatError if it is not as written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.members: dict[str, tuple[int, int]] = {}
        with refusing(path), regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            last = ""
            while (header := file.read(_BLOCK)) != _END[:_BLOCK]:
                last = self._member(file, header, last, size)
            at = file.tell() - _BLOCK
            if file.read(_BLOCK + 1) != _END[_BLOCK:]:
                raise FormatError(f"byte {at}: the end of the bundle is cut, or something stands behind it")

    def _member(self, file: BinaryIO, header: bytes, last: str, whole: int) -> str:
        start = file.tell()
        at = start - len(header)
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
            name, size = info.name, info.size
            right = header == _header(name, size)
        except (tarfile.HeaderError, FormatError, ValueError) as error:
            raise FormatError(f"byte {at}: is no header of a part of a bundle: {ascii(str(error))[1:-1]}") from error
        if not right:
            raise FormatError(f"byte {at}: the header of {name} is not as a bundle has it")
        if name <= last or len(self.members) >= _MEMBERS_MAX:
            raise FormatError(f"byte {at}: {name} stands behind {last}, or there are too many parts")
        gap = -size % _BLOCK
        if size < 0 or start + size + gap > whole:
            raise FormatError(f"byte {at}: {name} is cut")
        file.seek(start + size)
        if file.read(gap) != bytes(gap):
            raise FormatError(f"byte {start + size}: behind {name} stands what is no part of it")
        self.members[name] = start, size
        return name

    def open(self, name: str) -> BinaryIO | None:
        """A member to read, None if there is none of that name."""
        found = self.members.get(name)
        if found is None:
            return None
        with refusing(self.path):
            return io.BufferedReader(_Slice(regular(self.path), *found), _CHUNK_BYTES)

    def read(self, name: str, bytes_max: int) -> bytes:
        """The bytes of a member. Raises FormatError if it is missing, or larger."""
        file = self.open(name)
        if file is None:
            raise FormatError(f"{name}: is missing")
        with file:
            data = file.read(bytes_max + 1)
        if len(data) > bytes_max:
            raise FormatError(f"{name}: more than {bytes_max:,} bytes")
        return data


class BundledFolder(Folder):
    """The part of a log that a bundle holds, below `evidence/`, as a folder to read."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__(bundle.path)
        self._bundle = bundle

    def open(self, path: str) -> BinaryIO | None:
        """The member to read, None if there is none."""
        return self._bundle.open(f"evidence/{path}")

    def below(self, folder: str) -> Iterator[str]:
        """The paths of all that is below a folder."""
        start = f"evidence/{folder}/"
        yield from (name.removeprefix("evidence/") for name in self._bundle.members if name.startswith(start))

    def make(self, folder: str) -> None:
        """Refuse: a bundle is only read."""
        raise EvidenceError(f"{self.root}: is a bundle, and is only read")
