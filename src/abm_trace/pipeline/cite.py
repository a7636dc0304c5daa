"""Give the cited log lines their number and their digest: only what a verdict cites is counted and hashed."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256

import msgspec

from abm_trace.core.nouns import Blob, Finding, Origin, Verdict
from abm_trace.pipeline.members import Member, by_archive, each_opened
from abm_trace.pipeline.text import text_of
from abm_trace.sources.stream import Stream, StreamError


def wanted(verdicts: Iterable[Verdict], blobs: Mapping[str, Blob]) -> dict[str, set[Origin]]:
    """What the verdicts cite and is not complete: the path of a blob → its origins."""
    found: dict[str, set[Origin]] = defaultdict(set)
    for verdict in verdicts:
        for finding in verdict.findings:
            for origin in finding.evidence:
                if not origin.sha256 and origin.path in blobs:
                    found[origin.path].add(origin)
    return found


def cited(verdicts: Iterable[Verdict], complete: Mapping[Origin, Origin]) -> list[Verdict]:
    """The verdicts with their origins as complete as they came."""
    return [_with(verdict, complete) for verdict in verdicts] if complete else list(verdicts)


def completed(
    wanted: Mapping[str, Iterable[Origin]], blobs: Mapping[str, Blob], buffer: bytearray
) -> dict[Origin, Origin]:
    """Each origin → the same with line and sha256, where its blob can be read again; no file is opened twice."""
    found: dict[Origin, Origin] = {}
    left: dict[str, list[Origin]] = {}
    for path, origins in wanted.items():
        left[path] = []
        for origin in origins:
            if (first := _first(blobs[path], origin)) is not None:
                found[origin] = first
            else:
                left[path].append(origin)
    for inside in by_archive(blobs[path] for path, origins in left.items() if origins).values():
        with suppress(StreamError):
            for path, stream in each_opened(inside):
                found.update(_cited(stream, left[path], buffer))
    return found


def _first(blob: Blob, origin: Origin) -> Origin | None:
    """The origin of a member's beginning complete, for that was gathered when the member was read."""
    if not isinstance(blob, Member) or origin.offset or origin.length or not blob.first_sha256:
        return None
    return msgspec.structs.replace(origin, line=1, sha256=blob.first_sha256)


def _cited(stream: Stream, origins: Iterable[Origin], buffer: bytearray) -> dict[Origin, Origin]:
    left = sorted(origins, key=lambda origin: origin.offset or 0)
    found: dict[Origin, Origin] = {}
    lines = Lines()
    size = stream.readinto(memoryview(buffer))
    text = text_of(buffer, size)
    for block, filled, _ in text.blocks(stream, buffer, size):
        count = bisect_left(left, lines.offset + filled, key=lambda origin: origin.offset or 0)
        places = [(origin.offset or 0, origin.length) for origin in left[:count]]
        for origin, place in zip(left, places, strict=False):
            line, digest = lines.cite(block, filled, *place)
            found[origin] = msgspec.structs.replace(origin, line=line, sha256=digest)
        left = left[count:]
        if not left:  # The lines behind it are not counted.
            break
        lines.leave(block, filled)
    return found


class Lines:
    """Counts the lines of a text that comes in blocks, and hashes those that are cited."""

    def __init__(self, offset: int = 0, line: int = 1) -> None:
        self.offset = offset
        self.line = line
        self._counted = 0  # To where in the block; `line` begins there.
        self._known = (0, -1, "")  # The line that was cited last, and its digest: very many may be cited of a long one.

    def cite(self, block: bytearray, filled: int, offset: int, length: int) -> tuple[int, str]:
        """(line, digest) of a place in the block; those that come in order of offset cost little."""
        place = offset - self.offset
        if length and self._known[0] <= place <= self._known[1]:
            return self.line, self._known[2]
        start = block.rfind(b"\n", 0, place) + 1 if length else 0
        stop = block.find(b"\n", place, filled)
        stop = filled if stop < 0 else stop
        if start >= self._counted:
            self.line += block.count(b"\n", self._counted, start)
        else:
            self.line -= block.count(b"\n", start, self._counted)
        self._counted = start
        digest = sha256(bytes(memoryview(block)[start:stop]).removesuffix(b"\r")).hexdigest()
        self._known = (start, stop if length else -1, digest)
        return self.line, digest

    def leave(self, block: bytearray, filled: int) -> None:
        """Be done with the block."""
        self.line += block.count(b"\n", self._counted, filled)
        self.offset += filled
        self._counted = 0
        self._known = (0, -1, "")


def _with(verdict: Verdict, complete: Mapping[Origin, Origin]) -> Verdict:
    if not any(origin in complete for finding in verdict.findings for origin in finding.evidence):
        return verdict
    return msgspec.structs.replace(verdict, findings=tuple(_finding(finding, complete) for finding in verdict.findings))


def _finding(finding: Finding, complete: Mapping[Origin, Origin]) -> Finding:
    return msgspec.structs.replace(finding, evidence=tuple(complete.get(origin, origin) for origin in finding.evidence))
