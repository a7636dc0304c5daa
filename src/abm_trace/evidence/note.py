"""Notes, verifier keys, checkpoints, proof files. From: C2SP signed-note, tlog-checkpoint, tlog-proof."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from abm_trace.evidence.errors import FormatError

ED25519: Final = 0x01
_NOTE_BYTES_MAX: Final = 64 * 1024
_LINES_MAX: Final = 100
SIGNATURE_BYTES: Final = 64
_HASH_BYTES: Final = 32
_PROOF_HEAD: Final = "c2sp.org/tlog-proof@v1"
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def unbase64(text: str, what: str) -> bytes:
    """The bytes of standard base64, written in the one way there is. Raises FormatError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"{what} is no base64") from error
    if base64.b64encode(data).decode() != text:
        raise FormatError(f"{what} is base64 with bits that say nothing")
    return data


def key_id(name: str, public: bytes) -> bytes:
    """SHA256(name‖0x0A‖type‖public key)[:4] of an Ed25519 key."""
    return sha256(name.encode() + b"\n" + bytes([ED25519]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key with its name. Its text is `name+hex(key id)+base64(type‖public key)`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that signature lines begin with."""
        return key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of its text. Raises FormatError."""
        name, _, rest = text.strip().partition("+")
        hexed, _, encoded = rest.partition("+")
        if not is_name(name):
            raise FormatError("a verifier key is NAME+HASH+BASE64, its name without blanks")
        data = unbase64(encoded, "the verifier key")
        if len(data) != 1 + _HASH_BYTES or data[0] != ED25519:
            raise FormatError("the verifier key is no Ed25519 key")
        key = cls(name, data[1:])
        if key.id.hex() != hexed:
            raise FormatError(f"the verifier key says {hexed!a}, its bytes say {key.id.hex()}")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether the signature over the text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def is_name(name: str) -> bool:
    """Whether a key, or a log, may have this name: something, without blanks and `+`."""
    return bool(name) and len(name) <= 200 and name.isprintable() and not re.search(r"[\s+]", name)


@dataclass(frozen=True, slots=True)
class Line:
    """A signature line of a note: whose it claims to be, and the signature."""

    name: str
    id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a newline, and its signature lines."""

    text: str
    lines: tuple[Line, ...]

    def render(self) -> bytes:
        """Text, an empty line, a line a signature."""
        return (self.text + "\n" + "".join(f"{line}\n" for line in self.lines)).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """The note, its signatures not yet verified. Raises FormatError."""
        if len(data) > _NOTE_BYTES_MAX:
            raise FormatError(f"a note of {len(data):,} bytes; at most {_NOTE_BYTES_MAX:,} are read")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise FormatError(f"a note with a byte that is no UTF-8 at {error.start}") from error
        if any(character < " " and character != "\n" for character in whole):
            raise FormatError("a note with a control character")
        text, gap, tail = whole.rpartition("\n\n")
        if not gap or not tail.endswith("\n"):
            raise FormatError("a note without signature lines, or cut")
        lines = tail[:-1].split("\n")
        if len(lines) > _LINES_MAX:
            raise FormatError(f"a note with {len(lines)} signature lines; at most {_LINES_MAX} are read")
        return cls(text + "\n", tuple(_line(each) for each in lines))

    def signers(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Those of the keys that signed; lines of unknown keys are ignored.

        Raises FormatError if a line of one of the keys does not verify, or none of them signed.
        """
        known = {(key.name, key.id): key for key in keys}
        found = []
        for line in self.lines:
            key = known.get((line.name, line.id))
            if key is None:
                continue
            if not key.signed(self.text, line.signature):
                raise FormatError(f"the note signature of {key.name}+{key.id.hex()} does not verify")
            if key not in found:
                found.append(key)
        if not found:
            raise FormatError("no note signature of a key that is trusted")
        return found


def _line(text: str) -> Line:
    dash, _, rest = text.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not is_name(name):
        raise FormatError("a signature line that is not `— NAME BASE64`")
    data = unbase64(encoded, "a signature line")
    if len(data) <= 4:
        raise FormatError("a signature line without a signature")
    return Line(name, data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the tree: whose log, how many entries, the root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint of a note's text; lines behind the third are extensions, which are signed and ignored.

        Raises FormatError.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or "" in lines[:-1]:
            raise FormatError("a checkpoint has lines for origin, size and root")
        origin, size, encoded = lines[:3]
        if not _SIZE.fullmatch(size):
            raise FormatError(f"a checkpoint of size {size!a}")
        root = unbase64(encoded, "the root of the checkpoint")
        if len(root) != _HASH_BYTES:
            raise FormatError(f"a root of {len(root)} bytes")
        return cls(origin, int(size), root)


def proof_file(index: int, proof: Iterable[bytes], note: bytes) -> bytes:
    """A tlog-proof: the index, the hashes leaf to root, an empty line, the checkpoint."""
    lines = [_PROOF_HEAD, f"index {index}", *(base64.b64encode(each).decode() for each in proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + note


def parse_proof_file(data: bytes) -> tuple[int, list[bytes], Note]:
    """Index, hashes and checkpoint of a tlog-proof, nothing of it verified. Raises FormatError."""
    head, gap, note = data.partition(b"\n\n")
    if not gap or len(head) > _NOTE_BYTES_MAX:
        raise FormatError("a proof file has an empty line before its checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError("a proof file is ASCII above its checkpoint") from error
    if lines[0] != _PROOF_HEAD or len(lines) < 2 or not lines[1].startswith("index "):
        raise FormatError(f"a proof file begins with {_PROOF_HEAD} and its index")
    if not _SIZE.fullmatch(lines[1][6:]):
        raise FormatError("the index of the proof file is no number")
    hashes = [unbase64(each, "a hash of the proof file") for each in lines[2:]]
    if any(len(each) != _HASH_BYTES for each in hashes) or len(hashes) > 63:
        raise FormatError("a hash of the proof file has not 32 bytes, or there are more than 63")
    return int(lines[1][6:]), hashes, Note.parse(note)
