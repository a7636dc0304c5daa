"""`abm-trace completion`."""

import pytest
from tests.cli.conftest import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script(shell: str, run: Run) -> None:
    """If this failed, completion could not be installed for this shell."""
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_ABM_TRACE_COMPLETE" in done.stdout


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
