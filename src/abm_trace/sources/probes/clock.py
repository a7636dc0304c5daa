"""A measured clock as the CSV row that a case holds (CASE.md, Clock): device − reference, dated by the reference."""

import csv
import io
import socket

from abm_trace.core import instants

HEADER = b"serial,staging_host,measured_at,offset_seconds\r\n"


def row(offset_s: float, wall_us: int, host: str = "") -> bytes:
    """The row of a clock that showed `wall_us` and was off by `offset_s`; `host` is this computer if none is named."""
    at = min(max(wall_us - round(offset_s * instants.SECOND), instants.FIRST), instants.LAST)
    text = io.StringIO(newline="")
    csv.writer(text).writerow(("", host or socket.gethostname(), instants.render(at), f"{offset_s:.6f}"))
    return text.getvalue().encode()
