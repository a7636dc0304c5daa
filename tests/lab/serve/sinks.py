"""Receivers for what the lab sends by itself."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Posts(ThreadingHTTPServer):
    """Keeps what is posted: path, headers, body; refuses every fifth post once, with 503."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.refuse_with = 503
        self.asked = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Posts

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        status = self.server.refuse_with if self.server.asked % 5 == 0 else 200
        if status == 200:
            self.server.taken.append((self.path, dict(self.headers), body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Frames(socketserver.ThreadingTCPServer):
    """Keeps the bytes of every link of syslog over TLS, and who sent them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Link)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_cert_chain(certificate, key)
        self.links: list[bytes] = []
        self.senders: list[object] = []


class _Link(socketserver.BaseRequestHandler):
    server: Frames

    def handle(self) -> None:
        with self.server.context.wrap_socket(self.request, server_side=True) as link:
            self.server.senders.append(link.getpeercert())
            told = b""
            while block := link.recv(1 << 16):
                told += block
            self.server.links.append(told)


@contextmanager
def receiving(server: socketserver.TCPServer) -> Iterator[int]:
    """The receiver in a thread of its own; gives its port."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
