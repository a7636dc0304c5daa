"""Which records of a bundle are not what they were."""

import random

import pytest
from tests.evidence.building import START, said

from abm_trace.evidence import tiles, tree
from abm_trace.evidence.entry import encode
from abm_trace.evidence.records import compare

ENTRIES = [encode(said("hold", START, reason=f"case {number}", actor="a" * (number % 100 + 1))) for number in range(40)]
TILE = b"".join(map(tree.leaf_hash, ENTRIES))
BASE = 512


def named(bundle: bytes | None, tile: bytes | None = TILE) -> set[int]:
    """The indexes that are named."""
    return {index for index, _ in compare(BASE, len(ENTRIES), bundle, tile).problems}


def test_whole() -> None:
    """If this failed, a good bundle would be called a bad one."""
    found = compare(BASE, len(ENTRIES), tiles.bundle(ENTRIES), TILE)
    assert (found.entries, found.problems) == (ENTRIES, [])


@pytest.mark.parametrize("seed", range(200))
def test_some_dropped_swapped_or_changed(seed: int) -> None:
    """If this failed, of several damaged records one would go unnamed, or a whole one be blamed."""
    rng = random.Random(seed)
    entries, blamed = list(ENTRIES), set()
    for index in rng.sample(range(len(ENTRIES)), rng.randint(1, 5)):
        at = rng.randrange(len(entries[index]))
        entries[index] = entries[index][:at] + bytes([entries[index][at] ^ 1]) + entries[index][at + 1 :]
        blamed.add(BASE + index)
    assert named(tiles.bundle(entries)) == blamed
    dropped = set(rng.sample(range(len(ENTRIES)), 3)) - {index - BASE for index in blamed}
    rest = [entry for index, entry in enumerate(entries) if index not in dropped]
    assert named(tiles.bundle(rest)) == blamed | {BASE + index for index in dropped}


def test_missing_files() -> None:
    """If this failed, records without a file would not be named."""
    every = {BASE + index for index in range(len(ENTRIES))}
    assert named(None) == named(tiles.bundle(ENTRIES), None) == every


@pytest.mark.parametrize("seed", range(100))
def test_any_damage_is_found(seed: int) -> None:
    """If this failed, some bytes of a bundle or a tile could be other ones; what is not damaged stays unblamed."""
    rng = random.Random(seed)
    data = bytearray(tiles.bundle(ENTRIES))
    at = rng.randrange(len(data))
    data[at : at + rng.randint(0, 300)] = rng.randbytes(rng.randint(1, 300))
    if bytes(data) != tiles.bundle(ENTRIES):
        assert named(bytes(data))
        assert len(named(bytes(data))) <= 8
    tile = bytearray(TILE)
    tile[rng.randrange(len(tile))] ^= 1
    assert len(named(tiles.bundle(ENTRIES), bytes(tile))) == 1
