"""One question to a time server: SNTP as in RFC 4330, over UDP, with the bounds of RFC 5905."""

import ipaddress
import math
import secrets
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from abm_trace.core.errors import AbmTraceError
from abm_trace.net.allow import inward

PORT: Final = 123
TIMEOUT_S: Final = 2.0
"""How long an answer is waited for. Origin: ours; a server on the same continent answers within 0.2 s."""

_PACKET: Final = struct.Struct("!BBbb II4s QQQQ")
"""Leap, version and mode in one byte, stratum, poll, precision; root delay and dispersion in 1/65536 s, reference id;
the times of reference, origin, receipt and transmission. From: RFC 5905, section 7.3."""

_REQUEST: Final = _PACKET.pack(0x23, 0, 0, 0, 0, 0, b"", 0, 0, 0, 0)[:-8]
"""Version 4, mode 3 (client), and nothing that tells of this computer; its transmit time is to follow."""

_SERVER_MODE: Final = 4
_STRATUM_MAX: Final = 15
_UNSYNCHRONISED: Final = 3
_FIXED: Final = 2**32
_SHORT: Final = 2**16
_EPOCH_S: Final = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""

_SLACK_S: Final = 0.001
"""By how much two clocks may disagree about how long a server took to answer. Origin: ours."""


class SntpError(AbmTraceError):
    """A server that gave no time: no such name, no answer, or one that must not be believed."""


class KissError(SntpError):
    """A server asks to be left alone; `code` says how: RATE (ask less often), DENY, RSTR (never again)."""

    def __init__(self, message: str, code: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class Server(NamedTuple):
    """A time server as the user named it."""

    host: str
    port: int = PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORT else f"{host}:{self.port}"


class Address(NamedTuple):
    """Where a server is: the family of its address, and what a socket connects to."""

    family: socket.AddressFamily
    to: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one answer says: this clock − the server's, in seconds, and how far the truth may be from that.

    The bound is half the round trip and the server's own distance from its reference (RFC 5905, root distance).
    """

    server: str
    stratum: int
    offset_s: float
    bound_s: float


def server(text: str) -> Server:
    """The server of `host`, `host:port`, `[2001:db8::1]` or `[2001:db8::1]:port`. Raises SntpError."""
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = rest.removeprefix(":") if bracket and (not rest or rest.startswith(":")) else "-"
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, colon, port = text.partition(":")
        port = port or ("-" if colon else "")
    digits = port or str(PORT)
    if not host or not digits.isascii() or not digits.isdigit() or not 0 < int(digits[:6]) < 2**16:
        raise SntpError(f"{text!r}: names no time server", hint="Example: --server time.apple.com, or 192.0.2.1:123")
    return Server(host, int(digits))


def resolve(server: Server) -> list[Address]:
    """Where the server is; what comes back is what is connected to, the name is not looked up again.

    A name must not lead into this computer or to its neighbours on the wire: whoever means that writes the address.
    Raises SntpError.
    """
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else str(error)
        raise SntpError(f"{server}: its name cannot be resolved: {reason}") from error
    own = server.host.casefold() == "localhost" or _is_address(server.host)
    addresses = [Address(family, to) for family, _, _, _, to in found if own or not inward(str(to[0]))]
    if not addresses:
        raise SntpError(
            f"{server}: its name leads to {found[0][4][0]}, which is no address of a time server",
            hint="If it is one, name it by its address: --server ADDRESS",
        )
    return addresses


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def ask(server: Server, address: Address, wall_ns: Callable[[], int], timeout_s: float = TIMEOUT_S) -> Sample:
    """What the server at this address says. `wall_ns` reads the clock that is measured, in ns since 1970.

    Raises SntpError, KissError.
    """
    origin = secrets.token_bytes(8)  # No time of ours: it tells answers to this question from what others send.
    strangers = 0
    try:
        with socket.socket(address.family, socket.SOCK_DGRAM) as asking:
            asking.connect(address.to)
            sent_at = time.monotonic()
            asking.send(_REQUEST + origin)
            while (left_s := timeout_s - (time.monotonic() - sent_at)) > 0:
                asking.settimeout(left_s)
                data = asking.recv(1024)
                wall_s, back_at = wall_ns() / 1e9, time.monotonic()  # So, the bound holds a pause between the two.
                if data[24:32] == origin:
                    return read(server, data, wall_s, back_at - sent_at)
                strangers += 1
    except TimeoutError:
        pass
    except OSError as error:
        raise SntpError(f"{server}: cannot be asked: {error.strerror}") from error
    if strangers:
        raise SntpError(
            f"{server}: no answer within {timeout_s:.3g} s, but {strangers:,} packet{'s' * (strangers > 1)} that "
            "nobody asked for: somebody may be sending false time"
        )
    raise SntpError(f"{server}: no answer within {timeout_s:.3g} s")


def read(server: Server, data: bytes, wall_s: float, round_trip_s: float) -> Sample:
    """What an answer says that came in when this clock showed `wall_s` (seconds since 1970). Raises SntpError."""
    if len(data) < _PACKET.size:
        raise SntpError(f"{server}: its answer is cut, {len(data)} of {_PACKET.size} bytes")
    first, stratum, _, precision, delay, dispersion, reference, _, _, receipt, sending = _PACKET.unpack_from(data)
    if first & 7 != _SERVER_MODE:
        raise SntpError(f"{server}: what came back is no answer (mode {first & 7})")
    code = "".join(chr(each) for each in reference if 32 < each < 127)
    if stratum == 0 and code:
        raise KissError(f"{server}: refuses to be asked ({code})", code)
    if not 0 < stratum <= _STRATUM_MAX or first >> 6 == _UNSYNCHRONISED:
        raise SntpError(f"{server}: follows no clock itself")
    if not receipt or not sending:
        raise SntpError(f"{server}: its answer holds no time")
    received_s, sent_s = _since_1970(receipt), _since_1970(sending)
    took_s = sent_s - received_s
    if not 0 <= took_s <= round_trip_s + _SLACK_S:
        raise SntpError(f"{server}: its answer contradicts itself (it took {took_s:.3f} s of {round_trip_s:.3f} s)")
    offset_s = wall_s - round_trip_s / 2 - (received_s + sent_s) / 2
    bound_s = max(round_trip_s - took_s, 0) / 2 + delay / _SHORT / 2 + dispersion / _SHORT + 2.0 ** max(precision, -32)
    return Sample(str(server), stratum, offset_s, min(bound_s, math.ldexp(1, 32)))


def _since_1970(stamp: int) -> float:
    """Seconds since 1970; the era that began in 2036 has its first bit clear (RFC 4330, section 3)."""
    era_s = 0 if stamp >> 63 else _FIXED
    return (stamp / _FIXED) + era_s - _EPOCH_S
