"""Archives made for tests, by the standard library and by hand."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from abm_trace.core.nouns import Blob, Skipped
from abm_trace.sources.stream import Entry, File, begun, ends_as_zip, entries

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": partial(gzip.compress, mtime=0), "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress,
}  # fmt: skip
Tree = Mapping[str, bytes]


def tar(members: Tree, kind: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of regular members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Unseekable(io.RawIOBase):
    """A pipe, to which a zip is written with its sizes behind each member."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is not."""
        return False

    def write(self, data: object) -> int:
        """Keep what is written."""
        self.data += memoryview(data)  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]


def zipped(members: Tree, method: int = zipfile.ZIP_DEFLATED, *, piped: bool = False) -> bytes:
    """A zip of members; `piped` as a program writes it that cannot go back."""
    pipe, out = Unseekable(), io.BytesIO()
    with zipfile.ZipFile(pipe if piped else out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bytes(pipe.data) if piped else out.getvalue()


def packed_tar(name: str, members: Tree) -> bytes:
    """A compressed tar."""
    return PACK[name](tar(members))


CONTAINERS: dict[str, Callable[[Tree], bytes]] = {
    "zip": zipped,
    "tar": tar,
    "gnu.tar": lambda members: tar(members, tarfile.GNU_FORMAT),
    "stored.zip": lambda members: zipped(members, zipfile.ZIP_STORED),
    "lzma.zip": lambda members: zipped(members, zipfile.ZIP_LZMA),
    "piped.zip": lambda members: zipped(members, piped=True),
    **{f"tar.{name}": partial(packed_tar, name) for name in PACK},
}


def blob_of(folder: Path, data: bytes, name: str = "a") -> Blob:
    """A blob of these bytes."""
    path = folder / name
    path.write_bytes(data)
    return Blob(name, str(path), len(data))


def unpacked(folder: Path, data: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """(path → bytes, path → the last thing that is named of it) of what these bytes hold."""
    blob = blob_of(folder, data)
    read: dict[str, bytes] = {}
    named: dict[str, str] = {}
    file, buffer = File(blob), bytearray(1 << 16)
    try:
        kind = begun(file)[0] or ("zip" if ends_as_zip(file) else "")
        for each in entries(blob, file, kind=kind):
            if isinstance(each, Skipped):
                named[each.path] = each.reason
                continue
            assert isinstance(each, Entry)
            assert each.path not in read
            parts = []
            while size := each.stream.readinto(memoryview(buffer)):
                parts.append(bytes(buffer[:size]))
            read[each.path] = b"".join(parts)
            if each.stream.problem:
                named[each.path] = str(each.stream.problem)
    finally:
        file.close()
    return read, named
