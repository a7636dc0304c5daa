"""Proofs that stand alone in a file: that a record is in a log, and that a log only grew since an earlier checkpoint.

The first is a C2SP tlog-proof; the second is what C2SP tlog-witness has a log send to a witness: `old N`, the hashes,
an empty line, the checkpoint. Neither says anything of other records.
"""

import base64
import re
from collections.abc import Sequence
from typing import Final

from abm_trace.evidence import tiles, tree
from abm_trace.evidence.errors import FormatError, RefusedError
from abm_trace.evidence.note import Checkpoint, Note, VerifierKey, parse_proof_file, unbase64
from abm_trace.evidence.published import Published

PROOF, GROWTH = b"c2sp.org/tlog-proof@v1\n", b"old "
"""What the two kinds of files begin with."""

_HASHES_MAX: Final = 63
_GROWTH: Final = re.compile(rb"old ([1-9][0-9]{0,18})\n((?:[A-Za-z0-9+/=]{44}\n)*)\n(.*)", re.DOTALL)


def growth(published: Published, earlier: bytes) -> bytes:
    """The file that proves that the log goes on from an earlier checkpoint of it. Raises EvidenceError."""
    before = Checkpoint.parse(Note.parse(earlier).text)
    found = published.checkpoint()
    if found is None or not before.size or before.origin != found[0].origin or before.size > found[0].size:
        raise RefusedError(
            f"the log does not go on from a checkpoint of {before.size:,} records of {before.origin!a}",
            hint="Look at both: abm-trace evidence verify STORE --since FILE",
        )
    size = found[0].size
    hashes = tree.consistency(before.size, size, tiles.ranges(published.tile, size))
    lines = [f"old {before.size}", *(base64.b64encode(each).decode() for each in hashes)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + found[1].render()


def check_inclusion(data: bytes, keys: Sequence[VerifierKey], entry: bytes, /) -> str:
    """What a tlog-proof proves of the bytes of an entry. Raises FormatError, RefusedError where it proves nothing."""
    index, hashes, note = parse_proof_file(data)
    head = _signed(note, keys)
    if not tree.includes(index, head.size, tree.leaf_hash(entry), hashes, head.root):
        raise RefusedError(f"does not prove that this entry is record {index} of {head.origin!a}")
    return f"record {index} is in {head.origin}, of {head.size:,} records, root {head.root.hex()}"


def check_growth(data: bytes, keys: Sequence[VerifierKey], earlier: bytes, /) -> str:
    """What a proof of growth proves of an earlier checkpoint. Raises FormatError, RefusedError where it is nothing."""
    found = _GROWTH.fullmatch(data)
    if found is None:
        raise FormatError("is no proof that a log grew: `old N`, hashes, an empty line, a checkpoint")
    hashes = [unbase64(each.decode(), "a hash of the proof") for each in found[2].split()]
    if len(hashes) > _HASHES_MAX or any(len(each) != tiles.HASH_BYTES for each in hashes):
        raise FormatError("a hash of the proof has not 32 bytes, or there are more than 63")
    before, after = _signed(Note.parse(earlier), keys), _signed(Note.parse(found[3]), keys)
    is_next = before.origin == after.origin and before.size == int(found[1])
    if not is_next or not tree.continues(before.size, after.size, before.root, after.root, hashes):
        raise RefusedError(
            f"does not prove that {after.origin!a} goes on from the checkpoint of {before.size:,} records"
        )
    return f"{after.origin} grew from {before.size:,} to {after.size:,} records, root {after.root.hex()}"


def _signed(note: Note, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note that one of the keys signed. Raises FormatError."""
    note.signers(keys)
    return Checkpoint.parse(note.text)
