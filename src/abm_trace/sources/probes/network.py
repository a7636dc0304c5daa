"""What the network of this segment lets through: TCP, a time server over UDP, a page without TLS (SPEC C8)."""

import time
from typing import NamedTuple

from abm_trace.net import sntp
from abm_trace.net.allow import Allow
from abm_trace.net.dns import lookup
from abm_trace.net.http import Answer, Way, ask, url
from abm_trace.net.reach import Deadline, Place, ReachError
from abm_trace.net.tcp import connect
from abm_trace.sources.probes.wall import now_us


class Reached(NamedTuple):
    """Somebody who was reached: at which address, how long it took, and what else there is to say."""

    address: str
    took_ms: float
    says: str = ""


def port(place: Place, allow: Allow, way: Way) -> Reached:
    """A connection over TCP that is made and let go. Raises ReachError."""
    with connect(place, allow, Deadline(way.timeout_s), at=way.at, proxy=way.proxy) as link:
        via = f"through {link.via}" if link.via else ""
        return Reached(str(link.address), (link.dns_s + link.connect_s) * 1000, via)


def time_server(place: Place, allow: Allow, way: Way) -> Reached:
    """One question to a time server; no proxy carries it. Raises ReachError."""
    deadline = Deadline(way.timeout_s)
    begun = time.monotonic()
    allow.host(place.host)
    (address, *_) = lookup(way.at or place, allow, deadline, datagram=True)
    server = sntp.Server(*place)
    left_s = deadline.left_s(f"{place}: no answer")
    try:
        sample = sntp.ask(server, sntp.Address(address.family, address.to), lambda: now_us() * 1000, left_s)
    except sntp.SntpError as error:
        raise ReachError(str(error), "timeout" if "no answer" in str(error) else "refused") from error
    took_ms = (time.monotonic() - begun) * 1000
    return Reached(str(address), took_ms, f"this clock − its own {sample.offset_s:+.3f} s ± {sample.bound_s:.3f} s")


def page(address: str, allow: Allow, way: Way) -> Answer:
    """A page over plain HTTP, without following where it may redirect to. Raises ReachError."""
    goal = url(address, plain=True)
    return ask(goal, allow, way, headers={"Accept": "*/*"})
