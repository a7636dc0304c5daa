"""`abm-trace check payload`: the door to the rules of validate, and the staple of the host."""

import json
import plistlib
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.net import crooked

GOOD = {
    "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": "x", "PayloadUUID": "u",
    "PayloadContent": [], "enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com",
}  # fmt: skip


def profile(path: Path, **keys: object) -> Path:
    """A profile with these keys over sound ones; None takes one out."""
    path.write_bytes(plistlib.dumps({name: value for name, value in (GOOD | keys).items() if value is not None}))
    return path


def test_a_good_and_a_bad_twin(run: Run, tmp_path: Path) -> None:
    """If this failed, a profile that lost its enrolment method would be rolled out."""
    assert run("check", "payload", profile(tmp_path / "good.mobileconfig")).returncode == 0
    done = run("check", "payload", profile(tmp_path / "bad.mobileconfig", enrollmentMethod=None))
    assert (done.returncode, "L5" in done.stdout) == (1, True), done.stdout + done.stderr
    assert run("check", "payload", tmp_path / "good.mobileconfig", "--region", "eu-west").returncode == 1


@pytest.mark.parametrize(("kind", "code"), [("stapled", 0), ("none", 1)])
def test_whether_the_staple_is_ready(kind: str, code: int, lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a payload would point devices at an endpoint without a staple."""
    at = lab["tls"][kind].removeprefix("https://")
    done = run(
        "check", "payload", profile(tmp_path / "p.mobileconfig"), "--staple", "--format", "json", "--at", at,
         "--trust", lab["ca"], "--allow-loopback",
    )  # fmt: skip
    payload, endpoint = json.loads(done.stdout)["subjects"]
    assert (done.returncode, endpoint["state"]) == (code, "bad" if code else "good"), done.stdout + done.stderr
    assert "tls-no-staple" not in str(endpoint) or code
    cited = [each["evidence"][0] for each in payload["findings"] if each["id"] == "tls-no-staple"]
    assert [re.sub(r":\d+$", "", each) for each in cited] == [str(tmp_path / "p.mobileconfig")] * code


def test_a_host_that_never_answers(run: Run, tmp_path: Path) -> None:
    """If this failed, silence would make a payload wrong, or right."""
    with crooked.serving(crooked.silent) as (at, _):
        words = ["--staple", "--at", at, "--allow-loopback", "--timeout", "0.5"]
        done = run("check", "payload", profile(tmp_path / "p.mobileconfig"), *words)
    assert (done.returncode, "no answer within 0.5 s" in " ".join(done.stdout.split())) == (3, True), done.stdout


def test_nothing_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong file would look like a sound payload, or a huge one fill the memory."""
    (tmp_path / "x.bin").write_bytes(b"\x00")
    assert run("check", "payload", "x.bin").returncode == 3
    (tmp_path / "big.mobileconfig").write_bytes(b"<plist><dict><key>a</key><string>" + b"x" * 50_000_000)
    assert run("check", "payload", "big.mobileconfig").returncode in {1, 3}
