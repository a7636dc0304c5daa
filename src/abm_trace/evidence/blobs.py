"""What the log keeps: bytes under their SHA-256, compressed; and the nonce and binding that open a commitment."""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec

from abm_trace.evidence.entry import commitment
from abm_trace.evidence.errors import EvidenceError, FormatError, UnreadableError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.lines import Lines
from abm_trace.evidence.tiles import WIDTH, numbered

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NONCE_BYTES: Final = 32
BINDING_BYTES_MAX: Final = 64 * 1024
"""Enough for some 300 devices; what a file says of more stands in the verdicts that cite it. Origin: ours."""

PRIVATE_BYTES_MAX: Final = WIDTH * (BINDING_BYTES_MAX + 200)
NOTHING: Final = "-"
"""The private line of an entry that keeps nothing, or no longer."""

_CHUNK_BYTES: Final = 1024 * 1024
_PART_BYTES: Final = _CHUNK_BYTES // 8
_LINES_FREE: Final = 500_000
_LINE_BYTES_MEAN: Final = 16
"""So many lines any file may have, and one more for each so many bytes. Origin: ours; logs have 60 bytes and more."""

_DECOMPRESSION: Final[dict[int, int]] = {zstd.DecompressionParameter.window_log_max: 27}
"""What is expanded may look back 128 MiB at most."""

_LEVEL, _LINES_LEVEL = 3, 1
"""Levels of zstd. Lines that are given away are digests most of all: 1 packs these smaller, in half of the time."""

_VERIFY: Final = "See: abm-trace evidence verify STORE"


class Ids(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The hardware ids of a device, as CASE.md spells them."""

    serial: str = ""
    io_platform_uuid: str = ""
    secure_rom_uuid: str = ""
    udid: str = ""


class Binding(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What kept bytes belong to: their path at their source, devices, the tokens that were used.

    `more` counts the devices that are not listed.
    """

    path: str = ""
    devices: tuple[Ids, ...] = ()
    more: int = 0
    tokens: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Its JSON; devices at the end are counted, not listed, where it would be too long."""
        data = msgspec.json.encode(self)
        if len(data) <= BINDING_BYTES_MAX:
            return data
        kept = len(self.devices) * BINDING_BYTES_MAX // len(data)
        if not self.devices:
            raise EvidenceError(f"a binding of {len(data):,} bytes; at most {BINDING_BYTES_MAX:,} are kept")
        listed = self.devices[: kept * 9 // 10]
        return msgspec.structs.replace(self, devices=listed, more=self.more + len(self.devices) - len(listed)).encode()


class Secret(NamedTuple):
    """A line of the private files: the nonce, the SHA-256 that the bytes are kept under, the binding as JSON."""

    nonce: bytes
    sha256: str
    binding: bytes

    def render(self) -> str:
        """`NONCE SHA256 BINDING`, the first two in hex."""
        return f"{self.nonce.hex()} {self.sha256} {self.binding.decode()}"

    @classmethod
    def parse(cls, line: str) -> "Secret | None":
        """The secret of a line; None if the entry keeps nothing. Raises FormatError."""
        if line == NOTHING:
            return None
        nonce, _, rest = line.partition(" ")
        digest, _, binding = rest.partition(" ")
        secret = None
        if len(nonce) == 2 * NONCE_BYTES and len(digest) == 64 and not set(nonce + digest) - set("0123456789abcdef"):
            secret = cls(bytes.fromhex(nonce), digest, binding.encode("utf-8", "surrogatepass"))
        if secret is None:
            raise FormatError("a private line that is not `NONCE SHA256 BINDING`")
        return secret


class _Lines:
    """The commitment to each line, as long as they are lines: a file of newlines would take seconds a megabyte.

    What has more than so many lines in its first MiBs has none, which is looked at behind each of these.
    """

    def __init__(self, nonce: bytes) -> None:
        self._lines: Lines | None = Lines(nonce)
        self._size = self._count = 0

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        for part in self._parts(memoryview(data)) if self._lines else ():
            self._size += len(part)
            self._count += part.count(b"\n")
            if self._lines:
                self._lines.update(part)
            if self._size % _CHUNK_BYTES == 0 and self._count > _LINES_FREE + self._size // _LINE_BYTES_MEAN:
                self._lines = None

    def _parts(self, data: memoryview) -> Iterator[bytes]:
        """The piece, cut where the whole has parts of a MiB: what comes out must not depend on how it came."""
        at = 0
        while at < len(data):
            end = at + _PART_BYTES - (self._size % _PART_BYTES)
            yield bytes(data[at:end])
            at = end

    def hexdigest(self) -> str:
        """The digest, once all came; "" where there is none."""
        return self._lines.hexdigest() if self._lines else ""


class Kept(NamedTuple):
    """What an entry says of bytes that are kept."""

    secret: Secret
    commitment: str
    size_bytes: int
    stored: str
    lines: str


def private_path(number: int) -> str:
    """The file with the private lines of the bundle of this number."""
    return f"private/{numbered(number)}"


def lines_of(data: bytes, errors: str = "strict") -> list[str]:
    """The private lines of a file; `errors` is what becomes of bytes that are no UTF-8. Raises FormatError."""
    try:
        text = data.decode(errors=errors)
    except UnicodeDecodeError as error:
        raise FormatError(f"a private file with a byte that is no UTF-8 at {error.start}") from error
    if not text.endswith("\n"):
        raise FormatError("a private file that is cut")
    return text[:-1].split("\n")


def path_of(digest: str) -> str:
    """Where bytes of this SHA-256 are kept."""
    return f"raw/{digest[:2]}/{digest}.zst"


def keep(folder: Folder, source: BinaryIO, binding: Binding, random: Callable[[int], bytes]) -> Kept:
    """Store the rest of `source` under its SHA-256, unless it is there; its name is durable after `folder.sync`.

    Raises EvidenceError, UnreadableError if it is the source that fails.
    """
    nonce = random(NONCE_BYTES)
    plain, salted, stored, lines = hashlib.sha256(), hashlib.sha256(nonce), hashlib.sha256(nonce), _Lines(nonce)
    size = 0
    compressor = zstd.ZstdCompressor(level=_LEVEL)
    with folder.temporary() as (temporary, file):
        while chunk := _read(source):
            size += len(chunk)
            plain.update(chunk)
            salted.update(chunk)
            lines.update(chunk)
            if packed := compressor.compress(chunk):
                stored.update(packed)
                file.write(packed)
        packed = compressor.flush()
        stored.update(packed)
        file.write(packed)
        digest = plain.hexdigest()
        path = path_of(digest)
        there = folder.open(path)
        if there is None:
            folder.settle(temporary, file, path)
        else:
            with there:
                stored = _stored(there, digest, size, nonce, folder.root / path)
    secret = Secret(nonce, digest, binding.encode())
    return Kept(secret, salted.hexdigest(), size, stored.hexdigest(), lines.hexdigest())


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(_CHUNK_BYTES)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error


def _stored(file: BinaryIO, digest: str, size: int, nonce: bytes, path: Path) -> "hashlib._Hash":
    """The commitment to a file that is kept already; it must still be what its name says."""
    opened = open_stored(file, nonce, size)
    if opened.problem or opened.sha256 != digest:
        raise EvidenceError(
            f"{path}: is kept already, and damaged", hint="Bring that file back first: abm-trace evidence verify STORE"
        )
    return opened.stored


def _stored_max(size: int) -> int:
    """More than so many bytes zstd never makes of so many [3 for each 128 KiB that it cannot pack, and its head]."""
    return size + size // 1024 + 1024


TOO_MUCH: Final = "is not what was committed to: it expands to far more than what is stored"


class Opened(NamedTuple):
    """What stored bytes turned out to be. `problem` is "" where they could be expanded in full."""

    stored: "hashlib._Hash"
    commitment: str
    sha256: str
    size_bytes: int
    lines: str
    problem: str


def open_stored(file: BinaryIO, nonce: bytes, size: int, times_max: int = 0) -> Opened:
    """Expand a stored file, no further than one byte beyond `size`, and hash it each way. Raises OSError.

    With `times_max` no further than so many times what is stored, and 1 MiB: then the problem is `TOO_MUCH`. What is
    stored is read no further than a problem of another kind, or than so many bytes can be stored as.
    """
    plain, salted, stored, lines = hashlib.sha256(), hashlib.sha256(nonce), hashlib.sha256(nonce), _Lines(nonce)
    found, packed_bytes, problem = 0, 0, ""
    decompressor = zstd.ZstdDecompressor(options=_DECOMPRESSION)
    while problem in {"", TOO_MUCH} and found <= size and packed_bytes <= _stored_max(size):
        if not (packed := file.read(_CHUNK_BYTES)):
            break
        stored.update(packed)
        packed_bytes += len(packed)
        most = min(size, packed_bytes * times_max + _CHUNK_BYTES) if times_max else size
        if problem:
            continue
        if decompressor.eof:
            problem = "bytes behind its end"
            continue
        try:
            found += _expand(decompressor, packed, most - found, (plain, salted, lines))
        except zstd.ZstdError as error:
            problem = f"is no zstd: {error}"
        if most < found <= size:
            problem = TOO_MUCH
        if decompressor.unused_data:
            problem = "bytes behind its end"
    if found > size:
        problem = "longer than its entry says"
    elif problem in {"", TOO_MUCH} and packed_bytes > _stored_max(size):
        problem = "more bytes than its entry can be stored as"
    elif not problem and not decompressor.eof:
        problem = "is cut"
    return Opened(stored, salted.hexdigest(), plain.hexdigest(), found, lines.hexdigest(), problem)


def _expand(engine: zstd.ZstdDecompressor, packed: bytes, room: int, into: "tuple[hashlib._Hash | _Lines, ...]") -> int:
    """Expand what was read, hash it, and count it; at most one byte more than there is room for."""
    found = 0
    while not engine.eof and found <= room:
        data = engine.decompress(packed, max_length=min(_CHUNK_BYTES, room + 1 - found))
        packed = b""
        found += len(data)
        for each in into:
            each.update(data)
        if not data and engine.needs_input:
            break
    return found


def expand(file: BinaryIO, digest: str, size: int) -> Iterator[bytes]:
    """The bytes of a stored file, piece by piece.

    Raises EvidenceError as soon as they are more than `size`, and at the end if they are not of this SHA-256.
    """
    plain = hashlib.sha256()
    for chunk in unpack(file):
        size -= len(chunk)
        if size < 0:
            raise EvidenceError("a kept file is longer than its entry says", hint=_VERIFY)
        plain.update(chunk)
        yield chunk
    if plain.hexdigest() != digest:
        raise EvidenceError("a kept file is not what its name says", hint=_VERIFY)


def unpack(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a zstd file of one frame, piece by piece. Raises EvidenceError.

    Of one alone, as `Packer` and `keep` write it: a million empty frames would say nothing, and take their time.
    """
    decompressor = zstd.ZstdDecompressor(options=_DECOMPRESSION)
    try:
        while not decompressor.eof:
            packed = file.read(_CHUNK_BYTES) if decompressor.needs_input else b""
            if decompressor.needs_input and not packed:
                raise EvidenceError("a kept file is cut", hint=_VERIFY)
            if chunk := decompressor.decompress(packed, max_length=_CHUNK_BYTES):
                yield chunk
    except zstd.ZstdError as error:
        raise EvidenceError(f"a kept file is damaged: {error}", hint=_VERIFY) from error
    if decompressor.unused_data or file.read(1):
        raise EvidenceError("a kept file is damaged: bytes behind its end", hint=_VERIFY)


class Packer:
    """Packs lines that are given away, file behind file: its tables serve them all [1.4 times as fast]."""

    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(level=_LINES_LEVEL)

    def pack(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes as a zstd file, piece by piece."""
        for chunk in chunks:
            if packed := self._compressor.compress(chunk):
                yield packed
        yield self._compressor.flush()


def binding_of(data: bytes) -> Binding:
    """The binding of its JSON; an empty one where there is none. Raises FormatError."""
    if not data:
        return Binding()
    try:
        return msgspec.json.decode(data, type=Binding)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FormatError(f"is no binding: {error}") from error


def binding_commitment(secret: Secret) -> str:
    """SHA256(nonce‖binding) in hex."""
    return commitment(secret.nonce, secret.binding)
