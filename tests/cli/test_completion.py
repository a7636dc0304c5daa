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
