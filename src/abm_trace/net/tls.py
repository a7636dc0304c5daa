"""A TLS handshake that shows everything and trusts nothing: staple, chain as served, verify codes, times."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from OpenSSL import SSL, crypto

from abm_trace.net.reach import ReachError
from abm_trace.net.tcp import Link

_BLOCK: Final = 1 << 14
_BYTES_MAX: Final = 1 << 20
"""A handshake that takes more than this is none. Origin: ours; real ones take some 5 kB."""

_CHAIN_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a handshake showed. `errors` are openssl's verify codes with their depth, in the order of finding."""

    chain: tuple[bytes, ...]
    """The certificates in DER as they were served, the server's own first."""
    led_to: tuple[bytes, ...]
    """The chain as it was built from them and from what is trusted here, in the same order."""
    staple: bytes
    """The OCSP answer in DER, b"" where none was stapled."""
    errors: tuple[tuple[int, int], ...]
    protocol: str
    cipher: str
    took_s: float

    @property
    def verify_code(self) -> int:
        """What `openssl s_client` prints as its verify return code: the last thing that was wrong, 0 for nothing."""
        return self.errors[-1][0] if self.errors else 0


def shake_hands(link: Link, name: str, trust: str | None = None) -> Handshake:
    """What the server called `name` shows; the connection is of no use afterwards. Raises ReachError.

    `trust` is a file of certificates (PEM) that a chain must lead to, else this computer's own count. TLS 1.2 and 1.3
    alone are spoken; a chain that does not hold is shown with its codes, for nothing is sent over it.
    """
    errors: dict[tuple[int, int], None] = {}
    staples: list[bytes] = []
    context = _context(trust, errors, staples)
    connection = SSL.Connection(context, None)
    connection.set_connect_state()
    if not _is_address(name):
        connection.set_tlsext_host_name(name.encode("ascii", "replace"))
    connection.request_ocsp()
    begun = time.monotonic()
    taken = 0
    while True:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            _flush(connection, link)
            block = link.receive(_BLOCK)
            taken += len(block)
            if not block:
                raise ReachError(f"{link.place}: closed the connection in the handshake", "closed") from None
            if taken > _BYTES_MAX:
                raise ReachError(f"{link.place}: its handshake does not end", "no_tls") from None
            connection.bio_write(block)
        except SSL.Error as error:
            raise _refused(link, error) from error
        else:
            break
    took_s = time.monotonic() - begun
    return Handshake(
        _ders(connection.get_peer_cert_chain()),
        _ders(connection.get_verified_chain()),
        staples[-1] if staples else b"",
        tuple(errors),
        connection.get_protocol_version_name(),
        connection.get_cipher_name() or "",
        took_s,
    )


def _ders(chain: Sequence[crypto.X509] | None) -> tuple[bytes, ...]:
    return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in (chain or ())[:_CHAIN_MAX])


def _context(trust: str | None, errors: dict[tuple[int, int], None], staples: list[bytes]) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    if trust is None:
        context.set_default_verify_paths()
    else:
        try:
            context.load_verify_locations(trust)
        except SSL.Error as error:
            raise ReachError(
                f"{trust}: holds no certificate to trust", "untrusted", hint="Give certificates in PEM: --trust ca.pem"
            ) from error

    def seen(_connection: SSL.Connection, _certificate: crypto.X509, code: int, depth: int, _held: int) -> bool:
        if code:
            errors[code, depth] = None
        return True

    def stapled(_connection: SSL.Connection, staple: bytes, _data: object) -> bool:
        staples.append(staple)
        return True

    context.set_verify(SSL.VERIFY_PEER, seen)
    context.set_ocsp_client_callback(stapled)
    return context


def _flush(connection: SSL.Connection, link: Link) -> None:
    while True:
        try:
            data = connection.bio_read(_BLOCK)
        except SSL.WantReadError:
            return
        link.send(data)


def _refused(link: Link, error: SSL.Error) -> ReachError:
    """Why a handshake failed: the server said no, or what it speaks is no TLS."""
    found = error.args[0] if error.args and isinstance(error.args[0], list) else []
    reason = str(found[0][-1]) if found else type(error).__name__
    if "alert" in reason:
        return ReachError(f"{link.place}: refuses the handshake: {reason}", "alert")
    return ReachError(f"{link.place}: speaks no TLS 1.2 or 1.3: {reason}", "no_tls")


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
