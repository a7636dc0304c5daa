"""A fuzz harness for every export and payload: seeds are damaged for some seconds each, and only typed errors may come.

`python tests/formats/fuzz_formats.py [SECONDS [SEED]]`; 60 s a format by default. Prints counts, exits 1 at a failure.
"""

import random
import sys
import time
from base64 import b64encode
from datetime import UTC
from pathlib import Path
from types import ModuleType

import abm_trace.formats.exports
import abm_trace.formats.payloads
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.core.registry import discover
from abm_trace.formats._interface import Content, FormatError, Head

SEEDS = Path(__file__).parents[1] / "data/formats"
TOKENS = (
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b":",
        b"\\",
        b"\\ud800",
        b"null",
    ),
    *(b"NaN", b"1e999", b"-", b"0", b"9" * 400, b"[" * 2000, b'"x":', b"bplist00", b"\x30\x80"),
    *(b"\x30\x84\xff\xff\xff\xff", b"<!ENTITY a 'b'>", b"<dict>"),
)
SECONDS_A_READ_MAX = 10


def damage(random: random.Random, data: bytes) -> bytes:
    """The bytes with some cut, doubled, flipped, or replaced by what readers stumble over."""
    bytes_ = bytearray(data)
    for _ in range(random.randint(1, 8)):
        at = random.randint(0, len(bytes_))
        end = min(len(bytes_), at + random.choice((1, 1, 4, 40, 400)))
        match random.randint(0, 4):
            case 0:
                del bytes_[at:end]
            case 1:
                bytes_[at:at] = bytes_[at:end] * random.choice((1, 2, 50))
            case 2:
                bytes_[at:end] = random.randbytes(end - at)
            case 3:
                bytes_[at:at] = random.choice(TOKENS)
            case _:
                bytes_[at:end] = random.choice(TOKENS)
    return bytes(bytes_[: 256 * 1024])


def fuzz(form: ModuleType, seeds: list[bytes], seconds: float, random: random.Random) -> dict[str, int]:
    """Counts of runs, facts, things named and FormatErrors; any other error is told with its bytes and raised."""
    counts = {"runs": 0, "facts": 0, "named": 0, "refused": 0}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = damage(random, random.choice(seeds))
        counts["runs"] += 1
        began = time.monotonic()
        try:
            form.score(Head("x", data[:65536], whole=len(data) <= 65536))
            for item in form.read(Content("x", data, UTC)):
                counts["facts"] += isinstance(item, Fact)
                counts["named"] += isinstance(item, Skipped)
        except FormatError:
            counts["refused"] += 1
        except BaseException:
            sys.stderr.write(f"{form.FORMAT.id}: {b64encode(data).decode()}\n")
            raise
        if time.monotonic() - began > SECONDS_A_READ_MAX:
            raise TimeoutError(f"{form.FORMAT.id}: {b64encode(data).decode()}")
    return counts


def main(seconds: float, seed: int) -> None:
    """Fuzz every format for so many seconds each, with its own seeds and those of its neighbours."""
    forms = discover(abm_trace.formats.exports, "FORMAT") | discover(abm_trace.formats.payloads, "FORMAT")
    files = {path: path.read_bytes() for path in sorted(SEEDS.glob("*/*/*")) if path.is_file()}
    for name, form in forms.items():
        own = [data for path, data in files.items() if path.parent.name == name.replace("-", "_")]
        counts = fuzz(form, own * 4 + list(files.values()), seconds, random.Random(f"{seed} {name}"))
        sys.stdout.write(f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(float((sys.argv[1:2] or ["60"])[0]), int((sys.argv[2:3] or ["1"])[0]))
