"""Tiles: paths, what a growing tree writes, and roots and proofs out of files."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence import vector

from abm_trace.evidence import tiles, tree
from abm_trace.evidence.errors import FormatError


def reader(files: dict[str, bytes]) -> tiles.Read:
    """Reads tiles out of memory, as exactly the width that is asked for."""

    def read(level: int, number: int, width: int) -> Sequence[bytes]:
        return tiles.hashes_of(files[tiles.path(level, number, width)])

    return read


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 3, "tile/0/000.p/3"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (2, 999, 1, "tile/2/999.p/1"),
        (0, 1000, 256, "tile/0/x001/000"),
        ("entries", 0, 256, "tile/entries/000"),
    ],
)
def test_paths(level: int | str, number: int, width: int, path: str) -> None:
    """If this failed, other programs would look for our tiles in vain."""
    assert tiles.path(level, number, width) == path


def test_vector() -> None:
    """If this failed, the files would not be those of the vector."""
    made = tiles.grow(0, [vector.L0, vector.L1, vector.L2], reader({}))
    assert made == {"tile/0/000.p/3": vector.L0 + vector.L1 + vector.L2}
    assert tiles.root(3, reader(made)) == vector.ROOT
    data = tiles.bundle(vector.ENTRIES)
    assert data[:2] == len(vector.FIRST).to_bytes(2, "big")
    assert tuple(tiles.unbundle(data)) == vector.ENTRIES


@settings(max_examples=30)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=4), st.data())
def test_a_tree_grown_in_steps_is_the_tree(steps: list[int], data: st.DataObject) -> None:
    """If this failed, a log would have another root than its entries, depending on when it was written."""
    leaves: list[bytes] = []
    files: dict[str, bytes] = {}
    streamed = tiles.Root()
    for step in steps:
        new = [tree.leaf_hash(b"%d" % (len(leaves) + number)) for number in range(step)]
        files |= tiles.grow(len(leaves), new, reader(files))
        leaves += new
        for leaf in new:
            streamed.add(leaf)
        assert tiles.root(len(leaves), reader(files)) == tree.root(leaves) == streamed.value()
    size = len(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    of, memory = tiles.ranges(reader(files), size), vector.ranges_of(leaves)
    assert tree.inclusion(index, size, of) == tree.inclusion(index, size, memory)
    assert tree.consistency(old, size, of) == tree.consistency(old, size, memory)


def test_two_levels() -> None:
    """If this failed, trees beyond 65,536 entries would be wrong, which the law above never reaches."""
    leaves = [tree.leaf_hash(b"%d" % number) for number in range(65_536 + 300)]
    files = tiles.grow(0, leaves, reader({}))
    assert {"tile/0/255", "tile/0/x000/257.p/44"} & files.keys() == {"tile/0/255"}
    assert {"tile/0/257.p/44", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"} <= files.keys()
    assert tiles.root(len(leaves), reader(files)) == tree.root(leaves)


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 32 * 257])
def test_no_tile(data: bytes) -> None:
    """If this failed, a cut tile would be read as a smaller one."""
    with pytest.raises(FormatError):
        tiles.hashes_of(data)


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00"])
def test_cut_bundle(data: bytes) -> None:
    """If this failed, a cut bundle would lose its last entry silently."""
    with pytest.raises(FormatError, match="cut"):
        tiles.unbundle(data)
