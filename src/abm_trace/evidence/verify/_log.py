"""A log that is checked: its files, read without trust, what its records add up to, and the report on it."""

import contextlib
import functools
import re
from typing import Final, NamedTuple

from abm_trace.evidence import tiles, tree
from abm_trace.evidence._report import Options, Problem, Report
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.ledger import Ledger
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import BUNDLE_BYTES_MAX

_TILE: Final = re.compile(r"tile/(\d|entries)/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)
PAUSE_S: Final = 0.2
"""What a writer that is at work is given. Origin: ours."""


class Log:
    """What the parts of the check share.

    `raw` says whether kept bytes are looked at; `leaves` are the leaf hashes; `agreed` is how many records an
    earlier checkpoint was found to agree with, `is_blamed` whether records were named for what they are; `trusted` are
    the keys that are believed.
    """

    def __init__(self, places: Places, options: Options, bundled: Folder | None) -> None:
        self.places, self.options, self.raw = places, options, options.raw
        self.folder = bundled or Folder(places.store)
        self.is_bundle = bundled is not None
        self.report = report = Report()
        self.problem, self.naming, self.remark = report.problem, report.naming, report.remarks.append
        self.ledger = Ledger()
        self.leaves: list[bytes] = []
        self.agreed = 0
        self.is_blamed = False
        self.trusted: list[VerifierKey] = []
        self.widest: dict[str, int] = {}
        """The widest partial tile of each path."""

    def below(self, folder: str) -> list[str]:
        """The paths of all files below a folder; one that cannot be listed is named."""
        try:
            return list(self.folder.below(folder))
        except FormatError as error:
            found = Problem(folder, str(error).removeprefix(f"{folder}: "))
            if found not in self.report.problems:  # It is asked for more than once.
                self.report.problems.append(found)
            return []

    def tile(self, level: int | str, number: int, width: int) -> bytes | None:
        """The bytes of a tile or bundle, of a wider one where that is gone; None if it cannot be read."""
        bytes_max = BUNDLE_BYTES_MAX if level == "entries" else tiles.WIDTH * tiles.HASH_BYTES
        paths = [tiles.path(level, number, width), whole := tiles.path(level, number)]
        if width < (widest := self.widest.get(whole, 0)):
            paths.append(f"{whole}.p/{widest}")
        for path in dict.fromkeys(paths):
            try:
                data = self.folder.read(path, bytes_max)
            except EvidenceError as error:
                self.problem(path, str(error))
                return None
            if data is not None:
                with contextlib.suppress(FormatError):
                    return data if path == paths[0] else beginning(level, data, width)
        return None

    @functools.cached_property
    def levels(self) -> list[list[bytes]]:
        """The hashes of each level, out of the leaf hashes: once all records were looked at."""
        levels, level = [], self.leaves
        while level:
            levels.append(level)
            whole = range(0, len(level) - tiles.WIDTH + 1, tiles.WIDTH)
            level = [tree.full_root(level[at : at + tiles.WIDTH]) for at in whole]
        return levels

    def root(self, size: int) -> bytes:
        """The root over the first records, as their leaf hashes have it."""
        return tiles.root(size, lambda level, number, width: self.levels[level][number * tiles.WIDTH :][:width])


class Tile(NamedTuple):
    """What the path of a tile or bundle says; `width` is `tiles.WIDTH` for a full one."""

    level: int | str
    number: int
    width: int


def tile_of(path: str) -> Tile | None:
    """The tile of a path; None where it is no name that a tile has, or another than it has: 001 for 1, x000/001."""
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    width = int(found[3]) if found[3] else tiles.WIDTH
    tile = Tile(found[1] if found[1] == "entries" else int(found[1]), number_of(found[2]), width)
    return tile if width and tiles.path(*tile) == path else None


def number_of(digits: str) -> int:
    """The number of a tile's path."""
    return int(digits.replace("x", "").replace("/", ""))


def beginning(level: int | str, data: bytes, width: int) -> bytes:
    """The first things of a full tile or bundle, as the partial one had them. Raises FormatError."""
    if level == "entries":
        return tiles.bundle(tiles.unbundle(data)[:width])
    return data[: width * tiles.HASH_BYTES]
