"""The one way through: blobs → facts → devices → verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from abm_trace import identity, signatures, verdict
from abm_trace.core.errors import NothingReadableError
from abm_trace.core.nouns import Blob, Device, Reading, Skipped, Verdict
from abm_trace.formats.exports._interface import MORE
from abm_trace.pipeline import case as cases
from abm_trace.pipeline import moments, workers
from abm_trace.pipeline.judging import Bench, judge_all
from abm_trace.pipeline.names import names_in
from abm_trace.pipeline.reading import ARCHIVE, Reader
from abm_trace.sources import folder


def _nothing(_stage: str, _count: int, _size: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a case is traced. `as_of` is µs UTC, `progress` is told (stage, items, bytes) as they are done."""

    as_of: int | None = None
    jobs: int = 0
    forced: str = ""
    signatures: Sequence[Path] = ()
    count_lines: bool = False
    thresholds: verdict.Thresholds | None = None
    progress: Callable[[str, int, int], None] = field(default=_nothing)


@dataclass(frozen=True, slots=True)
class Triage:
    """A traced case: its verdicts in order of serial, what was read, and what was not used."""

    verdicts: tuple[Verdict, ...]
    readings: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    devices: tuple[Device, ...]
    case: cases.Case
    context: verdict.Context
    as_of: int
    blobs: dict[str, Blob]


def triage(path: Path, options: Options | None = None) -> Triage:
    """Trace the case in the folder `path`.

    Raises UsageError if it cannot be listed, NothingReadableError if no file of it could be used.
    """
    options = options or Options()
    case = cases.read(path)
    found = list(folder.fetch(path))
    blobs = {each.path: each for each in found if isinstance(each, Blob) and each.path != cases.NAME}
    skipped = [*case.skipped, *(each for each in found if isinstance(each, Skipped))]
    options.progress("found", len(blobs), sum(blob.size_bytes for blob in blobs.values()))
    rules, refused = signatures.load(options.signatures)
    skipped += refused
    reader = Reader(rules, case.zone, options.forced, options.count_lines)
    files, jobs = list(blobs.values()), options.jobs or workers.cores()
    with workers.crew(files, reader, options.signatures, jobs) as crew:
        readings, members = workers.read_all(
            files, reader, crew, lambda count, size: options.progress("read", count, size)
        )
        if not any(_used(reading) for reading in readings):
            named = (*skipped, *(each for reading in readings for each in reading.skipped))
            raise NothingReadable(path, named)
        seen = {reading.path for reading in readings if reading.sights}  # Newer, and they move no clock of the case.
        modified_at = max((blob.modified_at for path, blob in blobs.items() if path not in seen), default=0)
        blobs |= {member.path: member for member in members}
        readings = moments.with_years(readings, case.zone, options.as_of, modified_at)
        resolution = identity.resolve(readings, lambda reading: names_in(blobs[reading.path]))
        as_of = options.as_of
        if as_of is None:
            as_of = moments.newest_event(resolution.devices, readings) or modified_at
        context = verdict.build(
            ((scope.kind, scope.name, fact) for scope, fact in resolution.wide),
            moments.reach(readings, case, as_of, resolution.owners.servers.of_path),
            options.thresholds or case.thresholds,
            {rule.id: (rule.confidence, rule.level) for rule in rules},
            simulated=case.simulated,
        )
        bench = Bench(resolution.devices, context, as_of, blobs)
        verdicts, failed = judge_all(bench, jobs, crew, lambda n: options.progress("judged", n, 0))
        skipped += failed
    unfinished = moments.unfinished(readings, resolution.owners.servers.of_path)
    skipped += [
        each
        for reading in readings
        for each in reading.skipped
        if reading.path in unfinished or not each.reason.startswith(MORE)
    ]
    skipped += resolution.skipped
    return Triage(
        verdicts=tuple(verdicts),
        readings=tuple(readings),
        skipped=tuple(sorted(skipped, key=lambda each: (each.path, each.line or 0, each.offset or 0, each.reason))),
        devices=resolution.devices,
        case=case,
        context=context,
        as_of=as_of,
        blobs=blobs,
    )


def _used(reading: Reading) -> bool:
    """Whether a reading gave anything: facts, a capture's time, or an export that rightly holds nothing."""
    if reading.format == ARCHIVE:
        return False
    return bool(reading.facts or (reading.format and (reading.first_at is not None or not reading.skipped)))


class NothingReadable(NothingReadableError):  # noqa: N818  # The base has the suffix.
    """Nothing of the case could be used; `skipped` says what stood there and why not."""

    def __init__(self, path: Path, skipped: tuple[Skipped, ...]) -> None:
        count = len(skipped)
        message = f"{path}: nothing that abm-trace reads ({count} thing{'s' * (count != 1)} looked at)"
        super().__init__(message, hint="See what a case holds: abm-trace triage --help")
        self.skipped = skipped
