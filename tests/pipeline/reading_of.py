"""Read bytes as a blob of a case, as the tests of the pipeline need it."""

from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path

from abm_trace import signatures
from abm_trace.core.nouns import Blob, Reading
from abm_trace.pipeline.reading import Reader

SUBSYSTEM = "com.apple.DeviceManagement.Enrollment"


@cache
def rules() -> tuple[signatures.Signature, ...]:
    """Our own signatures."""
    return tuple(signatures.load()[0])


def blob(folder: Path, data: bytes, name: str = "a.log") -> Blob:
    """A file with these bytes, as the folder source gives it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Blob(name, str(path), len(data))


def reading(folder: Path, data: bytes, name: str = "a.log", zone: tzinfo = UTC, forced: str = "") -> Reading:
    """What a reader makes of these bytes."""
    return Reader(rules(), zone, forced).read(blob(folder, data, name))


def line(second: int, message: str, minute: str = "2026-05-17 03:47") -> str:
    """A line of the guide's log."""
    return f"{minute}:{second:02d}.000 DEBUG {SUBSYSTEM} [ABM] {message}\n"


def reasons(found: Reading) -> list[str]:
    """Why things of the reading were not used."""
    return [each.reason for each in found.skipped]
