"""The one way through: blobs → facts → devices → verdicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from abm_trace import identity, signatures, verdict
from abm_trace.core.errors import NothingReadableError
from abm_trace.core.nouns import Blob, Device, Reading, Skipped, Verdict
from abm_trace.core.packed import Packed
from abm_trace.formats.exports._interface import MORE, PART
from abm_trace.pipeline import case as cases
from abm_trace.pipeline import moments, workers
from abm_trace.pipeline.boots import on_one_clock
from abm_trace.pipeline.crew import Crew
from abm_trace.pipeline.judging import Bench, judge_all
from abm_trace.pipeline.names import names_in
from abm_trace.pipeline.reading import ARCHIVE, Reader
from abm_trace.pipeline.years import with_years
from abm_trace.sources import folder


def _nothing(_stage: str, _count: int, _size: int) -> None:
    """Tell nobody."""


class Options(msgspec.Struct, frozen=True):
    """How a case is traced. `as_of` is µs UTC, `progress` is told (stage, items, bytes) as they are done."""

    as_of: int | None = None
    jobs: int = 0
    forced: str = ""
    signatures: Sequence[Path] = ()
    count_lines: bool = False
    thresholds: verdict.Thresholds | None = None
    progress: Callable[[str, int, int], None] = msgspec.field(default=_nothing)


class Triage(msgspec.Struct, frozen=True):
    """A traced case: its verdicts in order of serial, what was read, and what was not used."""

    verdicts: Sequence[Verdict]
    readings: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    devices: Sequence[Device]
    case: cases.Case
    context: verdict.Context
    as_of: int
    blobs: dict[str, Blob]


class Resolved(msgspec.Struct, frozen=True):
    """A case that was read and whose facts have found their devices, before anything is judged.

    `serials` are those of the `devices`, in their order. `kept_at` (µs UTC) is when it was traced, where this comes
    from a kept trace; None where it was read just now.
    """

    serials: Sequence[str]
    devices: Sequence[Device]
    skipped: tuple[Skipped, ...]
    case: cases.Case
    context: verdict.Context
    as_of: int
    blobs: Mapping[str, Blob]
    kept_at: int | None = None

    def judged(self, number: int) -> tuple[Verdict, tuple[Skipped, ...]]:
        """The verdict of one device, the same that `triage` gives, and all that was not used."""
        bench = Bench(self.devices[number : number + 1], self.context, self.as_of, self.blobs)
        (found,), failed = bench.whole(0, 1)
        return found, tuple(dict.fromkeys((*self.skipped, *failed)))


Listing = Sequence[Blob | Skipped]
"""What stands in the folder of a case, as `sources.folder.fetch` names it."""


def triage(path: Path, options: Options | None = None, listing: Listing | None = None) -> Triage:
    """Trace the case in the folder `path`; `listing` is what stands in it, where that is known.

    Raises UsageError if it cannot be listed, NothingReadableError if no file of it could be used.
    """
    work = _Work.of(path, options or Options(), listing)
    with work.crew() as crew:
        found, readings = work.resolved(crew)
        bench = Bench(found.devices, found.context, found.as_of, found.blobs)
        tell = work.options.progress
        verdicts, failed = judge_all(bench, work.jobs, crew, lambda count: tell("judged", count, 0))
    return Triage(
        verdicts=verdicts if isinstance(verdicts, Packed) else tuple(verdicts),
        readings=tuple(readings),
        skipped=_in_order((*found.skipped, *failed)),
        devices=found.devices,
        case=found.case,
        context=found.context,
        as_of=found.as_of,
        blobs=dict(found.blobs),
    )


def resolved(path: Path, options: Options | None = None, listing: Listing | None = None) -> Resolved:
    """The case in the folder `path` before anything is judged: for whoever asks for one device. Raises as `triage`."""
    work = _Work.of(path, options or Options(), listing)
    with work.crew() as crew:
        return work.resolved(crew)[0]


class _Work(msgspec.Struct, frozen=True):
    """A case that was listed, and what reads it."""

    path: Path
    options: Options
    case: cases.Case
    blobs: dict[str, Blob]
    skipped: list[Skipped]
    reader: Reader
    jobs: int

    @classmethod
    def of(cls, path: Path, options: Options, listing: Listing | None) -> "_Work":
        case = cases.read(path)
        found = list(folder.fetch(path)) if listing is None else listing
        blobs = {each.path: each for each in found if isinstance(each, Blob) and each.path != cases.NAME}
        skipped = [*case.skipped, *(each for each in found if isinstance(each, Skipped))]
        options.progress("found", len(blobs), sum(blob.size_bytes for blob in blobs.values()))
        rules, refused = signatures.load(options.signatures)
        reader = Reader(rules, case.zone, options.forced, options.count_lines)
        return cls(path, options, case, blobs, [*skipped, *refused], reader, options.jobs or workers.cores())

    def crew(self) -> AbstractContextManager[Crew | None]:
        """The processes that do it, where one is not enough."""
        return workers.crew(list(self.blobs.values()), self.reader, self.options.signatures, self.jobs)

    def resolved(self, crew: Crew | None) -> tuple[Resolved, list[Reading]]:
        """The case before anything is judged, and how each blob was read."""
        case, options, blobs = self.case, self.options, dict(self.blobs)
        readings, members = workers.read_all(
            list(blobs.values()), self.reader, crew, lambda count, size: options.progress("read", count, size)
        )
        if not any(_used(reading) for reading in readings):
            named = (*self.skipped, *(each for reading in readings for each in reading.skipped))
            raise NothingReadable(self.path, named)
        seen = {reading.path for reading in readings if reading.sights}  # Newer, and they move no clock of the case.
        modified_at = max((blob.modified_at for path, blob in blobs.items() if path not in seen), default=0)
        blobs |= {member.path: member for member in members}
        readings = with_years(readings, case.zone, options.as_of, modified_at)
        resolution = identity.resolve(readings, lambda reading: names_in(blobs[reading.path]), verdict.thinned)
        devices = on_one_clock(resolution.devices, readings)
        server_of = resolution.owners.servers.of_path
        as_of = options.as_of
        if as_of is None:
            wide = (fact for _, fact in resolution.wide)
            as_of = moments.newest_event(devices, readings, wide) or modified_at
        reach = moments.reach(readings, case, as_of, server_of)
        context = verdict.build(
            ((scope.kind, scope.name, fact) for scope, fact in resolution.wide),
            reach,
            options.thresholds or case.thresholds,
            {rule.id: (rule.confidence, rule.level) for rule in self.reader.signatures},
            simulated=case.simulated,
            held=moments.held(readings, reach),
        )
        unfinished = moments.unfinished(readings, server_of)
        skipped = [
            each
            for reading in readings
            for each in reading.skipped
            if reading.path in unfinished or not each.reason.startswith((MORE, PART))
        ]
        found = Resolved(
            serials=sorted(resolution.owners.serials.spelled.values()),  # In the order of the devices.
            devices=devices,
            skipped=_in_order((*self.skipped, *skipped, *resolution.skipped)),
            case=case,
            context=context,
            as_of=as_of,
            blobs=blobs,
        )
        return found, readings


def _in_order(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(skipped, key=lambda each: (each.path, each.line or 0, each.offset or 0, each.reason)))


def _used(reading: Reading) -> bool:
    """Whether a reading gave anything: facts, a capture's time, or an export that rightly holds nothing."""
    if reading.format == ARCHIVE:
        return False
    says = any(fact.kind != "coverage" or fact.at is not None for fact in reading.facts)
    return bool(says or (reading.format and (reading.first_at is not None or not reading.skipped)))


class NothingReadable(NothingReadableError):  # noqa: N818  # The base has the suffix.
    """Nothing of the case could be used; `skipped` says what stood there and why not."""

    def __init__(self, path: Path, skipped: tuple[Skipped, ...]) -> None:
        count = len(skipped)
        message = f"{path}: nothing that abm-trace reads ({count} thing{'s' * (count != 1)} looked at)"
        super().__init__(message, hint="See what a case holds: abm-trace triage --help")
        self.skipped = skipped
