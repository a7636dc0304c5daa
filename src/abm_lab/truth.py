"""The truth file: what the specification makes of the evidence that the lab wrote."""

from pathlib import Path

import msgspec


class DeviceTruth(msgspec.Struct, frozen=True):
    """The truth about one device; `logged` says whether its log is in the case, `fate` what was planted."""

    serial: str
    site: str | None
    fate: str
    logged: bool
    verdict: str
    layer: str | None
    cause: str | None
    last_rung: str
    contributing: list[str] = []
    missing: list[str] = []
    attempts: int = 0


class CaseTruth(msgspec.Struct, frozen=True):
    """A whole truth file; `simulated` is always true and stands in it so that nobody takes it for a real rollout."""

    schema: str
    simulated: bool
    scenario: str
    proportions: str
    seed: int
    as_of: str
    devices: list[DeviceTruth]


SCHEMA = "abm-lab/truth/1"


class TruthError(Exception):
    """A truth file that cannot be read; the text says why."""


def read_truth(path: Path) -> CaseTruth:
    """The truth file at `path`."""
    try:
        truth = msgspec.json.decode(path.read_bytes(), type=CaseTruth)
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror}; give the truth.json that `abm-lab case` wrote") from error
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise TruthError(f"{path}: no truth file of abm-lab ({error})") from error
    if truth.schema != SCHEMA:
        raise TruthError(f"{path}: schema {truth.schema!r}, expected {SCHEMA!r}")
    return truth
