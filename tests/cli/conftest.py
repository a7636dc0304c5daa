"""A small simulated case, and the program run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from abm_lab.case import write_case

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a case of 24 devices, with a file that nothing reads."""
    folder = write_case(tmp_path_factory.mktemp("lab"), "chicago", 24, 3, 5, 2, jobs=1)
    (folder / "noise.bin").write_bytes(b"\x00\xff" * 200)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(*arguments)`: the finished program, in an empty folder, with a screen of 80 columns that is no terminal."""

    def run_program(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "abm_trace.cli", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run_program
