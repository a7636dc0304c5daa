"""Give the cited log lines their number and their digest: only what a verdict cites is counted and hashed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from abm_trace.core.nouns import Blob, Finding, Origin, Verdict
from abm_trace.pipeline.reading import BLOCK_BYTES
from abm_trace.pipeline.text import Text, encoding_of
from abm_trace.sources.stream import Stream, StreamError


def cite(verdicts: Iterable[Verdict], blobs: Mapping[str, Blob]) -> list[Verdict]:
    """The verdicts with every cited origin complete."""
    verdicts = list(verdicts)
    wanted: dict[str, set[Origin]] = defaultdict(set)
    for verdict in verdicts:
        for finding in verdict.findings:
            for origin in finding.evidence:
                if not origin.sha256 and origin.path in blobs:
                    wanted[origin.path].add(origin)
    complete: dict[Origin, Origin] = {}
    buffer = bytearray(BLOCK_BYTES)
    for path, origins in wanted.items():
        complete.update(completed(blobs[path], origins, buffer))
    if not complete:
        return verdicts
    return [_with(verdict, complete) for verdict in verdicts]


def completed(blob: Blob, origins: Iterable[Origin], buffer: bytearray) -> dict[Origin, Origin]:
    """Each origin of the blob → the same with line and sha256. One that cannot be read again stays as it is."""
    left = sorted(origins, key=lambda origin: origin.offset or 0)
    found: dict[Origin, Origin] = {}
    try:
        stream = Stream(blob)
    except StreamError:
        return found
    try:
        size = stream.readinto(memoryview(buffer))
        text = Text(encoding_of(bytes(memoryview(buffer)[:65536])))
        base, line = 0, 1
        for block, filled, _ in text.blocks(stream, buffer, size):
            counted = 0
            while left and (left[0].offset or 0) < base + filled:
                origin = left.pop(0)
                place = (origin.offset or 0) - base
                start = block.rfind(b"\n", 0, place) + 1 if origin.length else 0
                stop = block.find(b"\n", place, filled)
                stop = filled if stop < 0 else stop
                line += block.count(b"\n", counted, start)
                counted = start
                digest = sha256(bytes(memoryview(block)[start:stop]).removesuffix(b"\r")).hexdigest()
                found[origin] = msgspec.structs.replace(origin, line=line, sha256=digest)
            if not left:
                break
            line += block.count(b"\n", counted, filled)
            base += filled
    finally:
        stream.close()
    return found


def _with(verdict: Verdict, complete: Mapping[Origin, Origin]) -> Verdict:
    if not any(origin in complete for finding in verdict.findings for origin in finding.evidence):
        return verdict
    return msgspec.structs.replace(verdict, findings=tuple(_finding(finding, complete) for finding in verdict.findings))


def _finding(finding: Finding, complete: Mapping[Origin, Origin]) -> Finding:
    return msgspec.structs.replace(finding, evidence=tuple(complete.get(origin, origin) for origin in finding.evidence))
