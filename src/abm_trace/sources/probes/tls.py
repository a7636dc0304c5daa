"""A TLS probe: one handshake with an endpoint from this segment, as the JSON line that `tls-probe` reads (SPEC C4)."""

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from OpenSSL import SSL

from abm_trace.core.instants import from_datetime, render, to_datetime
from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place
from abm_trace.net.tcp import Link, connect
from abm_trace.net.tls import Handshake, shake_hands
from abm_trace.sources.probes import _names, _staple

TIMEOUT_S: Final = 10.0
"""How long a handshake may take in all. Origin: ours."""

HOSTNAME_MISMATCH: Final = 62
"""openssl's X509_V_ERR_HOSTNAME_MISMATCH, which `s_client -verify_hostname` returns. From: x509_vfy.h."""


_ONE: Final = threading.Lock()
"""Filters of warnings belong to the whole program, and probes run side by side."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to look at an endpoint.

    `at` is another place that answers for the endpoint, `proxy` one to go through, `family` `4` or `6` for that kind of
    address alone, `trust` a file of certificates (PEM), else this computer's own; `segment` the site or staging host
    that the record is of.
    """

    endpoint: Place
    at: Place | None = None
    proxy: Place | None = None
    family: str = ""
    trust: str | None = None
    segment: str = ""
    timeout_s: float = TIMEOUT_S


class Served(msgspec.Struct, frozen=True):
    """A certificate as it was served, in openssl's spelling; `not_after` is RFC 3339."""

    subject: str
    issuer: str
    not_before: str
    not_after: str


class TlsRecord(msgspec.Struct, frozen=True):
    """What a handshake showed: the TLS record of CASE.md, and more of the staple, the way and the time it took."""

    host: str
    port: int
    segment: str
    captured_at: str
    stapled: bool
    ocsp_status: str
    staple_from: str
    staple_until: str
    staple_error: str
    verify_code: int
    verify_errors: list[tuple[int, int]]
    protocol: str
    cipher: str
    chain: list[Served]
    address: str
    via: str
    dns_ms: float
    connect_ms: float
    handshake_ms: float
    openssl: str


def probe(plan: Plan, allow: Allow, wall_us: Callable[[], int]) -> bytes:
    """The record of one handshake, a JSON line. `wall_us` reads this computer's clock, in µs since 1970 (UTC).

    Raises ReachError where the handshake comes to no certificate: then there is nothing to say of one.
    """
    deadline = Deadline(plan.timeout_s)
    with connect(plan.endpoint, allow, deadline, at=plan.at, family=plan.family, proxy=plan.proxy) as link:
        shown = shake_hands(link, plan.endpoint.host, plan.trust)
        at = wall_us()
        record = _record(plan, shown, link, at)
    return msgspec.json.encode(record) + b"\n"


def _record(plan: Plan, shown: Handshake, link: Link, at: int) -> TlsRecord:
    with _ONE, warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):
        return _told(plan, shown, link, at)  # An odd serial number is nothing to tell people of.


def _told(plan: Plan, shown: Handshake, link: Link, at: int) -> TlsRecord:
    chain = _certificates(shown.chain)
    leaf = chain[0] if chain else None
    now = to_datetime(at)
    staple = _staple.Staple()
    if shown.staple:
        staple = _staple.Staple(error="it belongs to a certificate that cannot be read")
    if shown.staple and leaf is not None:
        issuer = _names.issuer_of(leaf, [*chain, *_certificates(shown.led_to)])
        staple = _staple.read(shown.staple, leaf, issuer, now)
    code = shown.verify_code
    if not code and (leaf is None or not _names.is_for(leaf, plan.endpoint.host)):
        code = HOSTNAME_MISMATCH
    return TlsRecord(
        host=plan.endpoint.host,
        port=plan.endpoint.port,
        segment=plan.segment,
        captured_at=render(at),
        stapled=bool(shown.staple),
        ocsp_status=staple.status,
        staple_from=_stamp(staple.made_at),
        staple_until=_stamp(staple.until),
        staple_error=staple.error,
        verify_code=code,
        verify_errors=list(shown.errors),
        protocol=shown.protocol,
        cipher=shown.cipher,
        chain=[_served(each) for each in chain],
        address=str(link.address),
        via=link.via,
        dns_ms=round(link.dns_s * 1000, 3),
        connect_ms=round(link.connect_s * 1000, 3),
        handshake_ms=round(shown.took_s * 1000, 3),
        openssl=SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode("ascii", "replace"),
    )


def _certificates(ders: Sequence[bytes]) -> list[x509.Certificate]:
    """The certificates, up to the first that cannot be read: OpenSSL takes some for one that cryptography does not."""
    found = []
    for der in ders:
        try:
            certificate = x509.load_der_x509_certificate(der)
            _served(certificate)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            break
        found.append(certificate)
    return found


def _served(certificate: x509.Certificate) -> Served:
    return Served(
        _names.spelled(certificate.subject),
        _names.spelled(certificate.issuer),
        _stamp(certificate.not_valid_before_utc),
        _stamp(certificate.not_valid_after_utc),
    )


def _stamp(value: datetime | None) -> str:
    return "" if value is None else render(from_datetime(value, UTC))
