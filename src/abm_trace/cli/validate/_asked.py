"""What payloads are held against: the token's region, the trusted certificates, the time."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from abm_trace.checks.payload import Asked, Trust, certificates, read_trust
from abm_trace.core import instants
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from cryptography import x509

_BYTES_MAX: Final = 16 * 1024 * 1024
_STORES: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Where systems keep the certificates that they trust: Debian, Red Hat, Alpine and macOS."""


class _Token(msgspec.Struct):
    region: str


def asked(
    region: str, token: Path | None, trust: Path | None, signed: bool, as_of: str | None, *, endpoints: bool = False
) -> Asked:
    """What the options ask for. Raises UsageError."""
    if token is not None:
        found = _region(token)
        if region and region != found:
            raise UsageError(f"--region says {region}, {token} says {found}", hint="Leave one of them out.")
        region = found
    try:
        now = datetime.now(UTC)  # noqa: TID251  # Certificates are valid now or not; the rules are told the time.
        at = instants.parse(as_of) if as_of else instants.from_datetime(now, UTC)
    except ValueError as error:
        raise UsageError(f"--as-of: {error}", hint="Write it as 2026-05-17T08:47:12Z") from error
    return Asked(at, region, _trust(trust) if trust else _own(), trust is not None, signed, endpoints)


def _region(path: Path) -> str:
    try:
        region = msgspec.json.decode(_bytes(path, "--token"), type=_Token).region
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: is no token: {error}", hint='It looks like {"id": "…", "region": "eu-west"}'
        ) from error
    if not region:
        raise UsageError(f"{path}: the token names no region", hint="Say it yourself: --region eu-west")
    return region


def _trust(path: Path) -> Trust:
    try:
        return read_trust(_bytes(path, "--trust"), str(path))
    except ValueError as error:
        raise UsageError(f"{path}: holds no certificate", hint="Give certificates in PEM, or one in DER.") from error


def own_store() -> Path | None:
    """The file of the certificates that this computer trusts."""
    places = (os.environ.get("SSL_CERT_FILE"), *_STORES)
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def _own() -> Trust | None:
    """The certificates that this computer trusts, None where it has no file of them."""
    store = own_store()
    return Trust(_of_store(store), "the certificates that this computer trusts") if store else None


def _of_store(path: Path) -> "Iterator[x509.Certificate]":
    """Read when they are asked for, and not before. Raises UsageError."""
    try:
        yield from certificates(_bytes(path, "SSL_CERT_FILE"))
    except ValueError as error:
        hint = "Name certificates yourself: --trust FILE"
        raise UsageError(f"{path}: the store of this computer holds no certificate", hint=hint) from error


def _bytes(path: Path, option: str) -> bytes:
    if not path.is_file():
        raise UsageError(f"{option}: {path} is no file", hint=f"Check the name: ls -l {path}")
    try:
        with path.open("rb") as file:
            return file.read(_BYTES_MAX)
    except OSError as error:
        raise UsageError(f"{option}: {path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
