"""What the hostile tests share: an own place on disk, and the healthy case's outcome as the measure."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Under --import-mode=importlib pytest puts no folder on the path, and these tests are several modules.
sys.path.append(str(Path(__file__).parents[2]))

from tests.hostile.base_case import write_base
from tests.hostile.running import Outcome, Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A healthy case with places for everything else that a run might touch; gone afterwards, for bombs are large."""
    made = Sandbox.make(tmp_path)
    write_base(made.case)
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The outcome of the healthy case without any hostile input."""
    made = Sandbox.make(tmp_path_factory.mktemp("base"))
    write_base(made.case)
    return made.triage()
