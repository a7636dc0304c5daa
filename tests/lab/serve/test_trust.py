"""The authorities of a run."""

import subprocess
from pathlib import Path

from abm_lab.serve.clock import real_now
from abm_lab.serve.trust import Trust


def test_each_side_knows_its_own_and_no_other(tmp_path: Path) -> None:
    """A client's certificate would pass for a server's, or a stranger's for a client's."""
    trust = Trust(tmp_path, ["h.example"], real_now())
    cases = (
        (trust.ca, trust.tls.certificate, "sslserver", True),
        (trust.tls.clients, trust.client, "sslclient", True),
        (trust.tls.clients, trust.tls.certificate, "sslclient", False),
        (trust.tls.clients, trust.client, "sslserver", False),
        (trust.ca, trust.client, "sslclient", False),
    )
    for authority, certificate, purpose, holds in cases:
        command = ["openssl", "verify", "-CAfile", str(authority), "-untrusted", str(certificate), "-purpose", purpose]
        done = subprocess.run([*command, str(certificate)], capture_output=True, check=False)
        assert (done.returncode == 0) is holds, (authority, certificate, purpose, done.stderr)
