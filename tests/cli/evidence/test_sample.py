"""`abm-trace evidence sample`."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import Run, case

__all__ = ["case"]


@pytest.mark.skipif(not shutil.which("zstd"), reason="the commands of a sheet need zstd")
def test_drawn_and_checked_by_hand(run: Run, log: Path, case: Path, tmp_path: Path) -> None:
    """If this failed, the auditor's own shell would not come to what the sheets say. Their commands run as written."""
    run("evidence", "add", "ev", case, "--trace")
    assert run("evidence", "sample", "ev", "-n", "8", "--seed", "2026-1", "--out", "sheets").returncode == 0
    draw = Path("sheets/draw.txt").read_text()
    again = shell(draw.partition("by hand:\n")[2].partition("\n\n")[0])
    drawn = re.findall(r"^ +\d+  ([0-9a-f]{64})  (\S+)", draw, re.MULTILINE)
    assert again.split()[2:] == [word for pair in drawn for word in pair]
    assert again.split()[0] in draw, "the digest of the verdicts"
    checked = 0
    for path in sorted(Path("sheets").glob("sheet-*.txt")):
        for command, digest in re.findall(r"\[ \] (zstd.*sha256sum)\n +prints ([0-9a-f]{64})", path.read_text()):
            assert shell(command).split()[0] == digest, command
            checked += 1
    assert checked > 8
    run("evidence", "bundle", "ev", "--out", "b.tar", "--reason", "audit")
    of_bundle = run("evidence", "sample", "b.tar", "-n", "8", "--seed", "2026-1")
    assert of_bundle.stdout.partition("by hand:")[0] == draw.partition("by hand:")[0]
    assert "zstd -dcq evidence/raw/" in of_bundle.stdout
    assert "tar xf b.tar" in of_bundle.stderr


def shell(command: str) -> str:
    """What a command prints."""
    # Without pipefail: `sed` and `head` end before what is piped into them does.
    done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, check=True)
    return done.stdout


def test_on_the_screen_and_usage(run: Run, log: Path, case: Path) -> None:
    """If this failed, a seed could carry a command into what the auditor runs."""
    run("evidence", "add", "ev", case, "--trace")
    text = run("evidence", "sample", "ev", "-n", "2", "--seed", "a").stdout
    assert text.startswith("2 of ")
    assert text.count("SHEET ") == 2
    for seed in ("$(id)", "a b", "", "é", "x" * 65):
        assert run("evidence", "sample", "ev", "--seed", seed).returncode == 2, seed


def test_a_drawn_page_is_not_written_over_the_log(run: Run, log: Path, case: Path) -> None:
    """If this failed, a draw would change the log that it is drawn from, or somebody's sheets."""
    run("evidence", "add", "ev", case, "--trace")
    words = ("evidence", "sample", "ev", "-n", "2", "--seed", "a", "--out")
    for name in ("ev", "ev/raw", "ev.keys/sheets"):
        done = run(*words, name, "--force")
        assert (done.returncode, "is in the log itself" in done.stderr) == (2, True)
    assert not list(log.rglob("draw.txt"))
    assert [run(*words, "sheets", *more).returncode for more in ((), (), ("--force",))] == [0, 2, 0]
