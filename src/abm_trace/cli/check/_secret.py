"""Where a check gets a secret from: a file or the environment, never the command line, which others can see."""

import os
from pathlib import Path
from typing import Final

from abm_trace.core.errors import UsageError

VARIABLE: Final = "ABM_TRACE_TOKEN"
_BYTES_MAX: Final = 1 << 16


def secret(file: Path | None) -> str:
    """The secret in the file, else in the environment. Raises UsageError, which does not quote it."""
    if file is None:
        found = os.environ.get(VARIABLE, "")
        if not found:
            raise UsageError("no secret of the token was given", hint=f"Give a file: --bearer FILE, or set {VARIABLE}")
        return found.strip()
    try:
        return file.read_bytes()[:_BYTES_MAX].decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--bearer {file}: holds no token", hint="The file holds the token's secret, and nothing else."
        ) from error


def password(file: Path | None) -> bytes | None:
    """The password in the file: its first line; None where no file was named. Raises UsageError."""
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            return opened.read(_BYTES_MAX).split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise UsageError(f"--password {file}: cannot be read: {error.strerror}", hint=f"ls -l {file}") from error
