"""A look at this computer's clock against time servers, or at saved samples (SPEC C5)."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from abm_trace.checks import clock as checks
from abm_trace.core.nouns import Fact
from abm_trace.formats.exports import clock_csv
from abm_trace.gates.clock_guard import agree
from abm_trace.gates.looks import AT_ONCE, Subject, facts
from abm_trace.net import sntp
from abm_trace.net.allow import Allow
from abm_trace.net.dns import lookup
from abm_trace.net.reach import Deadline, Place, ReachError
from abm_trace.sources.probes import clock as probes
from abm_trace.sources.probes.wall import now_us

SERVERS = ("time.apple.com", "time-ios.apple.com", "time-macos.apple.com")
"""Apple's own, which devices ask too. From: https://support.apple.com/101555."""

_ADDRESSES_MAX = 2
_DNS_S_MAX = 4.0
_NAME = "this computer's clock"
_DO = "Name time servers that can be reached from here: --server HOST"


def look(
    servers: Sequence[sntp.Server], limit_s: float, whose: str, *, timeout_s: float = 2.0, loopback: bool = False
) -> tuple[Subject, bytes]:
    """This clock, measured now, and the CSV row of it (b"" where nothing could be measured).

    The servers are asked; what more than half of the answers agree on counts. A clock that is set meanwhile is told.
    """
    wall_us, monotonic = now_us(), time.monotonic()
    with ThreadPoolExecutor(max_workers=min(len(servers), AT_ONCE) or 1) as pool:
        answers = list(pool.map(lambda each: _sample(each, timeout_s, loopback=loopback), servers))
    jump = checks.jumped((now_us() - wall_us) / 1e6, time.monotonic() - monotonic)
    samples = [each for each in answers if isinstance(each, sntp.Sample)]
    problems = [each for each in answers if isinstance(each, str)]
    found = agree(samples)
    if jump:
        return Subject(_NAME, problem=f"{jump}: nothing is said of it", do="Measure again."), b""
    if found is None:
        if samples:
            problems.append(f"{len(samples)} time servers answered, and no more than half of them agree")
        return Subject(_NAME, problem="; ".join(problems) or "no time server was named", do=_DO), b""
    offset_s, bound_s = found.offset_s, found.bound_s
    data = probes.HEADER + probes.row(offset_s, now_us())
    (sample,) = facts(data, clock_csv.read, "live:clock")
    findings = tuple(checks.check(offset_s, bound_s, limit_s, whose, sample.origin))
    seen = f"{offset_s:+.3f} s ± {bound_s:.3f} s by {', '.join(each.server for each in samples)}"
    problem = "the limit lies within the error" if checks.is_open(offset_s, bound_s, limit_s) else ""
    if problems:
        seen += f" ({'; '.join(problems)})"
    return Subject(_NAME, seen, findings, problem, _DO), data


def _sample(server: sntp.Server, timeout_s: float, *, loopback: bool) -> sntp.Sample | str:
    """What a server says, or why it says nothing."""
    host = server.host.lower()
    allow = Allow([host], loopback=loopback)
    try:
        addresses = lookup(Place(host, server.port), allow, Deadline(_DNS_S_MAX), datagram=True)[:_ADDRESSES_MAX]
    except ReachError as error:
        return str(error)
    said = ""
    for each in addresses:
        try:
            return sntp.ask(server, sntp.Address(each.family, each.to), lambda: now_us() * 1000, timeout_s)
        except sntp.KissError as error:
            return str(error)
        except sntp.SntpError as error:
            said = str(error)
    return said


def told(sample: Fact, limit_s: float, whose: str) -> Subject:
    """What a saved sample says."""
    where = f"{sample.origin.path}:{sample.origin.line}" if sample.origin.line else sample.origin.path
    of = sample.attrs.get("serial") or sample.attrs.get("staging_host") or "a clock"
    seen = f"{float(sample.value):+.3f} s"
    return Subject(f"{of} ({where})", seen, tuple(checks.saved(sample, limit_s, whose)))
