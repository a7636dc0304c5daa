"""Hand a run of the guard to an evidence log: the case as inputs, the verdicts, and the record of what was done."""

from functools import partial
from pathlib import Path
from typing import BinaryIO

from abm_trace.core import instants
from abm_trace.evidence.adding import Input, add
from abm_trace.evidence.blobs import Binding, Ids
from abm_trace.evidence.entry import Kept as Kind
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer
from abm_trace.gates.guard import kept
from abm_trace.gates.guard.kept import GuardRecord


def hand_over(folder: Path, record: GuardRecord, places: Places, now: int) -> tuple[range, list[str]]:
    """The records that the log got, and what could not be read; `now` is µs UTC. Raises EvidenceError."""
    devices = tuple(Ids(serial=each.device) for each in record.devices if each.device)
    files = sorted(path for path in (folder / "case").rglob("*") if path.is_file() and not path.is_symlink())
    parts: tuple[tuple[Kind, list[Path]], ...] = (
        ("raw", files),
        ("verdict", [path for path in [folder / kept.VERDICTS] if path.exists()]),
        ("action", [folder / kept.RECORD]),
    )
    problems: list[str] = []
    with Writer(places) as writer:
        first = writer.size
        for kind, paths in parts:
            inputs = [
                Input(str(path), partial(_open, path), Binding(str(path.relative_to(folder.parent)), devices))
                for path in paths
            ]
            added = add(writer, inputs, kind=kind, origin="guard", now=now // instants.SECOND * instants.SECOND)
            problems += [f"{each.name}: {each.reason}" for each in added if each.record is None]
        return range(first, writer.size), problems


def _open(path: Path) -> BinaryIO:
    return path.open("rb")
