"""`abm-trace check tls`, against the lab's endpoints and openssl's word on them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run
from tests.net import crooked, s_server

from abm_lab.serve.certificates import Authority
from abm_trace.net.reach import place

HOST = "us-east.abm.apple.com"
ROOT = Path(__file__).parents[3]
EXPECTED = {
    "stapled": (0, []),
    "tls12": (0, []),
    "tls13": (0, []),
    "none": (1, ["tls-no-staple"]),
    "revoked": (1, ["tls-revoked"]),
    "stale": (1, ["tls-staple-stale"]),
    "forged": (1, ["tls-staple-bad"]),
    "expired": (1, ["tls-expired"]),
    "dst_root": (1, ["tls-expired"]),
    "intercepted": (1, ["tls-issuer-unknown", "tls-no-staple"]),
}


def ids(stdout: str) -> list[str]:
    """What was found."""
    return [each["id"] for subject in json.loads(stdout)["subjects"] for each in subject["findings"]]


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_endpoint_live_saved_and_by_openssl(kind: str, lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, our check and `openssl s_client` would say different things of one server."""
    at = str(lab["tls"][kind]).removeprefix("https://")
    asked = ["check", "tls", HOST, "--at", at, "--trust", lab["ca"], "--allow-loopback", "--format", "json"]
    live = run(*asked, "--record", "kept.ndjson")
    assert (live.returncode, ids(live.stdout)) == EXPECTED[kind], live.stdout
    again = run("check", "tls", "--saved", "kept.ndjson", "--format", "json")
    assert (again.returncode, ids(again.stdout)) == EXPECTED[kind]
    (tmp_path / "saved.txt").write_bytes(s_server.s_client(place(at, 443), Path(lab["ca"])))
    saved = run("check", "tls", "--saved", "saved.txt", "--format", "json")
    if kind == "forged":  # A transcript says nothing of a staple's signature.
        assert (saved.returncode, ids(saved.stdout)) == (0, [])
    elif kind != "stale" or "Start Time" in (tmp_path / "saved.txt").read_text():
        assert (saved.returncode, ids(saved.stdout)) == EXPECTED[kind], saved.stdout


def test_inspection_that_this_computer_trusts(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a proxy whose root was installed here, and not on a new iPad, would pass unseen."""
    at = str(lab["tls"]["stapled"]).removeprefix("https://")
    words = ["check", "tls", "--at", at, "--trust", lab["ca"], "--allow-loopback", "--format", "json"]
    done = run(*words, "mdmenrollment.apple.com")
    assert (done.returncode, ids(done.stdout)) == (1, ["tls-issuer-unexpected"])
    assert "abm-lab server CA" in done.stdout


def test_a_name_that_leads_inward_is_not_connected_to(run: Run) -> None:
    """If this failed, a probe could be turned on this computer or its cloud (PROMISES R24)."""
    with crooked.serving(crooked.silent) as (at, met):
        for host in (f"127.0.0.1:{at.port}", f"[::1]:{at.port}", f"localhost:{at.port}", "169.254.169.254:80"):
            done = run("check", "tls", host, "--format", "json")
            assert done.returncode == 3
            assert "not connected to" in json.loads(done.stdout)["subjects"][0]["problem"]
    assert met == []


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (crooked.silent, "no answer within 0.5 s"),
        (crooked.reset, "was reset"),
        (crooked.closing, "closed the connection"),
        (crooked.saying(b"\x1b[31mgarbage"), "speaks no TLS"),
    ],
)
def test_a_server_that_does_not_behave(behave: crooked.Behave, says: str, run: Run) -> None:
    """If this failed, silence would be read as failure or as success, or it would hold the engineer."""
    with crooked.serving(behave) as (at, _):
        done = run("check", "tls", at, "--allow-loopback", "--timeout", "0.5", COLUMNS="200")
    assert done.returncode == 3
    assert says in " ".join(done.stdout.split())
    assert "do   " in done.stdout
    assert "\x1b" not in done.stdout


def test_json_has_its_schema(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a script could not rely on what is printed."""
    at = str(lab["tls"]["none"]).removeprefix("https://")
    done = run("check", "tls", HOST, "--at", at, "--trust", lab["ca"], "--allow-loopback", "--format", "json")
    document = json.loads(done.stdout)
    Draft202012Validator(json.loads((ROOT / "docs/schema/check-1.json").read_bytes())).validate(document)
    assert (document["schema"], document["check"], document["state"]) == ("abm-trace/check/1", "tls", "bad")


def test_through_a_proxy(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a site that has a proxy alone would be called cut off, or its endpoint another's."""
    stapled = place(lab["tls"]["stapled"].removeprefix("https://"), 443)
    with crooked.serving(crooked.relaying(stapled)) as (proxy, met):
        words = ["check", "tls", HOST, "--proxy", proxy, "--trust", lab["ca"], "--allow-loopback"]
        done = run(*words, COLUMNS="200")
    assert (done.returncode, len(met)) == (0, 1), done.stdout
    assert f"through {proxy}" in " ".join(done.stdout.split())


def test_over_ipv6(run: Run, tmp_path: Path) -> None:
    """If this failed, a segment that has IPv6 alone could not be probed."""
    root = Authority("a root", s_server.AT)
    leaf = root.leaf("x", [HOST])
    (tmp_path / "ca.pem").write_bytes(root.identity.pem)
    with s_server.serving(tmp_path, leaf, [], s_server.staple(root, leaf), host="::1") as at:
        words = ["check", "tls", HOST, "--at", at, "--trust", "ca.pem", "--allow-loopback", "--format", "json"]
        done = run(*words, "-6")
        assert run(*words, "-4").returncode == 3
    (subject,) = json.loads(done.stdout)["subjects"]
    assert "::1 (DNS" in subject["seen"]
    assert (done.returncode, subject["findings"]) == (0, [])  # Its issuer is not served, but trusted.


def test_several_at_once(run: Run) -> None:
    """If this failed, ten dead hosts would take ten time limits."""
    with crooked.serving(crooked.silent) as (at, _):
        done = run("check", "tls", *[at] * 10, "--allow-loopback", "--timeout", "1", "--format", "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["took_s"] < 4


def test_triage_reads_what_was_recorded(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a probe of a segment would be no evidence of its devices."""
    at = str(lab["tls"]["none"]).removeprefix("https://")
    asked = ["check", "tls", HOST, "--at", at, "--trust", lab["ca"], "--allow-loopback", "--segment", "clinic-01"]
    run(*asked, "--record", "tls.ndjson")
    done = run("triage", ".", "--files", COLUMNS="200")
    assert "tls-probe" in done.stdout + done.stderr


@pytest.mark.parametrize("wrong", [[], ["a b"], ["x", "--timeout", "0"], ["x", "--at", "y:0"], ["x", "--proxy", "z:z"]])
def test_bad_usage(wrong: list[str], run: Run) -> None:
    """If this failed, a slip would look like an endpoint that is right or wrong."""
    assert run("check", "tls", *wrong).returncode == 2


def test_nothing_saved_that_is_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong file would look like a sound handshake."""
    (tmp_path / "x.txt").write_text("hello")
    assert run("check", "tls", "--saved", "x.txt").returncode == 3
