"""Commands as programs: what is common to all of them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run

from abm_trace.cli import _program
from abm_trace.core import ending

ROOT = Path(__file__).parents[2]
PROGRAMS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_has_a_version(name: str) -> None:
    """If this failed, nobody could say in a report which version of this program spoke."""
    done = _run(name, "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name} 0.")


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_says_its_own_name(name: str) -> None:
    """If this failed, the help of a program would call it by another name, which cannot be typed."""
    assert f"usage: {name}" in _run(name, "--help").stdout.casefold()


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    ("end", "code"), [("| true", ending.UNREAD), (">/dev/full", ending.MISUSED), (">&-", ending.MISUSED)],
    ids=["unread", "full", "closed"],
)  # fmt: skip
def test_each_program_says_that_its_output_is_lost(name: str, end: str, code: int) -> None:
    """If this failed, a full disk or a pager that was left would end in a traceback, or in the code of a finding."""
    command = f"{{ sleep 0.3; {sys.executable} -c '{_call(name)}' --help; }} {end}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert ("standard output cannot be written" in done.stderr) == (code == ending.MISUSED)


def _call(name: str) -> str:
    module, function = PROGRAMS[name].split(":")
    return f'import sys; sys.argv[0] = "{name}"; from {module} import {function}; sys.exit({function}())'


def _run(name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", _call(name), *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["triag"], "Did you mean 'triage'? See: abm-trace triage --help"),
        (["check", "netwrk"], "Did you mean 'network'? See: abm-trace check network --help"),
        (["evidence", "verfy"], "Did you mean 'verify'?"),
        (["policy", "evl"], "Did you mean 'eval'?"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_mistyped_command(words: list[str], says: str, run: Run) -> None:
    """If this failed, who mistypes a command would not be told the one that is near it."""
    done = run(*words)
    assert done.returncode == ending.MISUSED
    assert says in done.stderr


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (["checklist", "nowhere"], "abm-trace checklist CASE --region"),
        (["triage", ".", "--since", "nowhere"], "abm-trace triage CASE\n"),
        (["evidence", "release", "S", "1"], "abm-trace evidence release evidence 481 --second counsel-2"),
        (["explode"], "abm-trace triage CASE\n"),
    ],
    ids=["no-folder", "no-file", "no-option", "no-command"],
)
def test_a_mistake_is_answered_with_an_example(words: list[str], example: str, run: Run) -> None:
    """If this failed, a mistake would be named, and nothing to type instead of it."""
    done = run(*words)
    assert done.returncode == ending.MISUSED
    assert f"  Example: {example}" in done.stderr


def test_ctrl_c_behind_the_output() -> None:
    """If this failed, Ctrl-C while a trace is kept would end in the code of a finding."""

    @click.command()
    @click.pass_context
    def slow(ctx: click.Context) -> None:
        def stop() -> None:
            raise KeyboardInterrupt

        ctx.call_on_close(stop)

    with pytest.raises(SystemExit) as ended:
        _program.run(slow, "abm-x", [])
    assert ended.value.code == ending.INTERRUPTED


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["check", "audit", "nowhere"], "exports: abm-trace check audit CASE"),
        (["health", "nowhere"], "exports: abm-trace health CASE"),
        (["explain", "F9FXQ1ABCD", "--case", "nowhere"], "exports: abm-trace explain F9FXQ1ABCD --case CASE"),
        (["evidence", "log", "nowhere"], "See: abm-trace evidence verify "),
    ],
    ids=["audit", "health", "explain", "log"],
)  # fmt: skip
def test_a_folder_that_is_none(words: list[str], hint: str, run: Run) -> None:
    """If this failed, a mistyped folder would be answered with another command than the one that was typed."""
    done = run(*words)
    assert done.returncode == ending.MISUSED
    assert hint in done.stderr
