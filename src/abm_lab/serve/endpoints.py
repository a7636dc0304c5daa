"""TLS endpoints in every state that a staging segment meets: stapled, not, revoked, stale, expired, intercepted.

Each has a port of its own and hands what it decrypts to the lab's HTTP, so that the whole ABM API is behind it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.x509 import ocsp
from OpenSSL import SSL

from abm_lab.moments import to_datetime
from abm_lab.serve.certificates import DST_ENDED, Authority, Identity
from abm_lab.serve.clock import real_now
from abm_lab.serve.files import write_private
from abm_lab.serve.http import HOST, listen

_BLOCK = 1 << 16
_PATIENCE_S = 30.0
_GOOD, _REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
KINDS = {
    "stapled": "a good staple, TLS 1.2 and 1.3",
    "tls12": "a good staple, TLS 1.2 alone",
    "tls13": "a good staple, TLS 1.3 alone",
    "none": "no staple",
    "revoked": "a staple that says revoked",
    "stale": "a staple whose next update is a fortnight ago",
    "forged": "a good staple that somebody else signed",
    "expired": "an issuing certificate that has expired",
    "dst_root": "the expired DST Root CA X3 in the chain, by which the root is cross-signed",
    "intercepted": "a certificate that an inspecting proxy made",
}
"""Every endpoint with what a client sees there."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: the leaf with its chain, what is stapled (empty: nothing), and the versions of TLS."""

    leaf: Identity
    chain: tuple[bytes, ...]
    staple: bytes = b""
    versions: tuple[int, int] = (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION)

    def context(self, folder: Path, name: str) -> SSL.Context:
        """The server's context; certificate and key go through files below the folder."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        write_private(certificate, self.leaf.pem + b"".join(self.chain))
        write_private(key, self.leaf.key_pem)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate_chain_file(str(certificate))
        context.use_privatekey_file(str(key))
        context.set_min_proto_version(self.versions[0])
        context.set_max_proto_version(self.versions[1])
        context.set_ocsp_server_callback(lambda connection, data: self.staple)
        return context


def make(root: Authority, authority: Authority, hosts: list[str]) -> dict[str, Endpoint]:
    """All endpoints by kind, for these hosts."""
    now = real_now()
    at = to_datetime(now)
    week, fortnight = timedelta(days=7), timedelta(days=14)
    leaf = authority.leaf(hosts[0], hosts)
    chain = (authority.identity.pem,)
    good = authority.staple(leaf, _GOOD, at - timedelta(days=5), at + week)
    ended = Authority("abm-lab expired CA", now, root, at - timedelta(days=77))
    late = ended.leaf(hosts[0], hosts)
    dst = Authority("DST Root CA X3", now, None, DST_ENDED)
    proxy = Authority("Inspecting Proxy CA", now)
    return {
        "stapled": Endpoint(leaf, chain, good),
        "tls12": Endpoint(leaf, chain, good, (SSL.TLS1_2_VERSION, SSL.TLS1_2_VERSION)),
        "tls13": Endpoint(leaf, chain, good, (SSL.TLS1_3_VERSION, SSL.TLS1_3_VERSION)),
        "none": Endpoint(leaf, chain),
        "revoked": Endpoint(leaf, chain, authority.staple(leaf, _REVOKED, at - timedelta(days=1), at + week)),
        "stale": Endpoint(leaf, chain, authority.staple(leaf, _GOOD, at - fortnight - week, at - fortnight)),
        "forged": Endpoint(
            leaf, chain, authority.staple(leaf, _GOOD, at - timedelta(days=5), at + week, proxy.identity)
        ),
        "expired": Endpoint(late, (ended.identity.pem,), ended.staple(late, _GOOD, at - week, at + week)),
        "dst_root": Endpoint(leaf, (*chain, dst.crossed(root), dst.identity.pem), good),
        "intercepted": Endpoint(proxy.leaf(hosts[0], hosts), (proxy.identity.pem,)),
    }


@contextlib.asynccontextmanager
async def serving(endpoints: dict[str, Endpoint], folder: Path, http_port: int) -> AsyncIterator[dict[str, str]]:
    """The endpoints up; gives the address of each."""
    addresses = {}
    async with contextlib.AsyncExitStack() as stack:
        for name, endpoint in endpoints.items():
            sock = listen(0)
            relay = _Relay(endpoint.context(folder, name), http_port)
            await stack.enter_async_context(await asyncio.start_server(relay.serve, sock=sock))
            addresses[name] = f"https://{HOST}:{sock.getsockname()[1]}"
        yield addresses


class _Relay:
    """Speaks TLS to the one side and HTTP to the other."""

    def __init__(self, context: SSL.Context, http_port: int) -> None:
        self.context = context
        self.http_port = http_port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its handshake to its end."""
        tls = SSL.Connection(self.context, None)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error, OSError, TimeoutError, EOFError):
            async with asyncio.timeout(_PATIENCE_S):
                await self._shake_hands(tls, reader, writer)
            await self._relay(tls, reader, writer)
        with contextlib.suppress(SSL.Error, OSError):
            tls.shutdown()
            await _flush(tls, writer)
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _shake_hands(
        self, tls: SSL.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            try:
                tls.do_handshake()
            except SSL.WantReadError:
                await _flush(tls, writer)
                tls.bio_write(await _some(reader))
            except SSL.Error:
                await _flush(tls, writer)
                raise
            else:
                await _flush(tls, writer)
                return

    async def _relay(self, tls: SSL.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, self.http_port)

        async def inward() -> None:
            while True:
                try:
                    inner_writer.write(tls.recv(_BLOCK))
                    await inner_writer.drain()
                except SSL.WantReadError:
                    tls.bio_write(await _some(reader))

        async def outward() -> None:
            while block := await inner_reader.read(_BLOCK):
                tls.sendall(block)
                await _flush(tls, writer)

        tasks = [asyncio.create_task(inward()), asyncio.create_task(outward())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            inner_writer.close()


async def _some(reader: asyncio.StreamReader) -> bytes:
    block = await reader.read(_BLOCK)
    if not block:
        raise EOFError
    return block


async def _flush(tls: SSL.Connection, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(SSL.WantReadError):
        while True:
            writer.write(tls.bio_read(_BLOCK))
    await writer.drain()
