"""What a bundle holds: the manifest that its record in the log keeps, and the names of its parts."""

from collections.abc import Iterator
from typing import Final

import msgspec

from abm_trace.evidence import tiles

SOURCE: Final = "bundle"
"""The source of the record that a bundle leaves in the log."""

MANIFEST_BYTES_MAX: Final = 64 * 1024 * 1024
Ranges = tuple[tuple[int, int], ...]


class Digest(msgspec.Struct, frozen=True, rename={"size_bytes": "bytes"}):
    """What a part of the bundle is: its size and SHA-256."""

    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/bundle/1"):
    """What a bundle holds, as its record in the log keeps it.

    `stored` are the records whose bytes are in it as the log keeps them, `by_line` those of which lines are;
    `withheld` counts the others that keep something. `files` are its parts that no entry of the log binds.
    """

    at: str
    actor: str
    reason: str
    redacted: bool
    stored: Ranges
    by_line: Ranges
    withheld: int
    files: dict[str, Digest]


def lines_path(index: int) -> str:
    """Where the lines of a record stand in a bundle."""
    return f"about/lines/{index:09d}.zst"


def tile_paths(size: int) -> Iterator[str]:
    """The tiles and entry bundles of a log of so many records."""
    yield from (tiles.path("entries", number, width) for number, width in tiles.spread(size))
    level = 0
    while size >> 8 * level:
        yield from (tiles.path(level, number, width) for number, width in tiles.spread(size >> 8 * level))
        level += 1
