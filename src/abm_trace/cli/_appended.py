"""Files that are only appended to, a JSON object a line: kept in the user's data folder, on the disk when written."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from abm_trace.cli._terminal import OutputError
from abm_trace.core.nouns import Skipped

_LINE_BYTES_MAX: Final = 64 * 1024
_T = TypeVar("_T", bound=msgspec.Struct)


def path_of(given: Path | None, name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """The file as the user named it, else `name` in the user's data folder (XDG Base Directory Specification)."""
    if given is not None:
        return given
    home = environment.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "abm-trace" / name


def append(path: Path, record: msgspec.Struct, *, hint: str) -> None:
    """Write a record behind the others, on the disk when this returns. Raises OutputError with the hint.

    The line is written under a lock in one piece; what a crash left half written is closed first, and stays there.
    """
    data = msgspec.json.encode(record) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            with _locked(descriptor):
                size = os.fstat(descriptor).st_size
                if size and os.lseek(descriptor, -1, os.SEEK_END) and os.read(descriptor, 1) != b"\n":
                    data = b"\n" + data
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not size:
            _sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}", hint=hint) from error


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Alone with the file among all who write; where the system has no such locks, O_APPEND keeps lines whole."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _sync_folder(folder: Path) -> None:
    """Make the new file's name last as well, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(path: Path, kind: type[_T], flaw: Callable[[_T], str]) -> tuple[list[_T], list[Skipped]]:
    """The records of the file in their order, none where it does not exist; lines that are none, named.

    `flaw` says what makes a record one that nobody can have written, "" for nothing.
    """
    found: list[_T] = []
    skipped: list[Skipped] = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LINE_BYTES_MAX), b""), 1):
                if line.strip():
                    try:
                        record = msgspec.json.decode(line, type=kind)
                        wrong = flaw(record)
                    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                        wrong = str(error)
                    else:
                        found += [record] * (not wrong)
                    if wrong:
                        skipped.append(Skipped(str(path), f"no record that this abm-trace reads: {wrong}", number))
    except FileNotFoundError:
        pass
    except OSError as error:
        skipped.append(Skipped(str(path), f"cannot be read: {error.strerror}"))
    return found, skipped
