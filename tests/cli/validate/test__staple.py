"""`abm-validate --staple`: a real handshake with each server that payloads name, against the lab and bad servers."""

import json
import plistlib
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from cryptography.hazmat.primitives.serialization import Encoding
from tests.checks.payload import building
from tests.cli.check.conftest import lab
from tests.cli.check.test_tls import EXPECTED
from tests.cli.conftest import Run
from tests.net import crooked, s_server
from tests.whole.test_connections import traced

from abm_lab.serve.certificates import Authority
from abm_trace.net.reach import Place

__all__ = ["lab"]

ROOT = Path(__file__).parents[3]
GUIDE = {"enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"}


def write(name: str, kind: str = "profile", **changes: object) -> Path:
    """A payload in this folder."""
    path = Path(name)
    path.write_bytes(building.written(kind, changes))
    return path


def served(at: Place) -> str:
    """The address of a server on this computer."""
    return f"https://localhost:{at.port}/mdm"


def findings(stdout: str) -> list[tuple[str, str, str]]:
    """(path, rule, key) of what handshakes found, as the JSON has it."""
    payloads = json.loads(stdout)["payloads"]
    return [
        (each["path"], found["id"], found["key"])
        for each in payloads
        for found in each["findings"]
        if found["id"].split("-")[0] in {"tls", "endpoint"}
    ]


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_endpoint_of_the_lab(kind: str, lab: dict[str, Any], run: Run) -> None:
    """If this failed, a payload would be judged by another word than that of `check tls`."""
    code, ids = EXPECTED[kind]
    at = lab["tls"][kind].removeprefix("https://")
    words = ["--staple", "--at", at, "--tls-trust", lab["ca"], "--allow-loopback", "--format", "json"]
    done = run("validate", write("a.mobileconfig", **GUIDE), *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert findings(done.stdout) == [("a.mobileconfig", each, "serverUrl") for each in ids]
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schema/validate-1.json").read_text())).validate(document)
    (endpoint,) = document["endpoints"]
    assert endpoint["state"] == ("bad" if code else "good")
    for each in document["payloads"][0]["findings"]:
        if each["id"].startswith("tls-"):
            in_file, seen = each["evidence"]
            line = Path("a.mobileconfig").read_text().splitlines()[in_file["line"] - 1]
            assert "serverUrl" in line
            assert seen["path"] == "live:us-east.abm.apple.com:443"


def test_one_handshake_a_server(run: Run) -> None:
    """If this failed, a folder of a thousand profiles would knock a thousand times."""
    with crooked.serving(crooked.closing) as (at, met):
        for number in range(30):
            write(f"{number}.mobileconfig", "mdm", ServerURL=served(at), CheckInURL=served(at))
        done = run("validate", ".", "--staple", "--allow-loopback", "--timeout", "2", "--format", "json")
    assert (done.returncode, len(met)) == (3, 1)
    assert len(findings(done.stdout)) == 60


def test_nobody_is_asked_unasked(run: Run) -> None:
    """If this failed, whoever writes a profile would learn who validates it."""
    with crooked.serving(crooked.closing) as (at, met):
        path = write("a.mobileconfig", "mdm", ServerURL=served(at))
        assert run("validate", path).returncode == 0
        assert run("check", "payload", path).returncode == 0
        # Asked, but it leads to this very computer.
        done = run("validate", path, "--staple", COLUMNS="200")
    assert met == []
    assert (done.returncode, "not connected to" in done.stdout) == (3, True)


@pytest.mark.slow
def test_whom_the_program_connects_to(tmp_path: Path, run: Run) -> None:
    """If this failed, the system calls would show somebody who was not named, or a look that was not asked for."""
    with crooked.serving(crooked.closing) as (at, _):
        words = ["validate", write("a.mobileconfig", "mdm", ServerURL=served(at)), "--timeout", "2"]
        assert traced(tmp_path, *words) == (set(), 0)
        assert traced(tmp_path, *words, "--staple") == (set(), 3)
        assert traced(tmp_path, *words, "--staple", "--allow-loopback") == ({str(at)}, 3)


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (crooked.silent, "no answer within 1 s"),
        (crooked.reset, "the connection was reset"),
        (crooked.endless, "speaks no TLS"),
        (crooked.saying(b"\x16\x03\x03\x40\x00" + bytes(60), 1.0), "no answer within 1 s"),
        (crooked.saying(b"\x1b[31mgarbage"), "speaks no TLS"),
        (crooked.saying(b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\n\r\n"), "speaks no TLS"),
    ],
)
def test_a_server_that_does_not_behave_is_not_known(behave: crooked.Behave, says: str, run: Run) -> None:
    """If this failed, silence would be an error of the profile, or pass for a staple, or hold the pipeline."""
    with crooked.serving(behave) as (at, _):
        write("a.mobileconfig", "mdm", ServerURL=served(at))
        begun = time.monotonic()
        done = run("validate", "a.mobileconfig", "--staple", "--allow-loopback", "--timeout", "1", COLUMNS="200")
        assert time.monotonic() - begun < 5
    assert done.returncode == 3
    first, *rest = done.stdout.splitlines()
    assert first == "? 2 notes in 1 payload (0 signed); 1 endpoint asked, 1 not known"
    assert f"not known: localhost:{at.port}: {says}" in "\n".join(rest)
    assert "\x1b" not in done.stdout


def test_not_known_in_each_form(run: Run) -> None:
    """If this failed, a CI would show a test that was not made as passed, or as failed."""
    path = write("a.mobileconfig", "mdm", ServerURL="https://localhost:9/mdm")
    words = ["validate", path, "--staple", "--allow-loopback"]
    junit = run(*words, "--format", "junit")
    assert junit.returncode == 3
    xmlschema.XMLSchema(ROOT / "tests/data/cli/validate/junit.xsd").validate(junit.stdout)
    suite = ET.fromstring(junit.stdout)[0]  # noqa: S314  # It is our own.
    assert (suite.get("skipped"), suite.get("failures")) == ("1", "0")
    (result,) = (
        each
        for each in json.loads(run(*words, "--format", "sarif").stdout)["runs"][0]["results"]
        if each["ruleId"] == "endpoint-not-known"
    )
    assert (result["level"], result["kind"]) == ("none", "open")
    assert "::notice file=a.mobileconfig" in run(*words, "--format", "github").stdout
    assert "an endpoint is not known" in junit.stderr
    assert run(*words, "--fail-on", "none").returncode == 0
    Path("abm-validate.toml").write_text(
        '[[allow]]\nid = "endpoint-not-known"\npath = "a.mobileconfig"\nreason = "CI is outside, OPS-1"\n'
    )
    assert run(*words).returncode == 0


def test_an_authority_that_the_payload_brings(run: Run, tmp_path: Path) -> None:
    """If this failed, every MDM with an authority of its own would be called intercepted."""
    root = Authority("own root", s_server.AT)
    leaf = root.leaf("mdm", ["localhost"])
    brings = building.part(
        "com.apple.security.root", 1, PayloadContent=root.identity.certificate.public_bytes(Encoding.DER)
    )
    with s_server.serving(tmp_path, leaf, [], b"") as at:
        mdm = building.mdm(ServerURL=served(at), IdentityCertificateUUID=brings["PayloadUUID"])
        data = plistlib.dumps({**building.TOP, "PayloadContent": [brings, mdm]})
        Path("own.mobileconfig").write_bytes(data)
        write("without.mobileconfig", "mdm", ServerURL=served(at))
        words = ["--staple", "--allow-loopback", "--format", "json"]
        done = run("validate", "own.mobileconfig", "without.mobileconfig", *words)
    assert [(path, rule) for path, rule, _ in findings(done.stdout)] == [
        ("own.mobileconfig", "tls-no-staple"),
        ("without.mobileconfig", "tls-issuer-unknown"),
        ("without.mobileconfig", "tls-no-staple"),
    ]


def test_no_authority_but_apples_for_apple(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a profile that brings a proxy's root would hide the proxy before ABM."""
    at = lab["tls"]["intercepted"].removeprefix("https://")
    proxy = Path(lab["folder"]) / "endpoints/intercepted.pem"
    brings = building.part("com.apple.security.pem", 1, PayloadContent=proxy.read_bytes())
    Path("a.mobileconfig").write_bytes(plistlib.dumps({**building.TOP, **GUIDE, "PayloadContent": [brings]}))
    words = ["--staple", "--at", at, "--allow-loopback", "--format", "json"]
    assert "tls-issuer-unknown" in run("validate", "a.mobileconfig", *words).stdout


def test_hostile_addresses(run: Run) -> None:
    """If this failed, a profile could lead inward, or end the run with a fault of ours."""
    names = [
        "169.254.169.254",
        "[::1]:80",
        "a..b",
        "*",
        "x:0",
        "",
        "user@localhost",
        "\u202eevil",
        "a" * 5000,
        "[",
        "x:y",
    ]
    hosts = [f"https://{name}/" for name in names]
    parts = [building.part("x", 1, serverUrl=each, enrollmentMethod="abm") for each in hosts]
    Path("a.mobileconfig").write_bytes(plistlib.dumps({**building.TOP, "PayloadContent": parts}))
    done = run("validate", "a.mobileconfig", "--staple", "--timeout", "2")
    assert done.returncode == 1  # serverUrl must be an ABM endpoint.
    assert "\u202e" not in done.stdout


def test_too_many_servers(run: Run) -> None:
    """If this failed, a foreign folder could have us scan a network."""
    with crooked.serving(crooked.closing) as (at, met):
        for number in range(110):
            write(f"{number:03}.mobileconfig", "mdm", ServerURL=f"https://h{number}.localhost:{at.port}/")
        words = ["--staple", "--at", at, "--allow-loopback", "--timeout", "5", "--format", "json"]
        done = run("validate", ".", *words)
    assert len(met) == 100
    assert "100 other servers were looked at" in done.stdout
    assert len(findings(done.stdout)) == 110


def test_no_server_is_said(run: Run) -> None:
    """If this failed, a payload that names no server would look like one whose server staples."""
    done = run("validate", write("a.mobileconfig"), "--staple")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "✓ 1 note in 1 payload (0 signed); no endpoint to ask")


def test_bad_usage(run: Run) -> None:
    """If this failed, a slip would pass for a look at a server."""
    path = write("a.mobileconfig", **GUIDE)
    for words in (
        ["--at", "x:1"],
        ["--allow-loopback"],
        ["--staple", "--diff", path],
        ["--staple", "--timeout", "0"],
        ["--staple", "--at", "x:0"],
        ["--staple", "--tls-trust", "nowhere.pem"],
    ):
        assert run("validate", path, *words).returncode == 2, words
