"""Hostile compressed inputs: bombs, cut and lying streams, nesting, and archives given as they are."""

import bz2
import gzip
import io
import lzma
import os
import random
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hostile.base_case import ANY, FAILED_L6, VICTIM, failing_log, ndjson, noise_line, text, victim_event
from tests.hostile.registry import Says, add, hostile

LOG = f"logs/{VICTIM}.log"
GZ = f"{LOG}.gz"
FAILED = (VICTIM, FAILED_L6)
FACTS = text(failing_log())
# Lines that hardly compress, so that a cut falls into them and not into the facts.
NOISE = text(noise_line(400 + n, random.Random(n).randbytes(40).hex()) for n in range(2000))
MIB = 1 << 20


def bomb(block: bytes, repeats: int, head: bytes = b"") -> Iterator[bytes]:
    """One gzip member of a block repeated, made in little time: each flushed block compresses to the same bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    yield packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(repeats):
        crc = zlib.crc32(block, crc)
        yield packed
    size = (len(head) + repeats * len(block)) & 0xFFFFFFFF
    yield packer.flush() + struct.pack("<II", crc, size)


def trailer(packed: bytes, crc_xor: int = 0, size_xor: int = 0) -> bytes:
    """A gzip file whose last eight bytes lie."""
    crc, size = struct.unpack("<II", packed[-8:])
    return packed[:-8] + struct.pack("<II", crc ^ crc_xor, size ^ size_xor)


@hostile(GZ, Says.NAMED)
def gz_bomb_of_zeros(at: Path) -> Iterator[bytes]:
    """A gigabyte of NUL in one megabyte."""
    return bomb(bytes(MIB), 1024)


@hostile(GZ, Says.NAMED)
def gz_bomb_of_one_endless_line(at: Path) -> Iterator[bytes]:
    """A gigabyte of one letter, never a newline."""
    return bomb(b"A" * MIB, 1024)


@hostile(GZ, Says.EITHER)
def gz_bomb_of_newlines(at: Path) -> Iterator[bytes]:
    """A gigabyte of empty lines, in which nothing is damaged."""
    return bomb(b"\n" * MIB, 1024)


@hostile(GZ, Says.NAMED)
def gz_bomb_behind_facts(at: Path) -> Iterator[bytes]:
    """Good lines first, so that the content is recognised before the bomb goes off."""
    return bomb(bytes(MIB), 1024, FACTS)


@hostile(f"{GZ}.gz", Says.NAMED)
def gz_bomb_in_a_gz(at: Path) -> bytes:
    """Ten gigabytes of NUL as members of a gz in a gz of a few kilobytes."""
    return gzip.compress(gzip.compress(bytes(MIB), mtime=0) * 10_240, mtime=0)


@hostile("audit-bomb.json.gz", Says.NAMED)
def gz_bomb_of_json(at: Path) -> Iterator[bytes]:
    """An array that opens forever."""
    return bomb(b"[" * MIB, 512)


@hostile("audit-rows.ndjson.gz", Says.NAMED, shows=(VICTIM, (ANY, ANY, "requested")))
def gz_bomb_of_good_rows(at: Path) -> Iterator[bytes]:
    """Half a gigabyte of one event, with which nothing is wrong."""
    row = ndjson([victim_event(x="y" * 600)])
    return bomb(row * (MIB // len(row)), 512)


@hostile("profiles/clinic-99/bomb.mobileconfig.gz", Says.NAMED)
def gz_bomb_of_a_profile(at: Path) -> Iterator[bytes]:
    """A plist whose one string has half a gigabyte."""
    head = b'<?xml version="1.0"?><plist version="1.0"><dict><key>serverUrl</key><string>'
    return bomb(b"A" * MIB, 512, head)


add("gz-cut", GZ, Says.NAMED, gzip.compress(FACTS + NOISE)[:-40_000])
add("gz-cut-in-its-trailer", GZ, Says.NAMED, gzip.compress(FACTS)[:-3])
add("gz-cut-in-its-header", GZ, Says.NAMED, b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x02\xffname-without-end")
add("gz-trailing-garbage", GZ, Says.NAMED, gzip.compress(FACTS) + b"no gzip member" * 40, shows=FAILED)
add("gz-bad-crc", GZ, Says.NAMED, trailer(gzip.compress(FACTS), crc_xor=1))
add("gz-lying-size", GZ, Says.NAMED, trailer(gzip.compress(FACTS), size_xor=1 << 20))
add("gz-damaged-in-the-middle", GZ, Says.NAMED, gzip.compress(NOISE)[:9000] + bytes(64) + gzip.compress(NOISE)[9064:])
add("gz-of-several-members", GZ, Says.READ, gzip.compress(FACTS[:130]) + gzip.compress(FACTS[130:]), shows=FAILED)
add("gz-second-member-cut", GZ, Says.NAMED, gzip.compress(FACTS) + gzip.compress(NOISE)[:5000])
add("gz-in-a-gz", f"{GZ}.gz", Says.EITHER, gzip.compress(gzip.compress(FACTS)), shows=FAILED)
add("gz-of-nothing", GZ, Says.EITHER, gzip.compress(b""))
add("gz-of-no-bytes", GZ, Says.EITHER, b"")
add("gz-in-name-only", GZ, Says.READ, FACTS, shows=FAILED)
add("gz-without-the-name", LOG, Says.READ, gzip.compress(FACTS), shows=FAILED)


@hostile("deep.gz", Says.NAMED)
def gz_nested_too_deep(at: Path) -> bytes:
    """Five wrappers, where three are the bound."""
    body = FACTS
    for _ in range(5):
        body = gzip.compress(body)
    return body


@hostile(GZ, Says.READ, shows=FAILED)
def gz_with_a_path_as_its_name(at: Path) -> bytes:
    """The header's file name climbs out of the case; the listing shows whether somebody followed it."""
    out = io.BytesIO()
    with gzip.GzipFile("../../../../escaped", "wb", fileobj=out) as file:
        file.write(FACTS)
    return out.getvalue()


def tar_of(members: dict[str, bytes], mode: str = "w") -> bytes:
    """A tar of regular members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, body in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    """A zip of members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


add("zip", "capture.zip", Says.EITHER, zip_of({LOG: FACTS}), shows=FAILED)
add("tar", "capture.tar", Says.EITHER, tar_of({LOG: FACTS}), shows=FAILED)
add("tar-gz", "capture.tar.gz", Says.EITHER, tar_of({LOG: FACTS}, "w:gz"), shows=FAILED)
add("xz", f"{LOG}.xz", Says.EITHER, lzma.compress(FACTS), shows=FAILED)
add("bz2", f"{LOG}.bz2", Says.EITHER, bz2.compress(FACTS), shows=FAILED)
add("7z-magic", "capture.7z", Says.NAMED, b"7z\xbc\xaf\x27\x1c\x00\x04" + random.Random(7).randbytes(400))
add("zip-cut", "capture.zip", Says.NAMED, zip_of({LOG: FACTS + NOISE})[:-3000])
add("zip-climbs-out", "capture.zip", Says.EITHER, zip_of({"../../escaped": FACTS, "/escaped": FACTS}))


@hostile(f"{LOG}.zst", Says.EITHER, shows=FAILED)
def zst(at: Path) -> bytes:
    """A zstd frame."""
    try:
        return subprocess.run(["zstd", "-c"], input=FACTS, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("no zstd here")


@hostile("capture.zip", Says.NAMED)
def zip_encrypted(at: Path) -> bytes:
    """A zip whose member says that it is encrypted, in both of its headers."""
    body = bytearray(zip_of({LOG: FACTS}))
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


@hostile("capture.zip", Says.EITHER)
def zip_bomb(at: Path) -> bytes:
    """128 MB of zeros as one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open(LOG, "w") as member:
        for _ in range(128):
            member.write(bytes(MIB))
    return out.getvalue()


@hostile(LOG, Says.NAMED)
def sparse_file(at: Path) -> None:
    """64 gigabytes that take no room on the disk: a bomb without compression."""
    with at.open("wb") as file:
        file.write(FACTS)
        os.truncate(file.fileno(), 64 << 30)
