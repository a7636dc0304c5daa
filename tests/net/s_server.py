"""Endpoints by `openssl s_server`, which staples what it is given: good and bad twins for the probe."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from abm_lab.serve.certificates import Authority, Identity
from abm_trace.core.instants import from_datetime
from abm_trace.net.reach import Place

HOST = "us-east.abm.apple.com"
GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # Certificates of a live server are valid now.
AT = from_datetime(NOW, UTC)
DAY = timedelta(days=1)


def staple(
    authority: Authority,
    leaf: Identity,
    status: ocsp.OCSPCertStatus = GOOD,
    *,
    days: int = 7,
    signer: Identity | None = None,
) -> bytes:
    """An answer about a leaf of the authority until `days` from now, signed by `signer` if not by itself."""
    mine = authority.identity
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf.certificate,
        issuer=mine.certificate,
        algorithm=hashes.SHA256(),
        cert_status=status,
        this_update=NOW - 30 * DAY,
        next_update=NOW + days * DAY,
        revocation_time=NOW - 31 * DAY if status is REVOKED else None,
        revocation_reason=None,
    )
    signer = signer or mine
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer.certificate).certificates(
        [signer.certificate]
    )
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@contextlib.contextmanager
def serving(
    folder: Path,
    leaf: Identity,
    chain: list[x509.Certificate],
    stapled: bytes = b"",
    *more: str,
    host: str = "127.0.0.1",
) -> Iterator[Place]:
    """`openssl s_server` with this leaf and chain, and the staple where there is one."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl: on Debian run: sudo apt-get install openssl")
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        port = free.getsockname()[1]
    files = {name: folder / f"{port}.{name}" for name in ("pem", "key", "chain", "der")}
    files["pem"].write_bytes(leaf.pem)
    files["key"].write_bytes(leaf.key_pem)
    files["chain"].write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain))
    files["der"].write_bytes(stapled)
    words: list[str | Path] = [
        program,
        "s_server",
        "-accept",
        str(Place(host, port)),
        "-cert",
        files["pem"],
        "-key",
        files["key"],
        "-quiet",
    ]
    words += ["-cert_chain", files["chain"]] if chain else []
    words += ["-status_file", files["der"]] if stapled else []
    with subprocess.Popen([*words, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection((host, port), 0.2):
                    break
                time.sleep(0.02)
            yield Place(host, port)
        finally:
            process.kill()


def s_client(at: Place, trust: Path, *more: str) -> bytes:
    """The transcript that `openssl s_client -status` writes of the endpoint."""
    words = ["openssl", "s_client", "-connect", str(at), "-servername", HOST, "-CAfile", str(trust), *more]
    words += ["-verify_hostname", HOST, "-tlsextdebug", "-status"]
    done = subprocess.run(words, input=b"", capture_output=True, check=False, timeout=30)
    return b"$ " + " ".join(words).encode() + b"\n" + done.stdout + done.stderr
