"""How a program ends that has no result."""

import errno
import subprocess
import sys

import pytest

from abm_trace.core import ending

PROGRAM = """
import sys
from abm_trace.core import ending
with ending.program("abm-x"):
    print("x" * {size})
"""


@pytest.mark.parametrize(
    ("end", "code", "says"),
    [
        ("| true", ending.UNREAD, ""),
        (">/dev/full", ending.MISUSED, "abm-x: standard output cannot be written: No space left on device"),
        (">&-", ending.MISUSED, "abm-x: standard output cannot be written: Bad file descriptor"),
        (">/dev/null 2>&-", 0, ""),
    ],
    ids=["unread", "full", "closed", "silent"],
)
@pytest.mark.parametrize("size", [10, 1_000_000], ids=["short", "long"])
def test_output_that_cannot_be_written(end: str, code: int, says: str, size: int) -> None:
    """If this failed, a full disk or a pager that was left would end in a traceback, and in the code of a finding."""
    command = f"sleep 0.2; {sys.executable} -c '{PROGRAM.format(size=size)}'".replace('"', '\\"').replace("'", '"')
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{{ {command}; }} {end}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), ending.INTERRUPTED, "abm-x: stopped"),
        (BrokenPipeError(), ending.UNREAD, ""),
        (OSError(errno.ENOSPC, "no room"), ending.MISUSED, "abm-x: standard output cannot be written: no room"),
        (OSError(errno.ENOSPC, "no room", "some file"), ending.CRASHED, "Traceback"),
        (ZeroDivisionError(), ending.CRASHED, "Traceback"),
        (SystemExit(7), 7, ""),
    ],
    ids=["stopped", "unread", "full", "a-file", "fault", "its-own"],
)
def test_codes(error: BaseException, code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a fault of ours, or Ctrl-C, would look like a finding, which is what 1 means."""
    with pytest.raises(SystemExit) as ended, ending.program("abm-x"):
        raise error
    assert ended.value.code == code
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert ("fault of abm-trace" in said) == (code == ending.CRASHED)
