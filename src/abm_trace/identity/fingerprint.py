"""The composite fingerprint of a device (SPEC E7): the same for the same unit, however often it is declared."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from abm_trace.identity.serials import canonical

PARTS: Final = ("serial", "io_platform_uuid", "secure_rom_uuid", "token_id")
"""What it is made of, in this order, by the manifest's names."""

_LENGTH: Final = struct.Struct(">I")


class Declared(NamedTuple):
    """A device and its fingerprint, 64 small hexadecimal digits; `lacks` are the parts that nobody knows."""

    serial: str
    fingerprint: str
    lacks: tuple[str, ...]


def fingerprint(serial: str, io_platform_uuid: str = "", secure_rom_uuid: str = "", token_id: str = "") -> str:
    """SHA-256 over the parts, upper case and UTF-8, each preceded by its length as four bytes big-endian.

    The fourth part is the SHA-256 of the token's id as it is, in upper-case hexadecimal; an absent part is empty.
    """
    token = sha256(token_id.encode()).hexdigest() if token_id else ""
    digest = sha256()
    for part in (serial, io_platform_uuid, secure_rom_uuid, token):
        data = part.strip().upper().encode()
        digest.update(_LENGTH.pack(len(data)) + data)
    return digest.hexdigest()


def declared(devices: Iterable[Mapping[str, str]]) -> Iterator[Declared]:
    """The fingerprints of devices by the manifest's names, in their order; one that comes twice comes once.

    Two rows of one serial with other parts are two fingerprints, both of which come back.
    """
    seen: set[str] = set()
    for each in devices:
        parts = [each.get(name, "") for name in PARTS]
        found = fingerprint(*parts)
        if canonical(parts[0]) and found not in seen:
            seen.add(found)
            yield Declared(parts[0], found, tuple(name for name, value in zip(PARTS, parts, strict=True) if not value))
