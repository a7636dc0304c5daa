"""Where a check gets a token's secret from: a file or the environment, never the command line, which others can see."""

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
