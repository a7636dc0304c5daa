"""Where a log stands."""

from pathlib import Path

from abm_trace.evidence.places import Places


def test_what_stands_beside_a_store() -> None:
    """If this failed, the lock or the keys would be part of a copy of the store."""
    places = Places.of(Path("/srv/evidence"))
    assert (places.lock, places.keys) == (Path("/srv/evidence.lock"), Path("/srv/evidence.keys"))
    assert Places.of(Path("x")).store.is_absolute()
