"""A lab of its own process, as a real counterpart is."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

About = dict[str, Any]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[About]:
    """What `serve.json` says of a running `abm-lab serve`."""
    folder = tmp_path_factory.mktemp("served")
    words = [sys.executable, "-m", "abm_lab", "serve", "--scenario", "mixed-dialect", "--devices", "30", "--sites", "2"]
    with (
        (folder / "said").open("wb") as said,
        subprocess.Popen([*words, "--folder", folder], stdout=said, stderr=said) as process,
    ):
        try:
            yield _waited(folder / "serve.json", process)
        finally:
            process.terminate()


def _waited(about: Path, process: "subprocess.Popen[bytes]") -> About:
    for _ in range(600):
        if about.exists():
            found: About = json.loads(about.read_bytes())
            return found
        assert process.poll() is None, "the lab ended"
        time.sleep(0.1)
    pytest.fail("the lab did not begin within a minute")
