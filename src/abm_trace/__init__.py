"""Follows every device of an Apple Business Manager rollout up one ladder and says what stopped it.

The Python API is `triage(path)` and what it returns: a `Triage` of `Verdict`s (docs/python-api.md).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from abm_trace.core.errors import AbmTraceError
    from abm_trace.core.nouns import Verdict
    from abm_trace.pipeline.triage import Triage

    __version__: str

__all__ = ["AbmTraceError", "Triage", "Verdict", "__version__", "triage"]

_HOMES = {
    "AbmTraceError": "abm_trace.core.errors",
    "Verdict": "abm_trace.core.nouns",
    "Triage": "abm_trace.pipeline.triage",
}


def triage(
    path: "str | Path", *, as_of: "datetime | None" = None, signatures: "Sequence[str | Path]" = (), jobs: int = 0
) -> "Triage":
    """The traced case in the folder `path`: a verdict for every device, in order of serial.

    `as_of` fixes "now" (aware; the newest event where it is None), `signatures` are folders of Sigma rules to use
    too, `jobs` is how many processes read (0: one a core). Raises AbmTraceError, whose `diagnostics()` is for
    people: UsageError if `path` cannot be listed, NothingReadableError if no file of it could be used.
    """
    from datetime import UTC
    from pathlib import Path

    from abm_trace.core.instants import from_datetime
    from abm_trace.pipeline.triage import Options
    from abm_trace.pipeline.triage import triage as trace

    at = None if as_of is None else from_datetime(as_of, UTC)
    return trace(Path(path), Options(as_of=at, jobs=jobs, signatures=[Path(each) for each in signatures]))


def __getattr__(name: str) -> object:
    """The lazy names: `import abm_trace` alone loads none of the scanner."""
    if name == "__version__":
        from importlib.metadata import version

        return version("abm-trace")
    if name in _HOMES:
        from importlib import import_module

        found: object = getattr(import_module(_HOMES[name]), name)
        return found
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
