"""Which records of a bundle are not what they were: its entries held against the leaf hashes of its tile."""

from collections.abc import Sequence
from typing import NamedTuple

from abm_trace.evidence import tree
from abm_trace.evidence.tiles import HASH_BYTES, LENGTH_BYTES

_HEAD = b'{"v":'


class Compared(NamedTuple):
    """A bundle and its tile, place by place: `entries` and `leaves` have None where nothing can be read.

    `problems` are index and text of each difference.
    """

    entries: list[bytes | None]
    leaves: list[bytes | None]
    problems: list[tuple[int, str]]


def compare(base: int, width: int, bundle: bytes | None, tile: bytes | None) -> Compared:
    """The `width` records from index `base`, each held against its leaf hash; None is a file that is missing."""
    hashes = [] if tile is None else [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
    leaves: list[bytes | None] = [each if len(each) == HASH_BYTES else None for each in hashes[:width]]
    leaves += [None] * (width - len(leaves))
    known = {leaf: at for at, leaf in enumerate(leaves) if leaf is not None}
    found, lengths = ([], []) if bundle is None else split(bundle, known)
    entries: list[bytes | None] = [*found[:width], *([None] * (width - len(found)))]
    if bundle is None or tile is None:
        text = "its entry is missing" if bundle is None else "its leaf hash is missing"
        return Compared(entries, leaves, [(base + at, text) for at in range(width)])
    problems = (_place_by_place if len(found) == width else _by_hash)(base, found, leaves, known)
    problems += [(base + at, "its length is another one") for at in lengths]
    return Compared(entries, leaves, problems)


def _place_by_place(
    base: int, found: Sequence[bytes], leaves: Sequence[bytes | None], known: dict[bytes, int]
) -> list[tuple[int, str]]:
    problems = []
    for at, (entry, leaf) in enumerate(zip(found, leaves, strict=True)):
        said = tree.leaf_hash(entry)
        if leaf is None:
            problems.append((base + at, "its leaf hash is missing"))
        elif said != leaf and said in known:
            problems.append((base + at, f"record {base + known[said]} stands in its place"))
        elif said != leaf:
            problems.append((base + at, "its entry and its leaf hash disagree"))
    return problems


def _by_hash(
    base: int, found: Sequence[bytes], leaves: Sequence[bytes | None], known: dict[bytes, int]
) -> list[tuple[int, str]]:
    homes = [known.get(tree.leaf_hash(entry)) for entry in found]
    problems = [
        (base + at, "its leaf hash is missing" if leaf is None else "its entry is missing, or was changed")
        for at, leaf in enumerate(leaves)
        if leaf is None or at not in homes
    ]
    if len(found) > len(leaves):
        problems.append((base + len(leaves), f"{len(found) - len(leaves)} more entries than leaf hashes before it"))
    behind = -1
    for home in homes:
        if home is not None and home < behind:
            problems.append((base + home, f"stands behind record {base + behind}"))
        behind = max(behind, -1 if home is None else home)
    return problems


def split(data: bytes, known: dict[bytes, int]) -> tuple[list[bytes], list[int]]:
    """The entries of a bundle, and the places of those whose length is damaged.

    Behind such a one, what a known leaf hash fits is found again.
    """
    found: list[bytes] = []
    damaged: list[int] = []
    at = 0
    while at < len(data):
        end = _end(data, at)
        if end > len(data) or (not _ends(data, end) and tree.leaf_hash(data[at + LENGTH_BYTES : end]) not in known):
            resumed = _resume(data, at + LENGTH_BYTES, known)
            if resumed is None and end > len(data):
                resumed = len(data)
            if resumed is not None and resumed != end:
                end = resumed
                damaged.append(len(found))
        found.append(data[at + LENGTH_BYTES : end])
        at = end
    return found, damaged


def _end(data: bytes, at: int) -> int:
    """Where the entry whose length stands at `at` ends, as that says."""
    return at + LENGTH_BYTES + int.from_bytes(data[at : at + LENGTH_BYTES], "big")


def _ends(data: bytes, end: int) -> bool:
    """Whether an entry may end here: the bundle does, or something like an entry begins, or one behind that."""
    begins = [end, _end(data, end)]
    return any(at == len(data) or data.startswith(_HEAD, at + LENGTH_BYTES) for at in begins)


def _resume(data: bytes, start: int, known: dict[bytes, int]) -> int | None:
    """Where the next entry begins whose leaf hash is known, or the end if this is the last; None if neither is so."""
    at = data.find(_HEAD, start + 1)
    while at >= LENGTH_BYTES:
        end = at + int.from_bytes(data[at - LENGTH_BYTES : at], "big")
        if end <= len(data) and tree.leaf_hash(data[at:end]) in known:
            return at - LENGTH_BYTES
        at = data.find(_HEAD, at + 1)
    return len(data) if tree.leaf_hash(data[start:]) in known else None
