"""The command `abm-lab case`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from abm_lab.cli import main


def test_a_case_and_its_truth_are_written(tmp_path: Path) -> None:
    """The command would not do what its help says."""
    options = ["--scenario", "healthy", "--devices", "20", "--sites", "2", "--log-kb", "2", "--jobs", "1"]
    done = CliRunner().invoke(main, ["case", str(tmp_path / "x"), *options, "--as-of", "2027-01-02T03:04:05Z"])
    assert done.exit_code == 0
    assert (tmp_path / "x/case/manifest.csv").is_file()
    assert b'"as_of":"2027-01-02T03:04:05.000Z"' in (tmp_path / "x/truth.json").read_bytes()
    assert "truth.json" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scenario", "none"], "there are: boundary, chicago"),
        (["--scenario", "poisoned", "--devices", "5"], "or more"),
        (["--as-of", "2027-01-02T03:04:05"], "has no zone"),
        (["--as-of", "noon"], "write it like"),
    ],
)
def test_errors_say_what_to_do(options: list[str], words: str, tmp_path: Path) -> None:
    """A mistake would end in a traceback, or in an empty folder."""
    done = CliRunner().invoke(main, ["case", str(tmp_path / "x"), *options])
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "x").exists()


def test_the_scenarios_can_be_listed(tmp_path: Path) -> None:
    """Nobody could find out which scenarios there are."""
    done = CliRunner().invoke(main, ["case", str(tmp_path / "x"), "--scenario", "list"])
    titles = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert titles["chicago"].startswith("The Chicago rollout: 12,400 iPads")
    assert "Apple's own way" in titles["apple-mixed"]


def test_help_teaches_by_example() -> None:
    """A newcomer would not see how to begin."""
    assert "abm-lab grade /tmp/chicago/truth.json" in CliRunner().invoke(main, ["--help"]).stdout
    assert "For example" in CliRunner().invoke(main, ["case", "--help"]).stdout
