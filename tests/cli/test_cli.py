"""The program as a whole: help, version, errors, exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run

from abm_trace import cli
from abm_trace.core import ending

ROOT = Path(__file__).parents[2]
COMMANDS = [*cli.main.list_commands(click.Context(cli.main))]
HEAVY = ("sigma", "hyperscan", "rich", "msgspec", "cryptography", "asn1crypto", "abm_trace.pipeline", "multiprocessing")


def all_commands() -> list[list[str]]:
    """The words of every command and of what stands below it."""
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        command = cli.main.get_command(click.Context(cli.main), name)
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.list_commands(click.Context(command))]
    return found


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_each_help_teaches_with_an_example(words: list[str], run: Run) -> None:
    """If this failed, a user would have to guess how a command is typed."""
    done = run(*words, "--help")
    assert done.returncode == 0
    assert "For example:\n    abm-trace " in done.stdout or "For example:\n    cd " in done.stdout


NAMED = re.compile(r"(?:: |`|Try )abm-trace ([a-z0-9-]+)(?: ([a-z0-9-]+)(?![\\w./=]))?")


def test_every_command_that_a_text_of_ours_names_exists() -> None:
    """If this failed, a hint would send somebody to a command that nobody has."""
    groups = {words[0] for words in all_commands() if len(words) > 1}
    known = {tuple(words) for words in all_commands()}
    named = {
        (path.relative_to(ROOT), found[1], found[2] if found[1] in groups else None)
        for path in (ROOT / "src").rglob("*")
        if path.suffix in {".py", ".rego", ".toml", ".yml", ".md"}
        for found in NAMED.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 50
    assert [each for each in named if tuple(filter(None, each[1:])) not in known] == []


def test_help_imports_nothing_heavy() -> None:
    """If this failed, `--help` and completion would wait for the scanner."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from abm_trace.cli import main; main(['-h'])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_version(run: Run) -> None:
    """If this failed, nobody could say in a report which version spoke."""
    assert run("--version").stdout.startswith("abm-trace 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["triage", "nowhere"], 2, "nowhere: does not exist"),
        (["triage", "."], 3, "nothing that abm-trace reads"),
        (["triage"], 2, "Missing argument"),
        (["triage", ".", "--fail-on", "dead"], 2, "no verdict is called dead"),
        (["triage", ".", "--as", "pdf"], 2, "no such format"),
        (["triage", ".", "--as-of", "noon"], 2, "--as-of noon"),
        (["triage", ".", "--threshold", "patience=3"], 2, "--threshold patience=3"),
        (["triage", ".", "--signatures", "nowhere"], 2, "there is no such folder"),
        (["explain", "F9FXQ1ABCD"], 3, "nothing that abm-trace reads"),
        (["vanish"], 2, "No such command"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_errors_say_what_to_do(arguments: list[str], code: int, says: str, run: Run) -> None:
    """If this failed, a mistake would end in a traceback, in the code of a finding, or without a way on."""
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "abm-trace" in done.stderr or "Example" in done.stderr
    assert done.stdout == ""


def test_a_fault_of_ours_is_no_finding() -> None:
    """If this failed, CI would take a crash for vanished devices, for both would be exit code 1."""
    code = "from abm_trace import cli; type(cli.main).invoke = lambda self, ctx: 1 / 0; cli.main(['triage', '.'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == ending.CRASHED
    assert "ZeroDivisionError" in done.stderr
    assert "fault of abm-trace" in done.stderr


def test_a_reader_that_goes_away(case: object) -> None:
    """If this failed, `abm-trace triage CASE | head` would end in a traceback."""
    program = subprocess.Popen(
        [sys.executable, "-m", "abm_trace.cli", "triage", str(case), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout
    assert program.stderr
    program.stdout.close()
    said = program.stderr.read().decode()
    program.stderr.close()
    assert program.wait() == ending.UNREAD
    assert "Traceback" not in said
    assert "Exception ignored" not in said
