"""What the triage cannot do without, alone: every log read once and scanned, in one process a core, no hit looked at.

`python scripts/scan_alone.py LOGS`. scripts/bench.py sets it beside the peers: so much of their time is left for all
that a verdict needs. It prints how many places were found.
"""

import os
import sys
from multiprocessing import get_context
from pathlib import Path
from typing import cast

from abm_trace import signatures
from abm_trace.pipeline.scanning import SAMPLE_BYTES, Scanning
from abm_trace.pipeline.text import block_buffer

BATCH = 64


def scan(paths: list[Path]) -> int:
    """How many places in these files the scanner stops at."""
    count = 0

    def found(*_: object) -> None:
        nonlocal count
        count += 1

    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        while size := os.readv(descriptor, [BUFFER]):
            view = cast("bytes", memoryview(BUFFER)[:size])  # The stubs know no other buffer.
            DATABASE.scan(view, match_event_handler=found, scratch=SCRATCH)
        os.close(descriptor)
    return count


if __name__ == "__main__":
    files = sorted(Path(sys.argv[1]).iterdir())
    sample = b"".join(path.read_bytes() for path in files[:4])[:SAMPLE_BYTES]
    scanner = Scanning(signatures.load()[0]).of_log(lambda size: sample[:size], long=False)
    DATABASE, SCRATCH, BUFFER = scanner._database, scanner._scratch, block_buffer()  # noqa: SLF001
    with get_context("fork").Pool(os.cpu_count()) as pool:
        batches = [files[first : first + BATCH] for first in range(0, len(files), BATCH)]
        print(sum(pool.imap_unordered(scan, batches)))
