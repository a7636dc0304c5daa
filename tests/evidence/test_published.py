"""The published half of a log."""

from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.published import Published


def test_content(tmp_path: Path) -> None:
    """If this failed, an auditor could not see what a record keeps."""
    places = building.make(tmp_path, 3)
    published = Published(Folder(places.store))
    assert b"".join(published.content(3)) == building.line(1)
    assert published.entry(3).size_bytes == len(building.line(1))
    for index in (0, 5, -1):
        with pytest.raises(EvidenceError, match="record"):
            list(published.content(index))
    with pytest.raises(EvidenceError, match="no record 9"):
        published.proof(9)


def test_the_full_tile_stands_in_for_the_partial_one(tmp_path: Path) -> None:
    """If this failed, a reader with yesterday's checkpoint would find its tiles gone."""
    places = building.make(tmp_path, 300)
    published = Published(Folder(places.store))
    assert len(published.tile(0, 0, 100)) == len(published.bundle(0, 100)) == 100
    with pytest.raises(FormatError, match="missing"):
        published.tile(0, 1, 100)


def test_damage_is_told(tmp_path: Path) -> None:
    """If this failed, a list of records would show what was changed as if it were not."""
    places = building.make(tmp_path, 3)
    path = places.store / "tile/entries/000.p/5"
    path.write_bytes(path.read_bytes().replace(b"folder", b"holder", 1))
    with pytest.raises(FormatError, match="record 2"):
        list(Published(Folder(places.store)).entries(5))
