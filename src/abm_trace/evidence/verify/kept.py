"""What the records of a log keep, held against what they committed to: private lines, kept bytes, purges, nonces."""

from array import array
from itertools import pairwise
from typing import Final

from abm_trace.evidence import blobs, tiles
from abm_trace.evidence._report import counted, span
from abm_trace.evidence.entry import KEPT, Entry
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.ledger import joined
from abm_trace.evidence.published import Published
from abm_trace.evidence.verify._log import Log

TIMES_MAX: Final = 100
"""How many times its size a kept file is expanded where no key is given, by which to know who says so. Origin: ours."""


class Kept:
    """What is found record by record: `digests` are of the files that belong to one.

    `reach` is how many records the private lines are for, where they are more than was looked at.
    """

    def __init__(self, log: Log) -> None:
        self.digests: set[str] = set()
        self.reach = 0
        self.missing: list[tuple[int, str]] = []
        self._log, self._report, self._problem, self._remark = log, log.report, log.problem, log.remark
        self._files = set(log.below("private"))
        self._nonces = array("Q")
        self._kept: list[int] = []
        self._purged: list[int] = []

    def lines(self, number: int, width: int) -> list[str | None]:
        """The private lines of a bundle of so many records; None for each that cannot be read, which is named."""
        path = blobs.private_path(number)
        if self._log.is_bundle and path not in self._files:
            return [blobs.NOTHING] * width
        try:
            lines: list[str | None] = [*Published(self._log.folder).private(number, errors="surrogateescape")]
        except EvidenceError as error:
            self._problem(path, str(error))
            return [None] * width
        base, count = number * tiles.WIDTH, len(lines)
        if count < width:
            self._problem(span(base + count, base + width - 1), f"their lines in {path} are missing")
        if count > tiles.WIDTH:
            self._problem(path, f"has {counted(count - tiles.WIDTH, 'line')} more than a file of records has")
        elif count > width:  # Or the log grew, which the next checkpoint says.
            self.reach = max(self.reach, base + count)
        return [*lines, *([None] * (width - count))]

    def look(self, index: int, entry: Entry, line: str | None) -> None:
        """Hold the private line of a record, and the bytes that it leads to, against its entry."""
        where = f"record {index}"
        if line is None:
            return  # Named already.
        if entry.kind not in KEPT:
            if line != blobs.NOTHING:
                self._problem(where, "keeps nothing, and has a private line")
            return
        try:
            secret = blobs.Secret.parse(line)
        except FormatError as error:
            self._problem(where, str(error))
            return
        if secret is None:
            self._purged.append(index)
            return
        self.digests.add(secret.sha256)
        self._nonces.append(int.from_bytes(secret.nonce[:8], "big"))
        self._kept.append(index)
        if blobs.binding_commitment(secret) != entry.binds:
            self._problem(where, "its nonce or binding (path, device, token) is another than was committed to")
        self._bytes(index, entry, secret)

    def _bytes(self, index: int, entry: Entry, secret: blobs.Secret) -> None:
        where, path = f"record {index}", blobs.path_of(secret.sha256)
        try:
            file = self._log.folder.open(path)
            if file is None:
                self.missing.append((index, path))
                return
            with file:
                times_max = 0 if self._log.options.keys else TIMES_MAX
                opened = blobs.open_stored(file, secret.nonce, entry.size_bytes or 0, times_max)
        except (EvidenceError, OSError) as error:
            self._problem(where, f"{path}: {str(error).removeprefix(f'{path}: ')}")
            return
        as_stored = opened.stored.hexdigest() == entry.stored
        if opened.problem == blobs.TOO_MUCH and as_stored:  # What was put in its place is named, however far it goes.
            self._remark(
                f"{where}: {entry.size_bytes or 0:,} bytes out of {path}, more than {TIMES_MAX} times what is stored."
                " Not looked at without --key: anybody could claim that."
            )
            return
        if opened.problem:
            self._problem(where, f"{path}: {opened.problem}")
        elif (opened.commitment, opened.sha256, opened.size_bytes) != (entry.c, secret.sha256, entry.size_bytes):
            self._problem(where, f"{path}: is not what was committed to")
        elif not as_stored:
            self._problem(where, f"{path}: the same bytes, stored in another way than was committed to")
        elif entry.lines and opened.lines != entry.lines:
            self._problem(where, f"{path}: its lines are others than were committed to")
        self._report.kept += 1
        self._report.kept_bytes += opened.size_bytes

    def settle(self) -> None:
        """Once all records were looked at: name what is gone without a purge, and nonces that were used twice."""
        report, is_purged = self._report, self._log.ledger.is_purged
        for index in self._purged:
            if is_purged(index):
                report.purged += 1
            elif self._log.is_bundle:
                report.withheld += 1
            else:
                report.problem(f"record {index}", "its bytes and nonce were deleted, and no purge entry says so")
        nonces = sorted(self._nonces)
        if (twice := sum(one == other for one, other in pairwise(nonces))) or nonces[:1] == [0]:
            self._remark(
                f"Nonces that were used before: {twice:,}. They have to be random: each opens more than its own record."
            )
        if unfinished := [index for index in self._kept if is_purged(index)]:
            names = ", ".join(span(first, last) for first, last in joined(unfinished))
            self._remark(f"{names}: purged, and not yet deleted; the next append finishes it.")
        for index, path in self.missing:
            if not is_purged(index):
                report.problem(f"record {index}", f"{path}: is missing, and no purge entry says so")
