"""The vector of the evidence log's formats: made with hashlib alone, accepted by Go's sumdb/note and by OpenSSL.

Its entries show the format only; real ones carry a commitment instead of a plain hash.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from abm_trace.evidence import tree

SEED: Final = bytes(range(32))
LINES: Final = (b"log line one\n", b"log line two\n", b"log line three\n")
ENTRIES: Final = tuple(
    (
        f'{{"v":1,"t":"2026-11-25T01:00:00Z","kind":"raw","sha256":"{sha256(line).hexdigest()}","bytes":{len(line)}}}'
    ).encode()
    for line in LINES
)
FIRST: Final = (
    b'{"v":1,"t":"2026-11-25T01:00:00Z","kind":"raw",'
    b'"sha256":"607799aeda90ab068fa3a90b3a0064787416e4bdc5be1402e6410c645e0fe671","bytes":13}'
)
L0: Final = bytes.fromhex("9cff07ee13b568a0a6c237432fd9391e8fbf1f07c2abb15d336843ae9c0ffeb3")
L1: Final = bytes.fromhex("b57706c511d6301caf9849ec435c2c772a72b594b4abc8250a051703811cc240")
L2: Final = bytes.fromhex("ba2db434dcb40e8877b9714dc49b1ba633b9c71e257ba450076d29720082c7b9")
N01: Final = bytes.fromhex("e83bc22f88bd0788bafd58cca0ff1159de4a50b85c74866dd112a9a395e6e3fb")
ROOT: Final = bytes.fromhex("147c425c9e4704c9543d209af6e4f2418cbc44ff36fd119bf0f59cb2aee5babb")
ORIGIN: Final = "abm-trace.example/evidence"
VKEY: Final = "abm-trace.example/evidence+fc8ce4c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
TEXT: Final = "abm-trace.example/evidence\n3\nFHxCXJ5HBMlUPSCa9uTyQYy8RP82/RGb8PWcsq7lurs=\n"
SIGNATURE: Final = (
    "— abm-trace.example/evidence "
    "/IzkwYR++PNmKpI2SdXV0B4hOtX5uJPM0vxPJFHGzAJiWMNEOVMV7HYBSfLPHhOAxGtdTyv3Sj0gcEpnYifeUKNXwQw="
)
NOTE: Final = f"{TEXT}\n{SIGNATURE}\n".encode()


def ranges_of(hashes: Sequence[bytes]) -> tree.RangeHash:
    """The range hash over leaf hashes in memory."""
    return lambda first, end: tree.root(hashes[first:end])
