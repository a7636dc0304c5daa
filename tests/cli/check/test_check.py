"""`abm-trace check`: the checks by name."""

from pathlib import Path

import click
from tests.cli.conftest import Run

from abm_trace.cli.check import command

CONTEXT = click.Context(command)


def test_every_check_is_listed_and_has_an_example(run: Run) -> None:
    """If this failed, a check could not be found, or a user would have to guess how it is typed."""
    listed = run("check", "--help").stdout
    for name in command.list_commands(CONTEXT):
        assert name in listed
        assert f"For example:\n    abm-trace check {name}" in run("check", name, "--help").stdout
    assert run("check", "nothing").returncode == 2


def test_each_check_has_its_file() -> None:
    """If this failed, a check would stand in no file of its name."""
    folder = Path(__file__).parents[3] / "src/abm_trace/cli/check"
    files = {each.stem.replace("_", "-") for each in folder.glob("[a-z]*.py")}
    assert {*command.list_commands(CONTEXT)} == files
