"""Where a log stands."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.evidence import store
from abm_trace.evidence.errors import RefusedError
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def test_what_stands_beside_a_store() -> None:
    """If this failed, the lock or the keys would be part of a copy of the store."""
    places = Places.of(Path("/srv/evidence"))
    assert (places.lock, places.keys) == (Path("/srv/evidence.lock"), Path("/srv/evidence.keys"))
    assert Places.of(Path("x")).store.is_absolute()


def test_what_is_a_part_of_the_log(tmp_path: Path) -> None:
    """If this failed, the log would keep its own keys and nonces, or a file would be written over it."""
    places = Places.of(tmp_path / "log")
    (places.store / "raw").mkdir(parents=True)
    places.keys.mkdir()
    (tmp_path / "link").symlink_to(places.store)
    (tmp_path / "key").symlink_to(places.keys / "x.pem")
    places.lock.touch()
    (tmp_path / "other name").hardlink_to(places.lock)
    for name in (
        "log",
        "log/raw/x",
        "log.keys",
        "log.keys/x.pem",
        "log.lock",
        "log.lock-journal",
        "link/x",
        "key",
        "other name",
    ):
        assert places.holds(tmp_path / name), name
    for name in ("logs", "log.txt", "x/log", "."):
        assert not places.holds(tmp_path / name), name


def test_hard_links(tmp_path: Path) -> None:
    """If this failed, a key, or what is private, could be kept in the log or overwritten under another name."""
    places = building.make(tmp_path, 1)
    (tmp_path / "other").write_text("x")
    for number, path in enumerate((next(places.keys.glob("*.pem")), places.store / "private/000", tmp_path / "other")):
        (tmp_path / f"link{number}").hardlink_to(path)
    assert [places.holds(tmp_path / f"link{number}") for number in range(3)] == [True, True, False]


@pytest.mark.parametrize("name", ["lock", "keys"])
def test_nothing_that_is_never_copied_stands_in_the_store(name: str, tmp_path: Path) -> None:
    """If this failed, the keys would travel with each copy, or a lock be restored with each backup."""
    places = Places.of(tmp_path / "log")
    (tmp_path / "link").symlink_to(places.store)
    for inside in (places.store / name, places.store / "raw" / name, tmp_path / "link" / name, places.store):
        with pytest.raises(RefusedError, match=f"--{name} .*is in the store"):
            store.create(replace(places, **{name: inside}), building.ORIGIN, building.first)
        assert not places.store.exists()
    places = building.make(tmp_path)
    with pytest.raises(RefusedError, match="is in the store"):
        Writer(replace(places, **{name: places.store / name}))


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("", 0o777), ("private", 0o777), ("raw", 0o705), ("lock", 0o666), ("", 0o775), ("private", 0o750)),
        *(("raw", 0o770), ("lock", 0o664), ("tile", 0o757), ("checkpoint", 0o646), ("checkpoints", 0o775)),
    ],
)
def test_what_others_may_change_or_read(name: str, mode: int, tmp_path: Path) -> None:
    """If this failed, somebody else could put a lock of theirs in the place of ours, or read what is private."""
    places = building.make(tmp_path, 1)
    path = places.lock if name == "lock" else places.store / name
    right = path.stat().st_mode
    path.chmod(mode)
    with pytest.raises(RefusedError, match=f"others may .*mode {mode:04o}"):
        Writer(places)
    path.chmod(right)
    Writer(places).close()
