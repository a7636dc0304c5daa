"""One request over HTTP/1.1: to the address that was checked, within one time limit, and no redirect is followed."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import h11

from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place, ReachError, place
from abm_trace.net.tcp import Link, connect

BYTES_MAX: Final = 1 << 20
"""The most that is read of an answer. Origin: ours."""

_BLOCK: Final = 1 << 16
_PORTS: Final = {"https": 443, "http": 80}


class Url(NamedTuple):
    """An address taken apart."""

    scheme: str
    place: Place
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `headers` have small names, of one that comes twice the last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a server.

    `trust` is a file of certificates (PEM), else this computer's own count; `client` a certificate to show, with its
    key; `proxy` a place to go through; `at` another place that answers for the server.
    """

    trust: str | None = None
    client: str | None = None
    proxy: Place | None = None
    at: Place | None = None
    timeout_s: float = 10.0
    bytes_max: int = BYTES_MAX


def url(text: str, *, plain: bool = False) -> Url:
    """The parts of an address: https, or http too where that is `plain`ly meant. Raises ReachError."""
    hint = "Example: https://eu-west.abm.apple.com"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ReachError(f"{text[:80]!r}: is no address: {error}", "no_name", hint=hint) from error
    if parts.scheme not in _PORTS or (parts.scheme == "http" and not plain) or parts.username is not None:
        raise ReachError(f"{text[:80]!r}: is no address that starts with https://", "no_name", hint=hint)
    host = parts.hostname or ""
    goal = place(f"[{host}]" if ":" in host else host, port or _PORTS[parts.scheme])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise ReachError(f"{text[:80]!r}: its path holds what no path does", "no_name", hint=hint)
    return Url(parts.scheme, goal, path)


def ask(
    goal: Url,
    allow: Allow,
    way: Way,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """What the server answers, whatever its status. Raises ReachError."""
    begun = time.monotonic()
    deadline = Deadline(way.timeout_s)
    with connect(goal.place, allow, deadline, at=way.at, proxy=way.proxy) as link:
        if goal.scheme == "https":
            _secure(link, goal.place.host, way)
        default = _PORTS[goal.scheme] == goal.place.port
        host = str(goal.place).rpartition(":")[0] if default else str(goal.place)
        said = {"Host": host, "User-Agent": "abm-trace", "Accept": "application/json", "Connection": "close"}
        said |= headers or {}
        if body or method == "POST":
            said["Content-Length"] = str(len(body))
        try:
            request = h11.Request(method=method, target=goal.path, headers=list(said.items()))
        except h11.LocalProtocolError as error:
            raise _unaskable(goal.place) from error
        status, received, data = _exchange(link, request, body, way.bytes_max)
        return Answer(status, received, data, str(link.address), time.monotonic() - begun)


def _secure(link: Link, host: str, way: Way) -> None:
    """TLS 1.2 or 1.3 with a server whose certificate holds, else ReachError (PROMISES R26)."""
    file = way.trust
    try:
        context = ssl.create_default_context(cafile=way.trust)
        if way.client is not None:
            file = way.client
            context.load_cert_chain(file, password="")  # A locked key is refused: nobody is asked.
    except (OSError, ssl.SSLError) as error:
        raise ReachError(
            f"{file}: cannot be used: {error.strerror or error}",
            "untrusted",
            hint="Give PEM: a certificate, and its key.",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def wrap() -> ssl.SSLSocket:
        try:
            return context.wrap_socket(link.socket, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise ReachError(
                f"{link.place}: its certificate does not hold: {error.verify_message}", "untrusted"
            ) from error
        except ssl.SSLError as error:
            alert = "alert" in str(error.reason).lower()
            why = "refuses the handshake" if alert else "speaks no TLS 1.2 or 1.3"
            raise ReachError(f"{link.place}: {why}: {error.reason}", "alert" if alert else "no_tls") from error

    link.socket = link.waiting("no handshake", wrap)


def _unaskable(place: Place) -> ReachError:
    """What to raise for a header or path that no request may hold: it is not quoted, for it may be a secret."""
    return ReachError(f"{place}: this cannot be asked, a header or the path is malformed", "http")


def _exchange(link: Link, request: h11.Request, body: bytes, bytes_max: int) -> tuple[int, dict[str, str], bytes]:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 15)
    try:
        sent = connection.send(request) or b""
        sent += (connection.send(h11.Data(data=body)) or b"") if body else b""
        sent += connection.send(h11.EndOfMessage()) or b""
    except h11.LocalProtocolError as error:
        raise _unaskable(link.place) from error
    link.send(sent)
    status, received, data, silent = 0, {}, bytearray(), True
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                block = link.receive(_BLOCK)
                if silent and not block:
                    raise ReachError(f"{link.place}: closed the connection without an answer", "closed")
                connection.receive_data(block)
                silent = False
            elif isinstance(event, h11.Response):
                status = event.status_code
                received = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers.raw_items()
                }
            elif isinstance(event, h11.Data):
                data += event.data
                if len(data) > bytes_max:
                    raise ReachError(f"{link.place}: its answer is longer than {bytes_max:,} bytes", "http")
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
    except h11.RemoteProtocolError as error:
        raise ReachError(f"{link.place}: its answer is cut or no HTTP: {error}", "http") from error
    return status, received, bytes(data)
