"""Running until told to stop."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abm_lab.case import make_plan
from abm_lab.serve.lab import Lab, Options
from abm_lab.serve.run import serving


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(name: signal.Signals, tmp_path: Path) -> None:
    """A lab would leave processes and files behind, or not end at all."""
    command = [sys.executable, "-m", "abm_lab", "serve", "--scenario", "healthy", "--devices", "20"]
    with subprocess.Popen([*command, "--folder", str(tmp_path)], stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while not (tmp_path / "serve.json").exists() and time.monotonic() < until:
            time.sleep(0.05)
        told = json.loads((tmp_path / "serve.json").read_bytes())
        running.send_signal(name)
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 0
    assert told["https"] in said
    assert "SIMULATED" in said
    assert "Traceback" not in said


def test_a_lab_in_a_thread_ends_with_its_block(tmp_path: Path) -> None:
    """A test would leave its ports in use."""
    ports: set[int] = set()
    for number in range(2):
        folder = tmp_path / str(number)
        port = max(ports, default=0)
        lab = Lab(Options(folder, "healthy", http_port=port), make_plan(folder, "healthy", 20, 3, 1, 1))
        with serving(lab):
            ports.add(int(str(lab.about["http"]).rpartition(":")[2]))
    assert len(ports) == 1


def test_a_port_in_use_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A lab that cannot start would hang."""
    lab = Lab(Options(tmp_path, "healthy"), make_plan(tmp_path, "healthy", 20, 3, 1, 1))
    with serving(lab):
        port = str(lab.about["http"]).rpartition(":")[2]
        command = [sys.executable, "-m", "abm_lab", "serve", "--scenario", "healthy", "--http-port", port]
        done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
