"""What archive or compression bytes are, told from how they begin."""

import re
from typing import Final

from abm_trace.sources.stream._packed import BZIP2, GZIP, XZ, ZSTD

HEAD_BYTES: Final = 512
METHODS: Final = {method.name: method for method in (GZIP, BZIP2, XZ, ZSTD)}
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
"""A member, an empty zip, and the marks of one that was spanned (APPNOTE 8.5)."""

_BZIP2_BLOCKS: Final = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
_FIRSTS: Final = frozenset((b"PK", *(magic[:2] for method in METHODS.values() for magic in method.magics)))
_OCTAL: Final = re.compile(rb"[ \0]*[0-7]{1,7}[ \0]*\Z")


def kind_of(head: bytes) -> str:
    """`zip`, `tar`, the name of a compression, or "" for anything else; `head` has up to HEAD_BYTES."""
    if head[:2] in _FIRSTS and (kind := _marked(head)):
        return kind
    if b"\0" in head and (head[257:262] == b"ustar" or tar_checksum(head)):
        return "tar"
    return ""


def _marked(head: bytes) -> str:
    if head.startswith(_ZIPS):
        return "zip"
    if head.startswith(BZIP2.magics):
        block = head[4:10]
        return BZIP2.name if head[3:4] in b"123456789" and any(each.startswith(block) for each in _BZIP2_BLOCKS) else ""
    return next((method.name for method in METHODS.values() if head.startswith(method.magics)), "")


def tar_checksum(header: bytes) -> bool:
    """Whether the checksum of a tar header is right (POSIX pax, ustar interchange format; some add signed bytes)."""
    if len(header) < HEAD_BYTES or not _OCTAL.match(header[148:156]):
        return False
    said = int(header[148:156].replace(b"\0", b" ").strip() or b"0", 8)
    total = sum(header) - sum(header[148:156]) + 8 * 32
    return said == total or said == total - 256 * sum(byte > 127 for byte in header[:148] + header[156:])
