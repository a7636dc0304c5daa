"""What a TLS probe says of a certificate chain, whether a program or `openssl s_client` wrote it down."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from abm_trace.core import instants

_NAMES_MAX = 20
_NAME_CHARS_MAX = 200
_MONTHS = {name: index for index, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
# Sep 30 14:01:15 2021 GMT
_OPENSSL = re.compile(r"([A-Za-z]{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4})(?: GMT)?")
# The root whose end took down clients that still served or trusted it.
# From: https://letsencrypt.org/docs/dst-root-ca-x3-expiration-september-2021/
_DST_ROOT = "DST Root CA X3"
_DST_ROOT_END_AT = instants.parse("2021-09-30T14:01:15Z")


class Certificate(NamedTuple):
    """One certificate of a chain as it was served; `not_after_at` is µs UTC, None where nobody says it."""

    subject: str
    issuer: str
    not_after_at: int | None


def openssl_time(text: str) -> int:
    """µs UTC of `Sep 30 14:01:15 2021 GMT`; raises ValueError for anything else."""
    match = _OPENSSL.fullmatch(text.strip())
    month = _MONTHS.get(match[1].lower()) if match else None
    if not match or not month:
        raise ValueError(f"no time of openssl: {text[:40]!r}")
    day, hour, minute, second, year = (int(match[group]) for group in range(2, 7))
    return instants.from_datetime(datetime(year, month, day, hour, minute, second, tzinfo=UTC), UTC)


def expired(chain: Iterable[Certificate], at: int | None) -> str:
    """The names of the certificates that had expired at `at`, joined by `; `; "" if none had.

    Where `at` is not known only the root that is known to have expired counts.
    """
    names: dict[str, None] = {}
    for subject, issuer, not_after_at in chain:
        if at is not None and not_after_at is not None and not_after_at < at:
            names[(subject or issuer or "a certificate without a name")[:_NAME_CHARS_MAX]] = None
        if at is None or at > _DST_ROOT_END_AT:
            names |= {name[:_NAME_CHARS_MAX]: None for name in (subject, issuer) if _DST_ROOT in name}
    return "; ".join(list(names)[:_NAMES_MAX])


def stale(until: int | None, at: int | None) -> str:
    """When a stapled answer ran out, RFC 3339, if that was before `at`; "" if it had not, or a time is not known."""
    return instants.render(until) if until is not None and at is not None and until < at else ""


def hostname(text: str) -> str:
    """The host of `Host:443` or `[2001:db8::1]:443` in lower case."""
    host, colon, port = text.strip().lower().rpartition(":")
    if not colon or not port.isdecimal() or (":" in host and not host.endswith("]")):
        host = text.strip().lower()
    return host.strip("[]").rstrip(".")
