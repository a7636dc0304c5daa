"""Judge all devices of a case and complete what their verdicts cite: in this process, or in one a core."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from abm_trace import verdict
from abm_trace.core.nouns import Blob, Device, Origin, Skipped, Verdict
from abm_trace.core.packed import Packed, packed
from abm_trace.core.spill import Spill
from abm_trace.pipeline import workers
from abm_trace.pipeline.cite import cited, completed, wanted
from abm_trace.pipeline.crew import Crew, can_fork
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.text import block_buffer

ALONE_DEVICES_MAX: Final = 20_000
"""Up to here one process judges: a forked one would copy the facts that it looks at, 250 MB at 12,400 devices, to save
half a second. To read again what is cited takes as long and needs no facts. Origin: measured."""

_BATCH_DEVICES = 500
_BATCHES: Final = 25
_BATCH_DEVICES_MIN: Final = 100
"""Fewer devices are judged in so many batches, but for small ones: at the end nobody waits long until the last batch is
read again. Origin: measured; small batches of a large case take a tenth more, by what each costs.
"""

_Judged = tuple[list[Verdict], list[Skipped]]
_Block = tuple[bytes, int, list[Skipped]]
"""Verdicts that were packed, how many, and what could not be judged."""


class Bench(msgspec.Struct, frozen=True):
    """What a judging process looks at; forked processes inherit it and nothing is sent to them."""

    devices: Sequence[Device]
    context: verdict.Context
    as_of: int
    blobs: Mapping[str, Blob]

    def judge(self, first: int, last: int) -> _Judged:
        """The verdicts of the devices [first, last), and what could not be judged."""
        verdicts, skipped = [], []
        for number in range(first, min(last, len(self.devices))):  # A slice would decode all of them at once.
            device = self.devices[number]
            judged = isolated(device.serial, partial(verdict.judge, device, self.context, self.as_of))
            if isinstance(judged, Skipped):
                skipped.append(judged)
                judged = verdict.judge(Device(device.serial, device.attrs, ()), self.context, self.as_of)
            verdicts.append(judged)
        return verdicts, skipped

    def whole(self, first: int, last: int) -> _Judged:
        """The verdicts with complete evidence, and what could not be judged."""
        verdicts, skipped = self.judge(first, last)
        origins = wanted(verdicts, self.blobs)
        return cited(verdicts, completed(origins, self.blobs, block_buffer()) if origins else {}), skipped


_bench: Bench | None = None
_wanted = msgspec.msgpack.Decoder(list[tuple[str, list[Origin]]])
_places = msgspec.msgpack.Decoder(list[tuple[int | None, str]])


def judge_all(
    bench: Bench, jobs: int, crew: Crew | None, done: Callable[[int], None]
) -> tuple[Sequence[Verdict], list[Skipped]]:
    """The verdicts in the order of the devices, packed where they are very many, and what could not be judged.

    The processes of `crew`, if it has any, read again what is cited while this one judges. `done` is told how many
    were judged.
    """
    size = min(max(len(bench.devices) // _BATCHES, _BATCH_DEVICES_MIN), _BATCH_DEVICES)
    starts = range(0, len(bench.devices), size)
    verdicts: list[Verdict] | Packed[Verdict] = []
    skipped: list[Skipped] = []
    if len(bench.devices) > ALONE_DEVICES_MAX:
        verdicts = Packed(Verdict, _BATCH_DEVICES, spill=Spill())
        if jobs > 1 and can_fork():
            for block, count, failed in _in_processes(bench, jobs, starts):
                verdicts.take(block, count)
                skipped += failed
                done(count)
            return verdicts, skipped
    for judged, failed in _batches(bench, crew, starts):
        verdicts.extend(judged)
        skipped += failed
        done(len(judged))
    if isinstance(verdicts, Packed):
        verdicts.close()
    return verdicts, skipped


@contextmanager
def side_by_side(verdicts: Sequence[Verdict], jobs: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """What does a task with each block of packed verdicts: in one process a core where they are packed; else `map`."""
    jobs = jobs or workers.cores()
    if not isinstance(verdicts, Packed) or jobs < 2 or not can_fork():
        yield map
        return
    with Crew(jobs, gc.disable) as crew:
        yield crew.in_order


def _batches(bench: Bench, crew: Crew | None, starts: range) -> Iterator[_Judged]:
    if not crew:
        for first in starts:
            yield bench.whole(first, first + starts.step)
    else:
        yield from _cited_by(crew, bench, starts)


def _in_processes(bench: Bench, jobs: int, starts: range) -> Iterator[_Block]:
    global _bench  # noqa: PLW0603  # Forked processes inherit it.
    _bench = bench
    try:
        with Crew(jobs, gc.disable) as crew:  # A collection would touch, and so copy, all that is shared with them.
            for judged in [crew.later(_judge, first, first + starts.step) for first in starts]:
                yield judged()
    finally:
        _bench = None


def _judge(first: int, last: int) -> _Block:
    if _bench is None:
        message = "the judging process was not started"
        raise RuntimeError(message)
    verdicts, skipped = _bench.whole(first, last)
    return packed(verdicts), len(verdicts), skipped


def _cited_by(crew: Crew, bench: Bench, starts: range) -> Iterator[_Judged]:
    asked = []
    for first in starts:
        judged, failed = bench.judge(first, first + starts.step)
        origins = [(path, list(each)) for path, each in wanted(judged, bench.blobs).items()]
        blobs = [bench.blobs[path] for path, _ in origins]
        asked.append((judged, failed, origins, crew.later(_cite, msgspec.msgpack.encode(origins), blobs)))
    for judged, failed, origins, answer in asked:
        places = zip(chain.from_iterable(each for _, each in origins), _places.decode(answer()), strict=True)
        complete = {each: replace(each, line=line, sha256=digest) for each, (line, digest) in places if digest}
        yield cited(judged, complete), failed


def _cite(asked: bytes, blobs: Sequence[Blob]) -> bytes:
    """(line, digest) of each origin that is asked for, in order; (None, "") where its blob cannot be read again."""
    origins = _wanted.decode(asked)
    complete = completed(dict(origins), {blob.path: blob for blob in blobs}, workers.buffer())
    found = (complete.get(each, each) for each in chain.from_iterable(each for _, each in origins))
    return msgspec.msgpack.encode([(each.line, each.sha256) for each in found])
