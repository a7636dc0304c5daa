"""How every program of ours ends that has no result: its exit code, also where its output cannot be written."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Final, NoReturn

MISUSED: Final = 2
"""The exit code of bad usage, and of output that cannot be written."""

INTERRUPTED, UNREAD = 130, 141
"""The exit codes of a program that was stopped at the keyboard, or whose reader went away, as shells have them."""

CRASHED: Final = 70
"""The exit code of a fault of abm-trace itself: 1 means "devices failed" and nothing else. From: sysexits.h."""

_UNWRITTEN: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What writing to an open stream ends in; the errors of a file that is opened carry its name."""


@contextlib.contextmanager
def program(name: str) -> Iterator[None]:
    """Run the program inside to its last byte of output. What ends it without a result becomes one line and a code."""
    _open_streams()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _leave(INTERRUPTED, f"{name}: stopped")
    except BrokenPipeError:
        _leave(UNREAD)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITTEN:
            _crashed(name)
        _leave(MISUSED, f"{name}: standard output cannot be written: {error.strerror}\n  Write to a file with room.")
    except Exception:  # noqa: BLE001  # A fault of ours must never look like a finding, which is what Python's 1 means.
        _crashed(name)


def _open_streams() -> None:
    """Streams that take any text; one that is closed becomes one that cannot be written to, as a file's own number."""
    for number, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, way)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # Lives as long as we.
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _leave(code: int, said: str = "") -> NoReturn:
    """End with this code; what is still in the buffer of standard output is dropped."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        if said:
            sys.stderr.write(f"{said}\n")
            sys.stderr.flush()
    raise SystemExit(code) from None


def _crashed(name: str) -> NoReturn:
    """Say of the exception at hand that it is a fault of ours."""
    sys.__excepthook__(*sys.exc_info())
    _leave(CRASHED, f"{name}: this is a fault of abm-trace, not of the case; report it with the lines above")
