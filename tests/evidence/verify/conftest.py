"""A log for the tests of the check, and copies of it to damage."""

import shutil
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.verify.damage import INPUTS

from abm_trace.evidence.places import Places


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A log of 270 entries: a full tile, a partial one, a level above."""
    return building.make(tmp_path_factory.mktemp("made"), INPUTS, batch=150)


@pytest.fixture
def log(made: Places, tmp_path: Path) -> Places:
    """A copy of it, to damage."""
    places = Places.of(tmp_path / "log")
    shutil.copytree(made.store, places.store)
    shutil.copy(made.lock, places.lock)
    shutil.copytree(made.keys, places.keys)
    return places
