"""A small simulated case, and the program run as a user runs it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from abm_lab.case import write_case
from abm_trace import cli
from abm_trace.core import ending

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a case of 24 devices, with a file that nothing reads."""
    folder = write_case(tmp_path_factory.mktemp("lab"), "chicago", 24, 3, 5, 2, jobs=1)
    (folder / "noise.bin").write_bytes(b"\x00\xff" * 200)
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(*arguments, **env)`: the finished program, in an empty folder, on 80 columns that are no terminal."""
    monkeypatch.chdir(tmp_path)

    def run_program(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        words = [str(each) for each in arguments]
        done = CliRunner().invoke(cli.main, words, prog_name="abm-trace", env={"COLUMNS": "80", **env})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code != ending.CRASHED, done.stderr
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return run_program


def new_log(run: Run, store: Path) -> Path:
    """A new evidence log, whose first two records are its own."""
    done = run("evidence", "key", "new", store, "--origin", "acme.example/evidence", "--actor", "ann")
    assert done.returncode == 0, done.stderr
    return store


def records(run: Run, store: Path, kind: str) -> list[Any]:
    """What the records of this kind keep, each of them JSON."""
    lines = run("evidence", "log", store, "--format", "ndjson", "--kind", kind).stdout.splitlines()
    return [json.loads(run("evidence", "log", store, "--bytes", json.loads(line)["index"]).stdout) for line in lines]
