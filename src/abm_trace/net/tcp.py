"""A connection over TCP, directly or through a proxy's CONNECT; each wait ends with the whole undertaking."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final, Self, TypeVar

from abm_trace.net.allow import Allow
from abm_trace.net.dns import Address, lookup
from abm_trace.net.reach import Deadline, Place, ReachError

_ADDRESSES_MAX: Final = 4
_ADDRESS_S_MAX: Final = 4.0
"""How long one address may take to answer where there are others. Origin: ours."""

_PROXY_BYTES_MAX: Final = 8192
_T = TypeVar("_T")


class Link:
    """A connection to a place, and how long its parts took. Everything that it does raises ReachError."""

    def __init__(self, sock: socket.socket, place: Place, address: Address, deadline: Deadline, via: str = "") -> None:
        self.socket = sock
        self.place = place
        self.address = address
        self.deadline = deadline
        self.via = via
        """The proxy in between, "" where there is none."""
        self.dns_s = self.connect_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self.socket.close()

    def receive(self, size: int) -> bytes:
        """What comes next, at most `size` bytes, b"" at the end."""
        return self.waiting("no answer", lambda: self.socket.recv(size))

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.waiting("nobody took what was sent", lambda: self.socket.sendall(data))

    def waiting(self, what: str, call: Callable[[], _T]) -> _T:
        """What a call on the socket gives, within the time that is left; `what` says it where none is."""
        what = f"{self.place}: {what}"
        self.socket.settimeout(self.deadline.left_s(what))
        try:
            return call()
        except TimeoutError as error:
            raise self.deadline.over(what) from error
        except OSError as error:
            raise _ended(self.place, error) from error


def connect(
    place: Place,
    allow: Allow,
    deadline: Deadline,
    *,
    at: Place | None = None,
    family: str = "",
    proxy: Place | None = None,
) -> Link:
    """A connection to `place`, or, `at` another place that answers for it, or through a proxy that finds it.

    The name is resolved once; the addresses are tried in turn. A proxy resolves the name by itself. Raises ReachError.
    """
    allow.host(place.host)
    goal = proxy or at or place
    begun = time.monotonic()
    addresses = lookup(goal, allow, deadline, family=family)[:_ADDRESSES_MAX]
    resolved = time.monotonic()
    link = _first(addresses, goal, deadline)
    link.dns_s, link.connect_s = resolved - begun, time.monotonic() - resolved
    if proxy is not None:
        try:
            _tunnel(link, at or place)
        except BaseException:
            link.close()
            raise
        link.via = str(proxy)
    link.place = place
    return link


def _first(addresses: list[Address], place: Place, deadline: Deadline) -> Link:
    failed: ReachError | None = None
    for number, address in enumerate(addresses, start=1):
        left_s = deadline.left_s(f"{place}: no answer")
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(left_s if number == len(addresses) else min(left_s, _ADDRESS_S_MAX))
            sock.connect(address.to)
        except TimeoutError:
            sock.close()
            failed = ReachError(f"{place}: no answer from {address}", "timeout")
        except OSError as error:
            sock.close()
            failed = _ended(place, error)
        else:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Link(sock, place, address, deadline)
    raise failed or ReachError(f"{place}: has no address", "no_name")


def _ended(place: Place, error: OSError) -> ReachError:
    if isinstance(error, ssl.SSLError):
        return ReachError(f"{place}: ends the encrypted connection: {error.reason or error}", "alert")
    if isinstance(error, ConnectionRefusedError):
        return ReachError(f"{place}: nobody listens there (refused)", "refused")
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return ReachError(f"{place}: the connection was reset", "reset")
    return ReachError(f"{place}: cannot be reached: {error.strerror or error}", "refused")


def _tunnel(link: Link, goal: Place) -> None:
    """Have the proxy connect us. From: RFC 9110, section 9.3.6. Raises ReachError."""
    link.send(f"CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        byte = link.receive(1)  # No byte of what follows the answer may be taken.
        head += byte
        if not byte or len(head) > _PROXY_BYTES_MAX:
            raise ReachError(f"{link.place}: is no proxy, its answer to CONNECT is none", "proxy")
    words = head.split(b"\r\n", 1)[0].decode("ascii", "replace").split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or words[1] != "200":
        said = " ".join(words)[:100]
        raise ReachError(f"{link.place}: the proxy does not connect to {goal}: {said}", "proxy")
