"""Property lists that mean harm: small ones that take much time or memory of whoever believes them."""

import plistlib
import struct

BINARY = plistlib.FMT_BINARY


def shared(depth: int) -> bytes:
    """A binary list whose lists share each other: ten to the `depth` texts to whoever walks them."""
    layer: list[object] = ["lol"]
    for _ in range(depth):
        layer = [layer] * 10
    return plistlib.dumps({"MessageType": "TokenUpdate", "UDID": "U", "CommandUUID": layer}, fmt=BINARY)


def overlapping(count: int) -> bytes:
    """A binary list of `count` objects that all lie at the same long list: as many references as its square."""
    body = b"bplist00\xaf\x12" + struct.pack(">I", count) + struct.pack(f">{count}I", *range(count))
    offsets = struct.pack(">I", 8) * count
    return body + offsets + struct.pack(">6xBBQQQ", 4, 4, count, 0, len(body))


LAUGHS = " ".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BOMBS = [
    shared(30),
    overlapping(5_000),
    f'<!DOCTYPE plist [<!ENTITY l0 "lol"> {LAUGHS}]><plist><array><string>&l11;</string></array></plist>'.encode(),
    b'<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]><plist><string>&x;</string></plist>',
    b"<plist>" + b"<dict><key>a</key>" * 10_000,
    b"<plist>" + b"<array>" * 50_000,
    b"bplist00\xd0" + struct.pack(">6xBBQQQ", 8, 8, 1 << 60, 0, 9),
    b"bplist00\xd1\x00\x00\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, 11),  # A dictionary that is its own key.
]
