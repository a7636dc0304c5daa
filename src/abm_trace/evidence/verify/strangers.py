"""What stands in a store and is no part of a log: files, folders, and tiles of another width than they should have."""

import contextlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from abm_trace.evidence import blobs, tiles
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.published import CHECKPOINT, FORMAT
from abm_trace.evidence.verify._log import PAUSE_S, Log, Tile, beginning, number_of, tile_of

_RAW: Final = re.compile(r"raw/([0-9a-f]{2})/(\1[0-9a-f]{62})\.zst", re.ASCII)
_PRIVATE: Final = re.compile(r"private/((?:x\d{3}/)*\d{3})", re.ASCII)
_STAGING: Final = re.compile(r"private/staging\.db(-journal)?", re.ASCII)
_TEMPORARY: Final = re.compile(r"tmp/[0-9a-f]{16}", re.ASCII)
_EMPTY: Final = re.compile(r"raw/[0-9a-f]{2}", re.ASCII)
_FOLDERS: Final = frozenset({"tile", "checkpoints", "stamps", "private", "raw", "tmp"})
_FILES: Final = frozenset({CHECKPOINT, FORMAT})
_NO_PART: Final = "is no part of a log"


def look(log: Log, files: Mapping[str, list[str]], size: int, digests: set[str]) -> None:
    """Name what is no part of a log of so many records that keep these digests; `files` are the paths by folder."""
    for path in sorted(files["tile"]):
        if tile := tile_of(path):
            _partial(log, path, tile, size)
        else:
            log.problem(path, _NO_PART)
    for path in sorted(files["private"]):
        found = _PRIVATE.fullmatch(path)
        number = number_of(found[1]) if found else 0
        belongs = found and number * tiles.WIDTH < size and blobs.private_path(number) == path
        if not belongs and not _STAGING.fullmatch(path) and log.report.head is not None:
            log.problem(path, "is no part of this log")
    if not log.is_bundle:
        _beside(log)
    if log.raw:
        _raw(log, files["raw"], digests)


def _raw(log: Log, paths: Iterable[str], digests: set[str]) -> None:
    orphans = 0
    for path in sorted(paths):
        found = _RAW.fullmatch(path)
        if found is None:
            log.problem(path, _NO_PART)
        elif found[2] not in digests:
            orphans += 1
    if orphans:
        log.remark(
            f"files of raw/ that belong to none of these records: {orphans:,}. An addition is at work, or was"
            " interrupted before its entries were acknowledged (`evidence purge` then removes them)."
        )


def _beside(log: Log) -> None:
    """What stands beside the records: empty folders, files at the top, temporary files."""
    for path in _empty(log.places.store):
        log.problem(path, "is an empty folder, and no part of a log")
    for path in sorted(_top(log)):
        log.problem(path, _NO_PART)
    paths = log.below("tmp")
    strange = [path for path in paths if not _TEMPORARY.fullmatch(path)]
    for path in strange:
        log.problem(path, _NO_PART)
    if cut := len(paths) - len(strange):
        log.remark(f"tmp/ holds {cut:,} files that are being written, or were cut by a crash.")


def _empty(store: Path) -> list[str]:
    """The folders in which nothing stands, and that no log has so; a writer is given the time to fill its own."""
    found = []
    for above, folders, names in os.walk(store):
        path = Path(above).relative_to(store).as_posix()
        if not folders and not names and path not in {".", *_FOLDERS} and not _may_be_empty(path):
            found.append(path)
    if found:
        time.sleep(PAUSE_S)
    return [path for path in sorted(found) if (store / path).is_dir() and not any((store / path).iterdir())]


def _may_be_empty(path: str) -> bool:
    """Whether a folder may be left empty: by a purge, and by a crash between a full tile and its partial ones."""
    return bool(_EMPTY.fullmatch(path) or (path.endswith(".p") and tile_of(f"{path}/1")))


def _top(log: Log) -> Iterator[str]:
    """What stands in the folder of the store and is no part of it."""
    store = log.places.store
    try:
        with os.scandir(store) as found:
            for each in found:
                if each.name not in (_FILES if each.is_file(follow_symlinks=False) else _FOLDERS):
                    yield each.name
    except OSError as error:
        log.problem(str(store), f"cannot be listed: {error.strerror}")


def _partial(log: Log, path: str, tile: Tile, size: int) -> None:
    """A partial tile that a wider one has replaced still has to be its beginning."""
    level, number, width = tile
    count = size if level == "entries" else size >> 8 * int(level)
    stands = min(count - number * tiles.WIDTH, tiles.WIDTH)
    if stands <= 0 or width > stands:
        if not (level == "entries" and number * tiles.WIDTH + width > size):  # Those are named as ahead.
            log.problem(path, "holds more than the checkpoint covers")
        return
    if width == stands:
        return
    whole, part = log.tile(level, number, stands), log.tile(level, number, width)
    with contextlib.suppress(FormatError):  # A wider one that is damaged is named above.
        if whole is not None and part is not None and part != beginning(level, whole, width):
            log.problem(path, "is not the beginning of the wider tile")
