"""Notes, keys, checkpoints and proof files, against the vector and against damage."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence import vector

from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.note import Checkpoint, Line, Note, VerifierKey, parse_proof_file, proof_file

KEY = VerifierKey.parse(vector.VKEY)


def test_vector() -> None:
    """If this failed, Go's sumdb/note and OpenSSL would not accept our checkpoints."""
    private = Ed25519PrivateKey.from_private_bytes(vector.SEED)
    key = VerifierKey(vector.ORIGIN, private.public_key().public_bytes_raw())
    assert (str(key), key.id.hex()) == (vector.VKEY, "fc8ce4c1")
    checkpoint = Checkpoint(vector.ORIGIN, 3, vector.ROOT)
    assert checkpoint.text() == vector.TEXT
    line = Line(key.name, key.id, private.sign(checkpoint.text().encode()))
    assert str(line) == vector.SIGNATURE
    note = Note(checkpoint.text(), (line,))
    assert note.render() == vector.NOTE
    assert Note.parse(vector.NOTE) == note
    assert note.signers([key]) == [key]
    assert Checkpoint.parse(note.text) == checkpoint


@pytest.mark.parametrize("at", range(len(vector.NOTE)))
def test_each_byte_counts(at: int) -> None:
    """If this failed, a byte of the checkpoint could be changed without anyone noticing."""
    for flip in (0x01, 0x20, 0x80):
        data = bytearray(vector.NOTE)
        data[at] ^= flip
        with pytest.raises(FormatError):
            Note.parse(bytes(data)).signers([KEY])


@given(st.binary(max_size=400))
def test_any_bytes_are_a_note_or_an_error(data: bytes) -> None:
    """If this failed, a hostile checkpoint would crash the check, or come back as other bytes than it was."""
    try:
        note = Note.parse(data)
    except FormatError:
        return
    assert note.render() == data


def test_unknown_keys_are_ignored_and_failing_ones_reject() -> None:
    """If this failed, a witness's line would break the check, or a forged line would pass beside a good one."""
    good = Note.parse(vector.NOTE)
    stranger = Line("witness.example", b"\x01\x02\x03\x04", b"x" * 72)
    assert Note.parse(Note(good.text, (stranger, *good.lines)).render()).signers([KEY]) == [KEY]
    forged = Line(KEY.name, KEY.id, bytes(64))
    with pytest.raises(FormatError, match="does not verify"):
        Note(good.text, (*good.lines, forged)).signers([KEY])
    with pytest.raises(FormatError, match="no note signature"):
        Note(good.text, (stranger,)).signers([KEY])


@pytest.mark.parametrize(
    "text",
    ["", "name", "na me+fc8ce4c1+AQ==", vector.VKEY.replace("fc8ce4c1", "fc8ce4c2"), vector.VKEY[:-1] + "5", "a+b+!"],
)
def test_no_verifier_key(text: str) -> None:
    """If this failed, a mistyped key would be taken for another one."""
    with pytest.raises(FormatError):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n3\n",
        "origin\n03\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurs=\n",
        "origin\n-1\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurs=\n",
        "origin\n3\nFHxC\n",
        "origin\n3\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurt=\n",
        "origin\n3\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurs=",
        "origin\n99999999999999999999\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurs=\n",
    ],
)
def test_no_checkpoint(text: str) -> None:
    """If this failed, one checkpoint could be written in two ways, and signed as two."""
    with pytest.raises(FormatError):
        Checkpoint.parse(text)


def test_proof_file_goes_both_ways() -> None:
    """If this failed, a proof that we hand out could not be read by others."""
    data = proof_file(1, [vector.L0, vector.L2], vector.NOTE)
    assert data.startswith(b"c2sp.org/tlog-proof@v1\nindex 1\nnP8H7hO1aKCmwjdDL9k5Ho+/HwfCq7FdM2hDrpwP/rM=\n")
    assert parse_proof_file(data) == (1, [vector.L0, vector.L2], Note.parse(vector.NOTE))
    for at in range(data.index(b"\n\n")):
        damaged = data[:at] + b"\x00" + data[at + 1 :]
        with pytest.raises(FormatError):
            parse_proof_file(damaged)
