"""The command line of the lab as a program; how it ends is tested with the others, in tests/cli/test__program.py."""

import os
import signal
import subprocess
import sys
from pathlib import Path


def test_it_is_stopped(tmp_path: Path) -> None:
    """If this failed, Ctrl-C would end in the code of a low grade."""
    words = ["case", str(tmp_path / "x"), "--devices", "20000", "--jobs", "1"]
    program = subprocess.Popen([sys.executable, "-m", "abm_lab", *words], stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "x").exists():
        assert program.poll() is None
    os.kill(program.pid, signal.SIGINT)
    _, said = program.communicate()
    assert program.returncode == 130
    assert said == "abm-lab: stopped\n"
