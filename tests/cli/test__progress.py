"""Progress: silent while it is short, one line that is written over on a terminal, plain lines else."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run, new_log

from abm_trace.cli import _progress
from abm_trace.cli._progress import Progress

HOSTS = """
[[group]]
name = "ours"
hosts = [{ host = "push.example", ports = ["9"], need = "should", at = "127.0.0.1:9" }]
"""


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


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "file"])
def test_what_is_waited_for(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a long check would look hung, or what it says would stand in the middle of a line."""
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(_progress, "PATIENCE_S", 0.0)
    monkeypatch.setattr(_progress, "_PLAIN_S", 0.0)
    monkeypatch.setattr(_progress, "_REDRAW_S", 0.0)
    monkeypatch.setattr(_progress, "_TICK_S", 0.001)
    with _progress.waiting("reading", "files") as one:
        for _ in range(1_234):
            one()
        while "1,234" not in screen.getvalue():
            pass
        _progress.make_way()
        screen.write("something else\n")
    shown = screen.getvalue()
    assert "reading, 1,234 files, 0:00" in shown
    assert shown.partition("something else")[0].endswith(" \r" if terminal else "\n")
    assert shown.endswith((" \r", "else\n") if terminal else "\n")


def test_every_command_that_may_last_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a person would break off a check of a large log, for nothing says that it goes on."""
    said: list[str] = []

    @contextlib.contextmanager
    def waiting(doing: str, _noun: str = "") -> Iterator[Callable[[], None]]:
        said.append(doing)
        yield lambda: None

    monkeypatch.setattr(_progress, "waiting", waiting)
    (tmp_path / "staging.sh").write_text("echo nothing\n")
    (tmp_path / "hosts.toml").write_text(HOSTS)
    store = new_log(run, tmp_path / "log")
    for words in (
        ["v2-ready", "staging.sh"],
        ["signatures", "convert", "--to", "sigma"],
        ["evidence", "add", store, "staging.sh"],
        ["evidence", "bundle", store, "--out", "b.tar", "--reason", "audit"],
        ["evidence", "verify", "b.tar"],
        ["check", "network", "--hosts", "hosts.toml", "--timeout", "0.1"],
    ):
        assert run(*words).returncode in {0, 1, 3}
    assert said == ["reading", "converting to sigma", "keeping", "making b.tar", "checking b.tar", "asking every host"]
