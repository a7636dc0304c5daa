"""`abm-trace completion`."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_trace.cli.completion import PROGRAMS

SHELLS = ["bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_script(shell: str, run: Run) -> None:
    """If this failed, completion could not be installed for this shell."""
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_ABM_TRACE_COMPLETE" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_script_of_each_program(shell: str, program: str, run: Run) -> None:
    """If this failed, a program would be there whose options no shell completes."""
    done = run("completion", shell, program)
    assert done.returncode == 0
    assert program in done.stdout
    wanted = "key" if program == "abm-trace-verify" else f"_{program.upper().replace('-', '_')}_COMPLETE"
    assert wanted in done.stdout
    if which := shutil.which(shell):
        subprocess.run([which, "-n"], input=done.stdout, text=True, check=True)


def test_every_program_is_known() -> None:
    """If this failed, a program would be installed that has no completion."""
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    assert set(tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["scripts"]) == set(PROGRAMS)


@pytest.mark.parametrize(("module", "program"), [("abm_trace.cli.validate", "validate"), ("abm_lab.cli", "lab")])
def test_the_other_programs_answer_the_shell(module: str, program: str) -> None:
    """If this failed, their scripts would complete nothing."""
    asked = {
        f"_ABM_{program.upper()}_COMPLETE": "bash_complete",
        "COMP_WORDS": f"abm-{program} --ver",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"from {module} import main; main()"],
        capture_output=True, text=True, check=True, env=os.environ | asked,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["plain,--version"]


def test_commands_are_completed(run: Run) -> None:
    """If this failed, the lazy commands would not be offered."""
    done = run(_ABM_TRACE_COMPLETE="bash_complete", COMP_WORDS="abm-trace ", COMP_CWORD="1")
    assert "plain,triage" in done.stdout.splitlines()


def test_topics_are_completed(run: Run) -> None:
    """If this failed, nobody could find a name of the reference with the Tab key."""
    words = "abm-trace explain tok"
    done = run(_ABM_TRACE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="2")
    assert done.stdout.splitlines() == ["plain,token_expired"]
    lower = run(_ABM_TRACE_COMPLETE="zsh_complete", COMP_WORDS="abm-trace explain l", COMP_CWORD="2")
    assert "L7" in lower.stdout.splitlines()
