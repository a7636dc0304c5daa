"""Saved exports as a check is given them: read by the formats that a case is read by."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from abm_trace.core.errors import NothingReadableError
from abm_trace.core.nouns import Blob, Fact, Reading, Skipped


def facts(paths: tuple[Path, ...], wanted: Callable[[Fact], bool], what: str) -> list[Fact]:
    """The facts of saved files that are wanted; what was not used is named. Raises NothingReadableError for none."""
    found = [fact for reading in readings(paths) for fact in reading.facts if wanted(fact)]
    if not found:
        raise NothingReadableError(
            f"no {what} among {', '.join(map(str, paths))}",
            hint="abm-trace triage CASE --files says how files are read.",
        )
    return found


def readings(paths: tuple[Path, ...]) -> list[Reading]:
    """The readings of saved files; what was not used is named."""
    from abm_trace import signatures
    from abm_trace.cli import _terminal
    from abm_trace.pipeline.reading import Reader

    rules, _ = signatures.load()
    reader = Reader(rules, UTC)
    found: list[Reading] = []
    skipped: list[Skipped] = []
    for path in paths:
        if path.is_file():
            found += reader.readings(Blob(str(path), str(path), path.stat().st_size))
        else:  # A fifo would be waited for.
            skipped.append(Skipped(str(path), "is no regular file" if path.exists() else "does not exist"))
    _terminal.name_skipped([*skipped, *(each for reading in found for each in reading.skipped)])
    return found
