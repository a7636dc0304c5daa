"""The HTTP server: uvicorn, on loopback, with and without TLS, that hands on the connection and its certificate."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"


class _Protocol(H11Protocol):
    """Puts the connection into the scope, for faults, and the client's certificate, which no server hands on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = cast("ASGIApp", self.app)
        certificate = transport.get_extra_info("peercert")

        async def connected(scope: Scope, receive: Receive, send: Send) -> None:
            scope["abm_lab.transport"] = transport
            scope["abm_lab.certificate"] = certificate
            await app(scope, receive, send)

        self.app = connected


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: several servers share one loop, which the command stops."""
        yield


@dataclass(frozen=True, slots=True)
class Tls:
    """Where certificate, key and the authority of clients stand."""

    certificate: Path
    key: Path
    clients: Path


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one."""
    # asyncio sends small answers at once only where the protocol is named.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    sock.listen(128)
    sock.setblocking(False)  # noqa: FBT003 - The standard library names it so.
    return sock


def server(app: ASGIApp, tls: Tls | None) -> uvicorn.Server:
    """A server of the application; with TLS it asks for a client certificate, and does without one."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        log_level="error",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
        ssl_ca_certs=None if tls is None else str(tls.clients),
        ssl_cert_reqs=ssl.CERT_OPTIONAL if tls else ssl.CERT_NONE,
    )
    return _Server(config)
