"""The Merkle tree, against the vector and against a definition that is read off the RFC."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence import vector

from abm_trace.evidence import tree


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def made(size: int) -> list[bytes]:
    """Different leaf hashes."""
    return [tree.leaf_hash(str(number).encode()) for number in range(size)]


def test_vector() -> None:
    """If this failed, no other program would reach our roots."""
    assert vector.ENTRIES[0] == vector.FIRST
    leaves = [tree.leaf_hash(each) for each in vector.ENTRIES]
    assert leaves == [vector.L0, vector.L1, vector.L2]
    assert tree.node_hash(*leaves[:2]) == vector.N01
    assert tree.root(leaves) == vector.ROOT
    of = vector.ranges_of(leaves)
    assert tree.inclusion(1, 3, of) == [vector.L0, vector.L2]
    assert tree.consistency(2, 3, of) == [vector.L2]
    assert tree.includes(1, 3, vector.L1, [vector.L0, vector.L2], vector.ROOT)
    assert tree.continues(2, 3, vector.N01, vector.ROOT, [vector.L2])


@pytest.mark.parametrize("size", range(70))
def test_root_is_the_definition(size: int) -> None:
    """If this failed, a size would have a root of our own."""
    assert tree.root(made(size)) == by_definition(made(size))


@given(st.integers(1, 300), st.data())
def test_proofs_lead_to_the_root_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    """If this failed, a proof would not convince, or would convince of what is not there."""
    leaves = made(size)
    root, of = tree.root(leaves), vector.ranges_of(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = tree.inclusion(index, size, of)
    assert tree.includes(index, size, leaves[index], proof, root)
    assert not tree.includes(index, size, tree.EMPTY, proof, root)
    assert not tree.includes(index, size, leaves[index], [*proof, tree.EMPTY], root)
    if size > 1:
        assert not tree.includes((index + 1) % size, size, leaves[index], proof, root)
        assert not tree.includes(index, size, leaves[index], proof[:-1], root)
    path = tree.consistency(old, size, of)
    assert tree.continues(old, size, tree.root(leaves[:old]), root, path)
    assert not tree.continues(old, size, tree.EMPTY, root, path)
    assert not tree.continues(old, size, tree.root(leaves[:old]), root, [*path, tree.EMPTY])


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """If this failed, a proof would be made for an entry beyond the end."""
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(index, size, vector.ranges_of(made(max(size, 0))))
    assert not tree.includes(index, size, tree.EMPTY, [], tree.EMPTY)
    with pytest.raises(ValueError, match="no tree"):
        tree.consistency(4, 3, vector.ranges_of(made(3)))
    assert not tree.continues(4, 3, tree.EMPTY, tree.EMPTY, [])
