"""Server tokens, opened by openssl."""

import json
import subprocess
from pathlib import Path

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def _opened(token: str, key: str) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", "smime", "-decrypt", "-in", token, "-recip", key, "-inkey", key]
    return subprocess.run(command, capture_output=True, check=False)


def test_a_token_opens_with_the_key_of_its_run(mixed: Lab, curl: Curl) -> None:
    """A reader of .p7m tokens could not be tried, or would read another token than the one in JSON."""
    for name, known in curl.about["dep"].items():
        done = _opened(known["encrypted"], curl.about["token_key"])
        assert done.returncode == 0, done.stderr
        head, _, rest = done.stdout.partition(b"-----BEGIN MESSAGE-----")
        body, _, tail = rest.partition(b"-----END MESSAGE-----")
        assert head.startswith(b"Content-Type: text/plain;charset=UTF-8")
        assert json.loads(body) == json.loads(Path(known["server_token"]).read_bytes()), name
        assert not tail.strip()


def test_another_key_opens_nothing(mixed: Lab, curl: Curl, tmp_path: Path) -> None:
    """A token would be for everybody."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "-", "-out", "-"]
    (tmp_path / "other.pem").write_bytes(subprocess.run(make, capture_output=True, check=True).stdout)
    known = next(iter(curl.about["dep"].values()))
    assert b"consumer_key" not in _opened(known["encrypted"], str(tmp_path / "other.pem")).stdout
