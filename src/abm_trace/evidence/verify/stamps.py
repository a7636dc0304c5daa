"""The time stamps of a log: what they are over, who gave them, and which dates of records they make impossible."""

import hashlib
from collections.abc import Iterator, Sequence

from abm_trace.evidence import stamp
from abm_trace.evidence._report import span
from abm_trace.evidence.errors import FormatError
from abm_trace.evidence.ledger import joined
from abm_trace.evidence.verify._log import Log
from abm_trace.evidence.verify.checkpoints import History


def look(log: Log, kept: History) -> None:
    """Name the stamps that are not what they should be, and the dates that cannot be."""
    digests = {hashlib.sha256(data).digest(): (size, data) for size, (_, data) in kept.items()}
    dated: list[tuple[int, int, str]] = []
    for path in sorted(log.below("stamps")):
        with log.naming(path):
            answer = log.folder.read(path, stamp.ANSWER_BYTES_MAX) or b""
            found = stamp.parse(answer)
            if found.digest not in digests:
                raise FormatError("is over no checkpoint that the store keeps")
            size, data = digests[found.digest]
            if path != f"stamps/{size}.{hashlib.sha256(answer).hexdigest()[:8]}.tsr":
                log.problem(path, "is not what its name says")
            if log.options.roots:
                stamp.check(found, data, log.options.roots)
            dated.append((size, found.at, path))
            if log.report.anchor is None or found.at > log.report.anchor[0].at:
                log.report.anchor = found, size, bool(log.options.roots)
    _reasons(log, kept, {size for size, *_ in dated})
    for text, (first, last) in _impossible(log.ledger.times, dated, log.options.now):
        log.problem(span(first, last), text)


def _reasons(log: Log, kept: History, stamped: set[int]) -> None:
    """Tell of the kept checkpoints that nothing is a reason for."""
    before = 0
    for size in kept:
        if size not in stamped and not any(before <= index < size for index in log.ledger.keyed):
            log.remark(
                f"checkpoints/{size} is kept, no key came or went with it, and no time stamp is over it: an authority"
                " was asked and its answer not kept, or the stamp was taken away."
            )
        before = size


def _impossible(
    times: Sequence[int], stamps: Sequence[tuple[int, int, str]], now: int | None
) -> Iterator[tuple[str, tuple[int, int]]]:
    """What is wrong with the dates of records, and which (first, last) these are.

    `times` are the records' own, `now` that of who looks (µs UTC, None where nobody says); `stamps` are (entries that
    it is over, µs UTC, path).
    """
    found: dict[str, list[int]] = {}
    if now is not None and times and max(times) > now + stamp.APART:
        text = "dated later than now, by the clock of this machine: that, or the clock of the log, is or was wrong"
        found[text] = [index for index, at in enumerate(times) if at > now + stamp.APART]
    behind = sorted(stamps, reverse=True)  # The next stamp is the last one.
    later, path = 0, ""
    for index, at in enumerate(times if behind else ()):
        while behind and behind[-1][0] <= index:
            _, stamped, name = behind.pop()
            if stamped > later:
                later, path = stamped, name
        if at < later - stamp.APART:
            found.setdefault(f"dated before {path}, a time stamp that was there already", []).append(index)
    before = sorted(stamps)
    earlier, path = 1 << 62, ""
    for index in range(len(times) - 1 if before else -1, -1, -1):
        while before and before[-1][0] > index:
            _, stamped, name = before.pop()
            if stamped < earlier:
                earlier, path = stamped, name
        if times[index] > earlier + stamp.APART:
            found.setdefault(f"dated after {path}, the time stamp over it", []).append(index)
    for text, indexes in found.items():
        yield from ((text, each) for each in joined(sorted(indexes)))
