"""What kept bytes expand to: each byte of it is looked at, or it is said that some could not be."""

import bz2
import gzip
import io
import lzma
import os
import time
import zipfile
from collections.abc import Callable, Iterator

import pytest

from abm_trace.evidence import blobs
from abm_trace.evidence.unpacking import OpaqueError, Unpacking, is_packed, is_text

TEXT = b"a line\n" * 400_000


def zipped(data: bytes, name: str = "a.log") -> bytes:
    """A zip of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    """What the log itself packs with."""
    return b"".join(blobs.Packer().pack([data]))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd, "zip": zipped,
}  # fmt: skip


def pieces(data: bytes, size: int = 1 << 20) -> Iterator[bytes]:
    """The bytes, so many at a time."""
    return (data[at : at + size] for at in range(0, len(data), size))


def seen(data: bytes, size: int = 1 << 20) -> tuple[bytes, bool]:
    """The innermost of what was looked at, and whether it was packed."""
    layers: dict[int, list[bytes]] = {}
    unpacking = Unpacking(lambda depth, piece: layers.setdefault(depth, []).append(piece))
    unpacking.read(pieces(data, size))
    return b"".join(layers[max(layers)]) if layers else b"", unpacking.is_packed


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("size", [1 << 20, 997])
def test_all_of_it_is_seen(kind: str, size: int) -> None:
    """If this failed, what stands in a compressed file would not be looked at, or a good one be withheld."""
    pack = PACKERS[kind]
    assert seen(pack(TEXT), size) == (TEXT, True)
    assert seen(gzip.compress(pack(TEXT)), size) == (TEXT, True)
    assert is_packed(pack(TEXT)[:6])
    if kind != "zip":
        assert seen(pack(TEXT) + pack(b"more")) == (TEXT + b"more", True), "of several parts"


def test_plain_text() -> None:
    """If this failed, a log would be called packed, or UTF-16 be taken for text as it stands."""
    assert seen(TEXT) == (TEXT, False)
    assert seen(b"") == (b"", False)
    assert seen("\u2026 F9FXQ\n".encode("utf-16")) == ("\u2026 F9FXQ\n".encode(), True)
    assert is_text(b"\x1b[0m caf\xe9\t\0\r\n")
    assert not is_text(b"\x01")


def encrypted() -> bytes:
    """A zip that says that its file has a password."""
    data = bytearray(zipped(b"x"))
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


def gap() -> bytes:
    """A zip that holds bytes before its directory."""
    data = zipped(b"x" * 100)
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    moved = (int.from_bytes(data[end + 16 : end + 20], "little") + 60).to_bytes(4, "little")
    return data[:at] + b"F" * 60 + data[at : end + 16] + moved + data[end + 20 :]


def deep() -> bytes:
    """Text that is packed five times."""
    data = b"text"
    for _ in range(5):
        data = gzip.compress(data)
    return data


OPAQUE = {
    "binary": b"\x01\x02 F9FXQ00001",
    "binary-inside": gzip.compress(b"text\n\x02"),
    "late-binary": TEXT + b"\x01",
    "cut-gzip": gzip.compress(os.urandom(1000))[:-9],
    "behind-gzip": gzip.compress(b"text") + b"text",
    "behind-bzip2": bz2.compress(b"text") + b"text",
    "behind-xz": lzma.compress(b"text") + b"text",
    "damaged-zip": zipped(b"x")[:-5],
    "password": encrypted(),
    "gap": gap(),
    "deep": deep(),
    "odd-utf-16": "ab".encode("utf-16")[:-1],
    "large-zip": b"PK\x03\x04" + b" " * (33 << 20),
}


@pytest.mark.parametrize("kind", OPAQUE)
def test_what_cannot_be_looked_at(kind: str) -> None:
    """If this failed, what nobody looked at would pass for seen."""
    with pytest.raises(OpaqueError):
        seen(OPAQUE[kind])


def test_a_bomb() -> None:
    """If this failed, a file of 1 MB would hold a bundle up for as long as it likes."""
    data = gzip.compress(gzip.compress(bytes(64 << 20)) * 40)
    began = time.process_time()
    with pytest.raises(OpaqueError, match="expands to more than"):
        seen_only(data)
    assert time.process_time() - began < 20


def seen_only(data: bytes) -> None:
    """The same, and nothing is kept."""
    Unpacking(lambda *_: None).read(pieces(data))
