"""The names of the parts of a bundle."""

from pathlib import Path

from tests.evidence import building

from abm_trace.evidence.bundle_contents import lines_path, tile_paths


def test_all_tiles_are_named(tmp_path: Path) -> None:
    """If this failed, a bundle of a log of more than one tile would lack hashes."""
    log = building.make(tmp_path, 300)
    there = {str(path.relative_to(log.store)) for path in (log.store / "tile").rglob("*") if path.is_file()}
    assert set(tile_paths(302)) == there
    assert len(list(tile_paths(70_000))) == 274 + 274 + 2 + 1


def test_names_rise_with_the_record() -> None:
    """If this failed, a bundle of many records could not be written in order."""
    names = [lines_path(index) for index in (0, 9, 10, 99_999, 100_000)]
    assert names == sorted(names)
