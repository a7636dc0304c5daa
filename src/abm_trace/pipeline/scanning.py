"""Which scanner reads the logs of a process: the one that is fastest on their text."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from abm_trace.pipeline.losses import LOSS
from abm_trace.signatures import Signature, windows
from abm_trace.signatures.scan import Scanner

SAMPLE_BYTES: Final = 1024 * 1024
"""So much text says which scanner is the fastest one; of less the processor learns too much by heart. Origin: measured
[docs/adr/0004-windows-from-a-sample.md]."""

_TRIES: Final = 3
_STOPS_MAX: Final = 5
"""A scanner suits a log if it stops at less than one line in so many. Origin: ours; each costs some 10 µs."""

_REMADE_MAX: Final = 32
"""For so many long logs that it does not suit a scanner is made anew."""


class Scanning:
    """The scanner of a process: made for its first log, chosen once it has seen enough text."""

    def __init__(self, signatures: Sequence[Signature]) -> None:
        self.scanner: Scanner | None = None
        self._signatures = (*signatures, LOSS)
        self._sample: bytearray | None = bytearray()
        self._left = _REMADE_MAX

    def of_log(self, begin: Callable[[int], bytes], *, long: bool) -> Scanner:
        """The scanner for a log, of whose text `begin` gives so many bytes.

        Where it would stop at many lines of a `long` log, another one is made for that, and kept if it stops at fewer.
        """
        if self._sample is not None:
            self._sample += begin(SAMPLE_BYTES - len(self._sample))
            if len(self._sample) >= SAMPLE_BYTES:
                self.scanner, self._sample = self._fastest(self._sample, self.scanner), None
        if self.scanner is None:
            self.scanner = Scanner(self._signatures, begin(windows.SAMPLE_BYTES))
        if long and self._left:
            sample = bytearray(begin(windows.SAMPLE_BYTES))
            del sample[sample.rfind(b"\n") + 1 :]
            hits = self.scanner.hits(sample, len(sample))
            if _STOPS_MAX * len(hits) > sample.count(b"\n"):
                self._left -= 1
                other = self._fastest(bytearray(begin(SAMPLE_BYTES)))
                self.scanner = other if len(other.hits(sample, len(sample))) < len(hits) else self.scanner
        return self.scanner

    def _fastest(self, sample: bytearray, known: Scanner | None = None) -> Scanner:
        """The fastest one on the sample; `known` is one of the first way, which need not be made again."""

        def took(scanner: Scanner) -> float:
            begun = perf_counter()
            scanner.hits(sample, len(sample))
            return perf_counter() - begun

        first, *others = windows.WAYS
        made = [known or Scanner(self._signatures, bytes(sample), first)]
        made += [Scanner(self._signatures, bytes(sample), way) for way in others]
        return min(made, key=lambda scanner: min(took(scanner) for _ in range(_TRIES)))
