"""A case folder: every regular file below it, and by name whatever is none."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Blob, Skipped

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
        os.scandir(root).close()
    except OSError as error:
        message = f"{case}: cannot be listed ({error.strerror})"
        raise UsageError(message, hint=f"Check the permissions: ls -ld {case}") from error
    yield from _walk(root, real)


def _walk(root: bytes, real: bytes) -> Iterator[Blob | Skipped]:
    """Depth first, in order of path; with a stack of its own, so that no depth of folders is too much for it."""
    waiting: list[tuple[bytes, os.DirEntry[bytes] | None]] = [(b"", None)]
    while waiting:
        path, entry = waiting.pop()
        try:
            if entry is not None and not entry.is_dir(follow_symlinks=False):
                yield _entry(path, entry, real)
                continue
            with os.scandir(os.path.join(root, path) if path else root) as found:
                entries = sorted(found, key=lambda each: each.name, reverse=True)
        except OSError as error:
            yield Skipped(shown(path), f"cannot be looked at: {error.strerror}")
            continue
        waiting += ((os.path.join(path, each.name) if path else each.name, each) for each in entries)


def _entry(path: bytes, entry: os.DirEntry[bytes], real: bytes) -> Blob | Skipped:
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not os.path.lexists(target) or os.path.islink(target):
            return Skipped(shown(path), "a link that leads nowhere or in a circle")
        if os.path.commonpath([target, real]) != real:
            return Skipped(shown(path), "a link out of the case; copy the file into it to have it read")
        if os.path.isdir(target):
            return Skipped(shown(path), "a link to a folder of the case; the folder itself is read where it stands")
    status = entry.stat()
    if reason := next((reason for test, reason in _KINDS if test(status.st_mode)), ""):
        return Skipped(shown(path), reason)
    return Blob(shown(path), os.fsdecode(entry.path), status.st_size, status.st_mtime_ns // 1000)


def shown(path: bytes) -> str:
    r"""A path as text that JSON can hold: bytes that are not UTF-8 stand as `\xNN`."""
    return path.replace(os.sep.encode(), b"/").decode("utf-8", "backslashreplace")
