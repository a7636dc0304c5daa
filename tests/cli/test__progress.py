"""Progress: silent while it is short, one line that is written over on a terminal, plain lines else."""

import io
import sys
import time

import pytest

from abm_trace.cli._progress import Progress


class Screen(io.StringIO):
    """A standard error that is a terminal or not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self.terminal


def said(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, step_s: float) -> str:
    """What is said while ten files of 1 MB are read, `step_s` apart."""
    screen = Screen(terminal=terminal)
    clock = [0.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    progress = Progress()
    progress("found", 10, 10_000_000)
    for number in range(1, 11):
        clock[0] = number * step_s
        progress("read", 1, 1_000_000)
    progress.end()
    return screen.getvalue()


def test_short_runs_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, every small case would flicker."""
    assert said(monkeypatch, terminal=True, step_s=0.1) == ""
    assert said(monkeypatch, terminal=False, step_s=0.9) == ""


def test_a_terminal_sees_files_bytes_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a long run would look hung, or its line would stay on the screen."""
    shown = said(monkeypatch, terminal=True, step_s=1)
    assert "\rread 5 of 10 files, 5 of 10 MB, 0:05 left" in shown
    assert shown.endswith(" \r")
    assert "\n" not in shown


def test_a_file_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a log of a nightly run would hold thousands of lines, or control characters."""
    shown = said(monkeypatch, terminal=False, step_s=4)
    assert "\r" not in shown
    assert 2 <= shown.count("\n") <= 4
