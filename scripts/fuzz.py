"""Every reader on damaged bytes: only typed errors, nothing named as our own failure, no input that takes long.

`python scripts/fuzz.py [--minutes N | --hours N] [--only FORMAT] [--seed N]`. Exports and payloads are damaged by
tests/formats/fuzz_formats.py; here the log formats go through the whole reader, and rules through theirs. An input that
fails is written beside its seed into the folder that is printed.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from functools import partial
from pathlib import Path

from abm_trace import formats, signatures
from abm_trace.core.nouns import Blob
from abm_trace.pipeline.reading import Reader
from abm_trace.signatures import rule

ROOT = Path(__file__).parents[1]
RULES = ROOT / "src/abm_trace/signatures/rules"
SLOW_S = 10.0
"""A hostile file of any kind is done within this (CASE.md, bounds)."""

_PIECES = (
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"9" * 400,
    b"[" * 500,
    b'"',
    b"&a ",
    b"*a",
    b"!!x ",
    b"A" * 70_000,
)
_HITS = (
    b"ABMRegistrationStarted", b"ABM response: 204", b"ABMDeviceRegistered", b"Clock offset: 9e999 s",
    b"TLS handshake failed: not yet valid", b"enrollmentMethod=none", b"deviceIdentifier=9c1e44aa07",
)  # fmt: skip


def damaged(dice: random.Random, seed: bytes) -> bytes:
    """The seed after one to six accidents."""
    data = bytearray(seed)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0:
                data[at : at + dice.randint(0, 40)] = b""
            case 1:
                data[at:at] = dice.choice(_PIECES)
            case 2 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
            case 3:
                del data[at:]
            case 4:
                data[at:at] = data[at : at + dice.randint(1, 400)]
            case _:
                data[at:at] = dice.choice(_HITS)
    return bytes(data)


def log_seed(dice: random.Random, format_id: str) -> bytes:
    """Some lines of a log format, those that carry facts among them."""
    shapes = {
        "article": b"2026-05-17 03:47:%02d.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] %s\n",
        "idevicesyslog": b"May 17 03:47:%02d iPad teslad(x)[231] <Notice>: %s\n",
        "log-compact": b"2026-05-17 03:47:%02d.845 Df teslad[3270:3694b] [com.apple.ManagedClient:x] %s\n",
        "log-default": b"2026-05-17 03:47:%02d.280885-0400 0x95366 Default 0x0 29005 0 teslad: %s\n",
        "log-json": b'{"timestamp":"2026-05-17 03:47:%02d.057-0400","eventMessage":"%s","processImagePath":"/x/teslad"}\n',
        "log-syslog": b"2026-05-17 03:47:%02d.008417+0100 localhost teslad[1766]: %s\n",
        "rfc3164": b"<14>May 17 03:47:%02d F9FXQ1ABCD teslad[231]: %s\n",
        "rfc5424": b"<14>1 2026-05-17T03:47:%02d.883Z F9FXQ1ABCD teslad 231 - - %s\n",
    }
    return b"".join(shapes[format_id] % (n, dice.choice((b"noise", *_HITS))) for n in range(12))


def read_log(folder: Path, data: bytes) -> str:
    """Read the bytes as a log; what went wrong, "" if nothing."""
    path = folder / "fuzz.log"
    path.write_bytes(data)
    if not _READERS:
        _READERS.append(Reader(signatures.load()[0], UTC))
    found = _READERS[0].read(Blob("fuzz.log", str(path), len(data)))
    return next((each.reason for each in found.skipped if "abm-trace failed" in each.reason), "")


def read_rule(folder: Path, data: bytes) -> str:
    """Read the bytes as a signature; what went wrong, "" if nothing."""
    path = folder / "fuzz.yml"
    path.write_bytes(data)
    try:
        rule.read(path)
    except signatures.SignatureError as error:
        return "" if error.line else "a refusal without a line"
    return ""


_READERS: list[Reader] = []
"""The one reader of this process: compiling the signatures again for each input would be most of the work."""


def rule_seed(dice: random.Random) -> bytes:
    """One of our own rules."""
    return dice.choice(sorted(RULES.glob("*.yml"))).read_bytes()


def harness(
    name: str,
    seeds: Callable[[random.Random], bytes],
    read: Callable[[Path, bytes], str],
    end: float,
    dice: random.Random,
) -> int:
    """Damage and read until `end`; the number of failures, each kept in a file."""
    count = failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < end:
            data = damaged(dice, seeds(dice))
            begun = time.monotonic()
            try:
                problem = read(Path(scratch), data)
            except Exception as error:  # noqa: BLE001  # Any error but a typed one is what this looks for.
                problem = f"{type(error).__name__}: {error}"
            if time.monotonic() - begun > SLOW_S:
                problem = problem or f"took longer than {SLOW_S:g} s"
            count += 1
            if problem:
                failures += 1
                kept = Path(tempfile.mkdtemp(prefix="abm-trace-fuzz-")) / name
                kept.write_bytes(data)
                print(f"  {problem[:200]}\n  kept in {kept}")
    print(f"{name:24} {count:9,} inputs  {failures} failures", flush=True)
    return failures


def main() -> int:
    """Run all harnesses; 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="for all formats together (default 5)")
    parser.add_argument("--hours", type=float, help="the same in hours")
    parser.add_argument("--only", help="one format, `signatures`, or `exports` for all exports and payloads")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    seconds = (asked.hours * 3600) if asked.hours else asked.minutes * 60
    names = [*formats.log_formats(), "signatures", "exports"]
    chosen = [name for name in names if asked.only in {None, name}]
    if not chosen:
        parser.error(f"--only takes one of {', '.join(names)}")
    failures = 0
    for name in chosen:
        dice = random.Random(f"{asked.seed} {name}")  # noqa: S311  # Repeatable, not secret.
        end = time.monotonic() + seconds / len(chosen)
        if name == "exports":
            per_format = max(seconds / len(chosen) / (len(formats.formats()) - len(formats.log_formats())), 1)
            command = [
                sys.executable,
                str(ROOT / "tests/formats/fuzz_formats.py"),
                f"{per_format:.0f}",
                str(asked.seed),
            ]
            failures += subprocess.run(command, check=False).returncode != 0  # Our own script.
        elif name == "signatures":
            failures += harness(name, rule_seed, read_rule, end, dice)
        else:
            failures += harness(name, partial(log_seed, format_id=name), read_log, end, dice)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
