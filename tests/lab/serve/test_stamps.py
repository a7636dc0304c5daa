"""The time-stamping authority, by `openssl ts`."""

import subprocess
from pathlib import Path

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def _stamped(curl: Curl, tmp_path: Path, query: bytes, kind: str = "application/timestamp-query") -> int:
    (tmp_path / "query.tsq").write_bytes(query)
    given = ("-H", f"Content-Type: {kind}", "--data-binary", f"@{tmp_path / 'query.tsq'}")
    status, body = curl.one("/tsa/reply", *given)
    (tmp_path / "reply.tsr").write_bytes(body)
    return status


def test_a_stamp_verifies_for_its_data_alone(mixed: Lab, curl: Curl, tmp_path: Path) -> None:
    """Evidence could not be stamped and checked, or a stamp would hold for other data."""
    for name in ("data", "other"):
        (tmp_path / name).write_text(name)
    ask = ["openssl", "ts", "-query", "-data", "data", "-sha256", "-cert"]
    query = subprocess.run(ask, cwd=tmp_path, capture_output=True, check=True).stdout
    assert _stamped(curl, tmp_path, query) == 200
    for name, code in (("data", 0), ("other", 1)):
        check = ["openssl", "ts", "-verify", "-data", name, "-in", "reply.tsr", "-CAfile", curl.about["ca"]]
        assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_what_is_no_query_is_refused(mixed: Lab, curl: Curl, tmp_path: Path) -> None:
    """Bytes of a stranger would be a failure of the server, or be stamped."""
    assert _stamped(curl, tmp_path, b"no query", "text/plain") == 415
    status = _stamped(curl, tmp_path, b"no query")
    text = ["openssl", "ts", "-reply", "-in", str(tmp_path / "reply.tsr"), "-text"]
    told = subprocess.run(text, capture_output=True, check=False).stdout
    assert status == 400 or b"Status: Rejected" in told
