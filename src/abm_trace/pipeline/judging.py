"""Judge all devices of a case and complete what their verdicts cite: in this process, or in one a core."""

import gc
import multiprocessing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing.pool import Pool
from typing import Final

import msgspec
from msgspec.structs import replace

from abm_trace import verdict
from abm_trace.core.nouns import Blob, Device, Origin, Skipped, Verdict
from abm_trace.pipeline.cite import cited, completed, wanted
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.text import BLOCK_BYTES
from abm_trace.pipeline.workers import can_fork

ALONE_DEVICES_MAX: Final = 20_000
"""Up to here one process judges: a forked one would copy the facts that it looks at, 250 MB at 12,400 devices, to save
half a second. To read again what is cited takes as long and needs no facts. Origin: measured."""

CITED_HERE_MAX: Final = 1_000
"""Up to how many devices processes that read again what is cited are not worth their start. Origin: measured."""

_BATCH_DEVICES = 500

_Judged = tuple[list[Verdict], list[Skipped]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a judging process looks at; forked processes inherit it and nothing is sent to them."""

    devices: Sequence[Device]
    context: verdict.Context
    as_of: int
    blobs: Mapping[str, Blob]

    def judge(self, first: int, last: int) -> _Judged:
        """The verdicts of the devices [first, last), and what could not be judged."""
        verdicts, skipped = [], []
        for device in self.devices[first:last]:
            judged = isolated(device.serial, partial(verdict.judge, device, self.context, self.as_of))
            if isinstance(judged, Skipped):
                skipped.append(judged)
                judged = verdict.judge(Device(device.serial, device.attrs, ()), self.context, self.as_of)
            verdicts.append(judged)
        return verdicts, skipped

    def complete(self, origins: Mapping[str, Collection[Origin]]) -> dict[Origin, Origin]:
        """What is cited → the same, complete."""
        return completed(origins, self.blobs, bytearray(BLOCK_BYTES)) if origins else {}

    def whole(self, first: int, last: int) -> _Judged:
        """The verdicts with complete evidence, and what could not be judged."""
        verdicts, skipped = self.judge(first, last)
        return cited(verdicts, self.complete(wanted(verdicts, self.blobs))), skipped


_bench: Bench | None = None
_decoder = msgspec.msgpack.Decoder(_Judged)
_wanted = msgspec.msgpack.Decoder(dict[str, list[Origin]])
_places = msgspec.msgpack.Decoder(list[tuple[int | None, str]])


def judge_all(bench: Bench, jobs: int, done: Callable[[int], None]) -> _Judged:
    """The verdicts in the order of the devices, and what could not be judged. `done` is told how many were judged."""
    verdicts: list[Verdict] = []
    skipped: list[Skipped] = []
    for judged, failed in _batches(bench, jobs):
        verdicts += judged
        skipped += failed
        done(len(judged))
    return verdicts, skipped


def _batches(bench: Bench, jobs: int) -> Iterator[_Judged]:
    global _bench  # noqa: PLW0603  # Forked processes inherit it.
    count = len(bench.devices)
    starts = range(0, count, _BATCH_DEVICES)
    if jobs < 2 or count <= CITED_HERE_MAX or not can_fork():
        for first in starts:
            yield bench.whole(first, first + _BATCH_DEVICES)
        return
    _bench = bench
    if count > ALONE_DEVICES_MAX:
        with _pool(jobs) as pool:
            yield from map(_decoder.decode, pool.imap(_judge, starts))
    else:
        batches = [bench.judge(first, first + _BATCH_DEVICES) for first in starts]
        asked = [{path: list(each) for path, each in wanted(judged, bench.blobs).items()} for judged, _ in batches]
        with _pool(jobs) as pool:
            answers = pool.map(_cite, map(msgspec.msgpack.encode, asked), chunksize=1)
        for (judged, failed), origins, answer in zip(batches, asked, answers, strict=True):
            places = zip(chain.from_iterable(origins.values()), _places.decode(answer), strict=True)
            complete = {each: replace(each, line=line, sha256=digest) for each, (line, digest) in places if digest}
            yield cited(judged, complete), failed
    _bench = None


def _pool(jobs: int) -> Pool:
    """Processes that share what this one holds: a collection would touch, and so copy, all of it."""
    return multiprocessing.get_context("fork").Pool(jobs, initializer=gc.disable)


def _judge(first: int) -> bytes:
    return msgspec.msgpack.encode(_inherited().whole(first, first + _BATCH_DEVICES))


def _cite(asked: bytes) -> bytes:
    """(line, digest) of each origin that is asked for, in order; (None, "") where its blob cannot be read again."""
    origins = _wanted.decode(asked)
    complete = _inherited().complete(origins)
    found = (complete.get(each, each) for each in chain.from_iterable(origins.values()))
    return msgspec.msgpack.encode([(each.line, each.sha256) for each in found])


def _inherited() -> Bench:
    if _bench is None:
        message = "the judging process was not started"
        raise RuntimeError(message)
    return _bench
