"""`abm-lab serve` on the command line."""

import importlib.util
import subprocess
import sys

import pytest
from click.testing import CliRunner

from abm_lab.cli import main


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody with the base install would meet a traceback."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["serve"])
    assert done.exit_code == 2
    assert "pip install 'abm-trace[lab]'" in done.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--scenario", "unheard"], "no scenario is called"),
        (["--logs-to", "ftp://h/"], "is no address to send to"),
        (["--devices", "0"], "0 is not in the range"),
        (["--as-of", "soon"], "is no time"),
    ],
)
def test_bad_usage_says_what_to_do(given: list[str], said: str) -> None:
    """A mistake would start a lab that is not what was asked for."""
    done = CliRunner().invoke(main, ["serve", *given])
    assert (done.exit_code, said in done.output) == (2, True)


def test_help_imports_no_server() -> None:
    """`--help` would pay for the servers, or fail without them."""
    code = "import sys; from abm_lab.cli.serve import command; sys.exit('uvicorn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("command", [[], ["case"], ["grade"], ["serve"]])
def test_help_shows_an_example_line_by_line(command: list[str]) -> None:
    """The example of `--help` would be joined into one paragraph that nobody can copy."""
    lines = CliRunner().invoke(main, [*command, "--help"]).output.splitlines()
    assert any(line.startswith("    abm-lab ") for line in lines)
