"""Judge all devices of a case and complete what their verdicts cite: in this process, or in one a core."""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from abm_trace import verdict
from abm_trace.core.nouns import Blob, Device, Skipped, Verdict
from abm_trace.pipeline.cite import cite
from abm_trace.pipeline.isolate import isolated
from abm_trace.pipeline.workers import can_fork

ALONE_DEVICES_MAX: Final = 20_000
"""Up to here one process judges: a forked one would copy the facts that it looks at, 250 MB at 12,400 devices, to save
half a second. Origin: measured."""

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
        """The verdicts of the devices [first, last) with complete evidence, and what could not be judged."""
        verdicts, skipped = [], []
        for device in self.devices[first:last]:
            judged = isolated(device.serial, partial(verdict.judge, device, self.context, self.as_of))
            if isinstance(judged, Skipped):
                skipped.append(judged)
                judged = verdict.judge(Device(device.serial, device.attrs, ()), self.context, self.as_of)
            verdicts.append(judged)
        return cite(verdicts, self.blobs), skipped


_bench: Bench | None = None
_decoder = msgspec.msgpack.Decoder(_Judged)


def judge_all(bench: Bench, jobs: int, done: Callable[[int], None]) -> _Judged:
    """The verdicts in the order of the devices, and what could not be judged. `done` is told how many were judged."""
    global _bench  # noqa: PLW0603  # Forked processes inherit it.
    count = len(bench.devices)
    starts = range(0, count, _BATCH_DEVICES)
    verdicts: list[Verdict] = []
    skipped: list[Skipped] = []
    if jobs < 2 or count <= ALONE_DEVICES_MAX or not can_fork():
        for first in starts:
            judged, failed = bench.judge(first, first + _BATCH_DEVICES)
            verdicts += judged
            skipped += failed
            done(len(judged))
        return verdicts, skipped
    _bench = bench
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        for encoded in pool.imap(_judge, starts):
            judged, failed = _decoder.decode(encoded)
            verdicts += judged
            skipped += failed
            done(len(judged))
    _bench = None
    return verdicts, skipped


def _judge(first: int) -> bytes:
    if _bench is None:
        message = "the judging process was not started"
        raise RuntimeError(message)
    return msgspec.msgpack.encode(_bench.judge(first, first + _BATCH_DEVICES))
