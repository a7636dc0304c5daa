"""The Merkle tree of RFC 6962: hashes, roots, and proofs as RFC 9162 checks them."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256(b"").digest()
"""The root of a log without entries."""

RangeHash = Callable[[int, int], bytes]
"""Gives the root over the leaves first ≤ i < end."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA256(0x00‖entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA256(0x01‖left‖right)."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two strictly below `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over any number of leaf hashes."""
    if not hashes:
        return EMPTY
    return fold(peaks(hashes))


def peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the largest full trees that make up these leaves, left to right."""
    found, at = [], 0
    for bit in range(len(hashes).bit_length() - 1, -1, -1):
        if len(hashes) >> bit & 1:
            found.append(full_root(hashes[at : at + (1 << bit)]))
            at += 1 << bit
    return found


def fold(peaks: Iterable[bytes]) -> bytes:
    """The root above full trees of falling size, which stand left to right; of none the empty tree's."""
    standing = list(peaks)
    if not standing:
        return EMPTY
    above = standing.pop()
    while standing:
        above = node_hash(standing.pop(), above)
    return above


def inclusion(index: int, size: int, of: RangeHash) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves, leaf to root (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    first, end, path = 0, size, []
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            path.append(of(middle, end))
            end = middle
        else:
            path.append(of(first, middle))
            first = middle
    return path[::-1]


def consistency(old: int, size: int, of: RangeHash) -> list[bytes]:
    """The proof that the tree of `old` leaves (at least 1) begins the tree of `size` (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"no tree of {old} begins one of {size}")

    def proof(count: int, first: int, end: int, whole: bool) -> list[bytes]:  # noqa: FBT001  # As the RFC has it.
        if count == end - first:
            return [] if whole else [of(first, end)]
        middle = split(end - first)
        if count <= middle:
            return [*proof(count, first, first + middle, whole), of(first + middle, end)]
        return [*proof(count - middle, first + middle, end, False), of(first, first + middle)]  # noqa: FBT003

    return proof(old, 0, size, True)  # noqa: FBT003


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def continues(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof leads from the old root to the new one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and (before, after) == (old_root, root)
