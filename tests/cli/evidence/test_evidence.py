"""`abm-trace evidence`: its list, and errors that say what to do."""

import pytest
from tests.cli.conftest import Run

SUBCOMMANDS = ("key", "add", "log", "verify", "hold", "release", "purge", "stamp")


def test_list(run: Run) -> None:
    """If this failed, nobody would find a subcommand."""
    done = run("evidence", "--help")
    assert all(f"\n  {name} " in done.stdout for name in SUBCOMMANDS)
    assert run("evidence", "nonsense").returncode == 2


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_has_an_example(name: str, run: Run) -> None:
    """If this failed, a help text would leave its reader to guess."""
    done = run("evidence", name, "--help")
    assert done.returncode == 0
    assert "For example" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("add", "nowhere", "."), ("hold", "nowhere", "--reason", "x"),
        ("release", "nowhere", "1", "--second", "x", "--reason", "x"),
        ("purge", "nowhere", "--due", "--reason", "x"), ("log", "nowhere"), ("verify", "nowhere"),
        ("stamp", "nowhere", "--query", "q"), ("key", "list", "nowhere"),
    ],
)  # fmt: skip
def test_no_log(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a mistyped name would make a crash, or a log."""
    done = run("evidence", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("abm-trace: ")
