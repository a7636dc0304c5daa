"""The pytest plugin."""

import subprocess
import sys
from pathlib import Path

TEST = """
import urllib.request

pytest_plugins = ["abm_lab.serve.plugin"]

def test_lab(abm_lab_serve):
    lab = abm_lab_serve("healthy", devices=20)
    assert len(lab.world.truths) == 20
    with urllib.request.urlopen(lab.about["http"] + "/abm/us-east/v1/health") as answer:
        assert answer.status == 200
"""


def test_a_project_of_its_own_can_use_it(tmp_path: Path) -> None:
    """The documented way to have a lab in a test would not work outside of this checkout."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command += ["--basetemp", str(tmp_path / "temp"), str(project)]  # Else it clears up what older runs of ours left.
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=project, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
