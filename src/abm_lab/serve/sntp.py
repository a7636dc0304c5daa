"""An SNTP server (RFC 4330) whose time is wrong by a chosen error."""

import asyncio
import struct
from dataclasses import dataclass

from abm_lab.moments import SECOND
from abm_lab.serve.clock import real_now

# Seconds from 1900 to 1970.
_ERA_S = 2_208_988_800
_CLIENT, _SERVER = 3, 4


@dataclass(slots=True)
class Answer:
    """How the server answers: its time is ahead by `error_s`; a `kiss` such as RATE refuses; unsynchronised says so."""

    error_s: float = 0.0
    kiss: str = ""
    is_synchronised: bool = True


class Sntp(asyncio.DatagramProtocol):
    """Answers requests of version 3 and 4."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep the transport to answer on."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a request; whatever else comes is passed over."""
        if len(data) >= 48 and data[0] & 7 == _CLIENT and data[0] >> 3 & 7 in {3, 4}:
            self.transport.sendto(reply(data, self.answer, real_now()), addr)


def reply(asked: bytes, answer: Answer, now: int) -> bytes:
    """The 48 bytes of an answer at the instant `now`, in microseconds UTC."""
    version = asked[0] >> 3 & 7
    leap = 0 if answer.is_synchronised and not answer.kiss else 3
    stratum, name = (0, answer.kiss.encode()[:4]) if answer.kiss else (1, b"SIM")
    head = struct.pack("!BBbb", leap << 6 | version << 3 | _SERVER, stratum, asked[2] % 128, -20)
    stamp = _stamp(now + round(answer.error_s * SECOND))
    delays = struct.pack("!II", 0, 1 << 6)
    return head + delays + name.ljust(4, b"\0") + stamp + asked[40:48] + stamp + stamp


def _stamp(at: int) -> bytes:
    second, rest = divmod(at, SECOND)
    return struct.pack("!II", (second + _ERA_S) % 2**32, (rest << 32) // SECOND)
