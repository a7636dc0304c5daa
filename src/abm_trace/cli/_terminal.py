"""Standard output and error: what the screen can show, writing bytes to it or to a file, and saying things aside."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from abm_trace.cli import _progress
from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Skipped
from abm_trace.exports import Screen, plain

ROWS: Final = 40
"""How many devices a terminal is shown at once; a file holds all of them. Origin: ours."""

_WIDTHS: Final = (40, 200)
_WIDTH_OF_A_PIPE: Final = 100


class OutputError(AbmTraceError):
    """What was asked for could not be written."""


def screen(*, short: bool | None = None) -> Screen:
    """The screen behind standard output; `short` lists are the default of a terminal."""
    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    shortened = terminal if short is None else short
    return Screen(
        width=min(max(_columns(), _WIDTHS[0]), _WIDTHS[1]),
        colour=colour,
        unicode="utf" in (sys.stdout.encoding or "").casefold(),
        rows=ROWS if shortened else None,
        whole=not terminal,
    )


def _columns() -> int:
    """The width asked for with COLUMNS, else of the terminal, also where a pager stands before it."""
    if (asked := os.environ.get("COLUMNS", "")).isdecimal() and int(asked):
        return int(asked)
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if columns := os.get_terminal_size(stream.fileno()).columns:  # type: ignore[union-attr]  # As suppressed.
                return columns
    return _WIDTH_OF_A_PIPE


def paper() -> Screen:
    """What a text in a file is set for."""
    return Screen(width=120, colour=False, unicode=True, rows=None, whole=True)


_copies: list[list[bytes]] = []


@contextlib.contextmanager
def copied() -> Iterator[list[bytes]]:
    """A copy of what is written to standard output meanwhile, for a record of it."""
    copy: list[bytes] = []
    _copies.append(copy)
    try:
        yield copy
    finally:
        _copies.remove(copy)


def write(data: bytes) -> None:
    """Write to standard output, to the last byte. Raises OutputError; a reader that went away ends the command."""
    for copy in _copies:
        copy.append(data)
    _progress.make_way()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"standard output cannot be written: {error.strerror}"
        raise OutputError(message, hint="Write to a file with room: --out FILE") from error


def aside(text: str) -> None:
    """Say something on standard error; nothing in it that a terminal obeys, but its line ends."""
    _progress.make_way()
    print(plain(text, keep="\n"), file=sys.stderr)


def name_skipped(skipped: Iterable[Skipped]) -> None:
    """Name each thing that was not used, a line each."""
    for each in skipped:
        where = each.path if each.line is None else f"{each.path}:{each.line}"
        at = "" if each.offset is None else f" (byte {each.offset})"
        print(plain(f"not used: {where}: {each.reason}{at}"), file=sys.stderr)


def save(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file, given whole or in parts, so that nobody ever sees half of it. Raises OutputError.

    What is no regular file (a pipe, /dev/null) is written to as it is; a link is followed.
    """
    target = Path(os.path.realpath(path))
    parts = (data,) if isinstance(data, bytes) else data
    part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("wb") as other:
                other.writelines(parts)
            return
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        message = f"{path}: cannot be written: {error.strerror}"
        raise OutputError(message, hint="Name a file in a folder that exists and has room: --out FILE") from error
