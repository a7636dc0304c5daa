"""A case folder: every regular file below it, and by name whatever is none."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Blob, Skipped

DEPTH_MAX = 64
"""How deep folders are followed. Origin: ours; deeper ones are named."""

_KINDS = (
    (stat.S_ISFIFO, "a fifo is no file of evidence; it is not opened"),
    (stat.S_ISSOCK, "a socket is no file of evidence; it is not opened"),
    (stat.S_ISCHR, "a device is no file of evidence; it is not opened"),
    (stat.S_ISBLK, "a device is no file of evidence; it is not opened"),
)


def fetch(case: Path) -> Iterator[Blob | Skipped]:
    """The blobs of the case in order of path. Links are followed inside the case alone, and to files alone.

    Raises UsageError if the case cannot be listed.
    """
    root = os.fsencode(case)
    if not os.path.isdir(root):
        kind = "is no folder" if os.path.lexists(root) else "does not exist"
        message = f"{case}: {kind}"
        raise UsageError(message, hint="Give the folder that holds the logs and exports: abm-trace triage CASE")
    real = os.path.realpath(root)
    try:
        yield from _walk(root, b"", real, 0)
    except PermissionError as error:
        message = f"{case}: cannot be listed ({error.strerror})"
        raise UsageError(message, hint=f"Check the permissions: ls -ld {case}") from error


def _walk(root: bytes, inside: bytes, real: bytes, depth: int) -> Iterator[Blob | Skipped]:
    folder = os.path.join(root, inside) if inside else root
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if not inside:
            raise
        yield Skipped(shown(inside), f"the folder cannot be listed: {error.strerror}")
        return
    for entry in entries:
        path = os.path.join(inside, entry.name) if inside else entry.name
        try:
            yield from _entry(root, path, entry, real, depth)
        except OSError as error:
            yield Skipped(shown(path), f"cannot be looked at: {error.strerror}")


def _entry(root: bytes, path: bytes, entry: os.DirEntry[bytes], real: bytes, depth: int) -> Iterator[Blob | Skipped]:
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not os.path.lexists(target) or os.path.islink(target):
            yield Skipped(shown(path), "a link that leads nowhere or in a circle")
            return
        if os.path.commonpath([target, real]) != real:
            yield Skipped(shown(path), "a link out of the case; copy the file into it to have it read")
            return
        if os.path.isdir(target):
            yield Skipped(shown(path), "a link to a folder of the case; the folder itself is read where it stands")
            return
    elif entry.is_dir():
        if depth >= DEPTH_MAX:
            yield Skipped(shown(path), f"folders deeper than {DEPTH_MAX} are not read")
        else:
            yield from _walk(root, path, real, depth + 1)
        return
    status = entry.stat()
    if reason := next((reason for test, reason in _KINDS if test(status.st_mode)), ""):
        yield Skipped(shown(path), reason)
        return
    yield Blob(shown(path), os.fsdecode(entry.path), status.st_size, status.st_mtime_ns // 1000)


def shown(path: bytes) -> str:
    """A path as text that JSON can hold: bytes that are not UTF-8 stand as `\\xNN`."""
    return path.replace(os.sep.encode(), b"/").decode("utf-8", "backslashreplace")
