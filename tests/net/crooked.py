"""Servers that do not behave: each on a free port of the loopback, in threads that end with the test."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

from abm_trace.net.reach import Place

Behave = Callable[[socket.socket], None]


def silent(link: socket.socket) -> None:
    """Takes the connection and never says anything."""
    with contextlib.suppress(OSError):
        while link.recv(4096):
            pass


def reset(link: socket.socket) -> None:
    """Breaks off as soon as something comes."""
    link.recv(10)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closing(link: socket.socket) -> None:
    """Closes without a word."""
    link.recv(4096)


def saying(data: bytes, pause_s: float = 0.0) -> Behave:
    """Says these bytes, one by one where there is a pause between them, and then nothing."""

    def behave(link: socket.socket) -> None:
        with contextlib.suppress(OSError):
            link.recv(4096)
            for part in [data[at : at + 1] for at in range(len(data))] if pause_s else [data]:
                link.sendall(part)
                time.sleep(pause_s)
            silent(link)

    return behave


def relaying(goal: Place) -> Behave:
    """A proxy that connects to this place, whatever CONNECT asks for."""

    def behave(link: socket.socket) -> None:
        with contextlib.suppress(OSError):
            link.recv(4096)
            with socket.create_connection(goal) as inner:
                link.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                for one, other in ((link, inner), (inner, link)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()
                threading.Event().wait(3)

    return behave


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(4096):
            other.sendall(data)


def endless(link: socket.socket) -> None:
    """Says a handshake record that never ends."""
    with contextlib.suppress(OSError):
        link.recv(4096)
        record = b"\x16\x03\x03\x40\x00" + b"\x0b\xff\xff\xff" + bytes(16380)
        while True:
            link.sendall(record)


@contextlib.contextmanager
def serving(behave: Behave) -> Iterator[tuple[Place, list[str]]]:
    """The server's place, and who connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        met: list[str] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    link, (address, _) = server.accept()
                    met.append(address)
                    threading.Thread(target=one, args=(link,), daemon=True).start()

        def one(link: socket.socket) -> None:
            with link:
                behave(link)

        threading.Thread(target=serve, daemon=True).start()
        yield Place("127.0.0.1", server.getsockname()[1]), met
        server.shutdown(socket.SHUT_RDWR)
