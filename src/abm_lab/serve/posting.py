"""What the lab sends by itself: HTTP posts that are tried again, and syslog over TLS (RFC 5425)."""

import asyncio
import contextlib
import ssl
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import h11

_TRIES = 6
_PATIENCE_S = 30.0
_BLOCK = 1 << 16
_PORTS = {"http": 80, "https": 443, "syslog+tls": 6514}


class TargetError(Exception):
    """A target that cannot be named or reached so; the text says what to do."""


def parse(url: str, *schemes: str) -> SplitResult:
    """The parts of a target's address; TargetError where it is none of these schemes."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise TargetError(f"{url!r}: {error}") from error
    if parts.scheme not in schemes or not parts.hostname or (port is None and parts.scheme not in _PORTS):
        raise TargetError(f"{url!r} is no address to send to; write it like {schemes[0]}://127.0.0.1:8080/")
    return parts


def trusting(authorities: list[Path], client: Path) -> ssl.SSLContext:
    """A context that trusts these authorities besides the system's, and shows the client certificate when asked."""
    context = ssl.create_default_context()
    for authority in authorities:
        context.load_verify_locations(authority)
    context.load_cert_chain(client)
    return context


class Poster:
    """Posts to one address over one connection; what is not taken is tried again, ever later, six times in all."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        self.parts = parse(url, "https", "http")
        self.context = context
        self.first_wait_s = 0.25
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._state = h11.Connection(h11.CLIENT)

    async def post(self, body: bytes, kind: str, headers: dict[str, str] | None = None, method: str = "POST") -> None:
        """Post the body, or put it; TargetError where it was never taken."""
        reason = ""
        for number in range(_TRIES):
            if number:
                await asyncio.sleep(self.first_wait_s * 2 ** (number - 1))
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    status = await self._post(method, body, kind, headers or {})
            except (OSError, TimeoutError, h11.ProtocolError, EOFError) as error:
                await self.close()
                reason = str(error) or type(error).__name__
                continue
            if 200 <= status < 300:
                return
            reason = f"HTTP {status}"
            if status not in {408, 429} and status < 500:
                break
        raise TargetError(f"{self.parts.geturl()} did not take it: {reason}")

    async def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _post(self, method: str, body: bytes, kind: str, headers: dict[str, str]) -> int:
        if self._streams is None:
            context = self.context if self.parts.scheme == "https" else None
            port = self.parts.port or _PORTS[self.parts.scheme]
            self._streams = await asyncio.open_connection(self.parts.hostname, port, ssl=context)
            self._state = h11.Connection(h11.CLIENT)
        reader, writer = self._streams
        target = (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")
        fields = {
            "Host": self.parts.netloc.rpartition("@")[2],
            "User-Agent": "abm-lab (simulated)",
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **headers,
        }
        events = (h11.Request(method=method, target=target, headers=list(fields.items())), h11.Data(data=body))
        for event in (*events, h11.EndOfMessage()):
            writer.write(self._state.send(event) or b"")
        await writer.drain()
        status = 0
        while True:
            received = self._state.next_event()
            if received is h11.NEED_DATA:
                self._state.receive_data(await reader.read(_BLOCK))
            elif isinstance(received, h11.Response):
                status = received.status_code
            elif isinstance(received, h11.ConnectionClosed):
                raise EOFError("the connection ended before an answer")
            elif isinstance(received, h11.EndOfMessage):
                break
        if self._state.our_state is h11.MUST_CLOSE or self._state.their_state is h11.MUST_CLOSE:
            await self.close()
        else:
            self._state.start_next_cycle()
        return status


class Syslog:
    """Sends lines over TLS, each after its length; nothing is acknowledged, so that a broken link may lose some."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        self.parts = parse(url, "syslog+tls")
        self.context = context
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, lines: list[bytes]) -> None:
        """Send the lines, in their order; TargetError where the link cannot be had."""
        frames = b"".join(b"%d %b" % (len(line), line) for line in lines)
        for number in range(_TRIES):
            try:
                if self._writer is None:
                    port = self.parts.port or _PORTS[self.parts.scheme]
                    _, self._writer = await asyncio.open_connection(self.parts.hostname, port, ssl=self.context)
                self._writer.write(frames)
                await self._writer.drain()
            except OSError as error:
                self._writer = None
                if number == _TRIES - 1:
                    raise TargetError(f"{self.parts.geturl()} cannot be reached: {error}") from error
                await asyncio.sleep(0.25 * 2**number)
            else:
                return

    async def close(self) -> None:
        """End the link."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await self._writer.wait_closed()
