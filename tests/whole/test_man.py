"""The manual pages: they are what `--help` says, groff has nothing to complain of, and a wheel carries them."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "packaging/share/man/man1").glob("*.1"))


def test_they_are_what_help_says() -> None:
    """If this failed, a command was changed and its page was not: run scripts/make_man.py and read the diff."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/make_man.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_program_has_one() -> None:
    """If this failed, `man abm-validate` would find nothing."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert set(scripts) <= {page.stem for page in PAGES}


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff here")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_groff_reads_them(page: Path) -> None:
    """If this failed, a text of the command line would be obeyed by the formatter, or be lost."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-P-cbu", page], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert page.stem.upper() in done.stdout
    assert "--help" in done.stdout


def test_a_wheel_carries_them() -> None:
    """If this failed, `man abm-trace` would find nothing after an installation."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    data = ROOT / settings["tool"]["uv"]["build-backend"]["data"]["data"]
    assert PAGES
    assert all(page.relative_to(data).parts[:3] == ("share", "man", "man1") for page in PAGES)
