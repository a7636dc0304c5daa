"""`abm-trace check token`, with saved tokens, and against the lab's ABM and DEP."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from tests.checks import sealing
from tests.cli.conftest import Run
from tests.net import crooked


def ids(stdout: str) -> dict[str, list[str]]:
    """The findings by the first word of the subject."""
    return {each["name"].split(" (")[0]: [f["id"] for f in each["findings"]] for each in json.loads(stdout)["subjects"]}


def asked(lab: dict[str, Any], *more: str, region: str = "us-east") -> list[str]:
    """The words that ask the lab in ABM's stead."""
    at = lab["https"].removeprefix("https://")
    (Path.cwd() / "bearer").write_text(lab["abm"][region]["token"] + "\n")
    return ["check", "token", "--at", at, "--trust", lab["ca"], "--allow-loopback", "--format", "json", *more]


def test_live_and_saved(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a token would be judged otherwise when it is asked for than when its answer was saved."""
    words = asked(lab, "--id", "tok_us_east", "--region", "us-east", "--bearer", "bearer")
    done = run(*words)
    found = ids(done.stdout)
    live = found["tok_us_east at us-east"]
    assert found["region of tok_us_east"] == []
    secret = lab["abm"]["us-east"]["token"]
    assert secret not in done.stdout + done.stderr
    curl = ["curl", "-s", "--cacert", lab["ca"], "-H", f"Authorization: Bearer {secret}"]
    saved = subprocess.run(
        [*curl, f"{lab['services']['abm/us-east']}/v1/tokens/tok_us_east"], capture_output=True, check=True
    )
    (tmp_path / "token.json").write_bytes(saved.stdout)
    assert ids(run("check", "token", "token.json", "--format", "json").stdout)["tok_us_east"] == live


def test_what_abm_refuses(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a token of nobody, or an id that is none, would pass."""
    words = asked(lab, "--id", "tok_nobody", "--region", "us-east", "--bearer", "bearer")
    done = run(*words)
    assert (done.returncode, ids(done.stdout)) == (1, {"tok_nobody at us-east": ["token-unknown"]})
    words = asked(lab, "--id", "tok_us_east", "--region", "us-east")
    done = run(*words, ABM_TRACE_TOKEN="wrong")  # noqa: S106  # It is meant to be wrong.
    assert (done.returncode, ids(done.stdout)) == (1, {"tok_us_east at us-east": ["token-refused"]})


def test_a_server_token_asked_at_apple(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, the OAuth 1.0a signature would be wrong, or the account go unseen."""
    file = lab["dep"]["fleet-main"]["server_token"]
    done = run(*asked(lab, "--ask", file))
    assert "fleet-main" in done.stdout
    assert all(
        secret not in done.stdout + done.stderr
        for secret in json.loads(Path(file).read_text()).values()
        if "sim" in secret
    )
    wrong = json.loads(Path(file).read_text()) | {"access_secret": "AS_other_0123456789abcdef"}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    done = run(*asked(lab, "--ask", "wrong.json"))
    assert done.returncode == 1
    assert ids(done.stdout)["account"] == ["token-refused"]


def test_a_sealed_token(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, the very file that Apple hands out could not be checked."""
    sealing.key(tmp_path)
    token = Path(lab["dep"]["fleet-main"]["server_token"]).read_text()
    (tmp_path / "t.p7m").write_bytes(sealing.seal(tmp_path, sealing.text(token)))
    done = run("check", "token", "t.p7m", "--key", "k.pem", "--format", "json")
    assert (done.returncode, next(iter(ids(done.stdout).values()))[-1]) == (0, "may-write"), done.stdout + done.stderr
    done = run("check", "token", "t.p7m")
    assert done.returncode == 2
    assert "--key" in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        ({"id": "tok_1", "region": "us-east", "tokenExpiry": "2020-01-01T00:00:00Z"}, 1, "token-expired"),
        ({"id": "tok_1", "region": "us-east", "tokenExpiry": "2999-01-01T00:00:00Z"}, 0, ""),
        (
            {"cursor": "x", "more_to_follow": False, "fetched_until": "2020-01-01T00:00:00Z", "devices": []},
            1,
            "cursor-expired",
        ),
        ({"server_name": "MDM", "server_uuid": "u", "org_name": "Clinic"}, 0, ""),
    ],
)
def test_saved_files(text: dict[str, object], code: int, found: str, run: Run, tmp_path: Path) -> None:
    """If this failed, a good and a bad twin of a saved answer would be told alike."""
    (tmp_path / "t.json").write_text(json.dumps(text))
    done = run("check", "token", "t.json")
    assert (done.returncode, found in done.stdout) == (code, True), done.stdout + done.stderr


def test_nobody_answers(run: Run, tmp_path: Path) -> None:
    """If this failed, silence would be a refused token."""
    (tmp_path / "b").write_text("x")
    with crooked.serving(crooked.silent) as (at, _):
        words = ["check", "token", "--id", "t", "--region", "eu-west", "--bearer", "b", "--at", at]
        done = run(*words, "--allow-loopback", "--timeout", "0.5")
    assert done.returncode == 3


@pytest.mark.parametrize(
    "wrong", [[], ["--id", "t"], ["--id", "t", "--region", "a/b"], ["--id", "t", "--region", "x"], ["none.p7m"]]
)
def test_bad_usage(wrong: list[str], run: Run) -> None:
    """If this failed, a slip would look like a token that holds."""
    assert run("check", "token", *wrong).returncode in {2, 3}


def keyed(lab: dict[str, Any], *more: object, client: str = "", key: str = "") -> list[object]:
    """The words that ask the lab in Apple's stead what an API key may do."""
    of = lab["business"]
    at = lab["https"].removeprefix("https://")
    ids = ["--client-id", client or of["client_id"], "--key-id", key or of["key_id"]]
    return [
        "check", "token", of["key"], *ids, "--ask", "--at", at, "--trust", lab["ca"], "--allow-loopback", *more,
        "--format", "json",
    ]  # fmt: skip


def fault(lab: dict[str, Any], **words: object) -> None:
    """Have the lab do this wrong next."""
    body = json.dumps({"service": "business", **words})
    subprocess.run(["curl", "-sSf", "-d", body, f"{lab['control']}/faults"], capture_output=True, check=True)


def states(stdout: str) -> dict[str, str]:
    """The state of each subject."""
    return {each["name"].split(" (")[0]: each["state"] for each in json.loads(stdout)["subjects"]}


@pytest.mark.parametrize("kind", ["429", "500", "503", "half", "reset", "redirect"])
def test_a_service_that_is_not_well_says_nothing_of_a_token(kind: str, lab: dict[str, Any], run: Run) -> None:
    """If this failed, a token would be renewed, or called expired, because somebody else was down."""
    abm = asked(lab, "--id", "tok_us_east", "--region", "us-east", "--bearer", "bearer")
    dep = asked(lab, "--ask", lab["dep"]["fleet-main"]["server_token"])
    for service, line, name in (("abm/us-east", abm, "tok_us_east at us-east"), ("dep", dep, "account")):
        fault(lab, service=service, kind=kind)
        done = run(*line)
        assert (done.returncode, states(done.stdout)[name]) == (3, "open"), done.stdout + done.stderr
        told = "to http://169.254.169.254/latest/meta-data/, not followed" in done.stdout
        assert told is (kind == "redirect")


def test_what_an_api_key_may_do(lab: dict[str, Any], run: Run) -> None:
    """If this failed, nobody could tell before a rollout whether a key can read what triage needs."""
    done = run(*keyed(lab))
    assert done.returncode == 0, done.stdout + done.stderr
    assert states(done.stdout) == dict.fromkeys(
        ("API key", "access token for business.api", "devices", "the server of a device", "servers", "audit events"),
        "good",
    )
    assert ids(done.stdout)["access token for business.api"] == ["may-write"]
    secret = Path(lab["business"]["key"]).read_text().splitlines()[1:-1]
    assert not any(line in done.stdout + done.stderr for line in [*secret, "SIMULATED."])


def test_an_api_key_that_is_refused(lab: dict[str, Any], run: Run) -> None:
    """If this failed, a revoked key would look like a network that is down, or like a right one."""
    for words in (keyed(lab, client="BUSINESSAPI.nobody"), keyed(lab, key="another")):
        done = run(*words)
        assert (done.returncode, ids(done.stdout)["access token for business.api"]) == (1, ["key-refused"])
    done = run(*keyed(lab, "--scope", "school.api"))
    assert (done.returncode, "key-scope" in ids(done.stdout)["API key"]) == (1, True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"path": "/v1/auditEvents", "status": 403, "code": "FORBIDDEN"}, ("audit events", "good", ["key-denied"])),
        ({"path": "/v1/mdmServers", "status": 401, "code": "NOT_AUTHORIZED"}, ("servers", "bad", ["key-refused"])),
        ({"path": "/v1/orgDevices", "kind": "429"}, ("devices", "open", [])),
        ({"path": "/v1/orgDevices", "kind": "503"}, ("devices", "open", [])),
        ({"path": "/v1/orgDevices", "kind": "half"}, ("devices", "open", [])),
        ({"path": "/v1/orgDevices", "kind": "garbage"}, ("devices", "open", [])),
        ({"path": "/v1/orgDevices", "kind": "slow", "bytes_per_s": 1}, ("devices", "open", [])),
        ({"path": "/auth/oauth2/token", "kind": "429"}, ("access token for business.api", "open", [])),
        ({"path": "/auth/oauth2/token", "kind": "reset"}, ("access token for business.api", "open", [])),
    ],
)
def test_refusals_are_told_apart(
    words: dict[str, object], expected: tuple[str, str, list[str]], lab: dict[str, Any], run: Run
) -> None:
    """If this failed, a permission that lacks, a limit, and a service that is down would be one and the same."""
    subject, state, found = expected
    fault(lab, **words)
    done = run(*keyed(lab, "--timeout", "2"))
    assert (states(done.stdout)[subject], ids(done.stdout)[subject]) == (state, found), done.stdout
    assert done.returncode == {"good": 0, "bad": 1, "open": 3}[state]


@pytest.mark.parametrize(
    "behave",
    [
        crooked.silent,
        crooked.reset,
        crooked.saying(b"garbage"),
        crooked.saying(b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\n\r\n"),
        crooked.saying(b"\x16\x03\x03\x40\x00" + bytes(60), 1.0),
    ],
)
def test_a_server_that_does_not_behave_says_nothing_of_a_key(
    behave: crooked.Behave, lab: dict[str, Any], run: Run
) -> None:
    """If this failed, a captive portal would make a good key bad, or be given an assertion."""
    of = lab["business"]
    with crooked.serving(behave) as (at, _):
        words = ["check", "token", of["key"], "--client-id", of["client_id"], "--key-id", of["key_id"], "--ask"]
        done = run(*words, "--at", at, "--allow-loopback", "--timeout", "1", "--format", "json")
    assert (done.returncode, states(done.stdout)["API key"]) == (3, "good")


def test_an_api_key_by_itself(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a key of the wrong kind, or one that everybody can read, would be handed on."""
    key = Path(lab["business"]["key"])
    assert run("check", "token", key).returncode == 0
    (tmp_path / "open.pem").write_bytes(key.read_bytes())
    (tmp_path / "open.pem").chmod(0o644)
    assert "file-readable" in run("check", "token", "open.pem").stdout
    subprocess.run(["openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "p384.pem"], check=True)
    assert run("check", "token", "p384.pem").returncode == 1
    for words in (["--ask"], ["--ask", "--client-id", "x", "--key-id", "y"]):
        assert run("check", "token", key, *words).returncode == 2


def test_a_saved_assertion(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, an assertion that was made to last half a year would end without a warning."""
    of = lab["business"]
    key, now = Path(of["key"]), int(time.time())  # noqa: TID251  # It is judged as of now.
    claims = {"iss": of["client_id"], "sub": of["client_id"], "aud": "https://account.apple.com/auth/oauth2/v2/token"}
    for name, days, code, rule in (("a", 90, 0, ""), ("b", 5, 0, "assertion-expires-soon"), ("c", -1, 1, "expired")):
        held = {**claims, "iat": now - 30 * 86_400, "exp": now + days * 86_400, "jti": name}
        (tmp_path / name).write_text(jwt.encode(held, key.read_bytes(), "ES256", {"kid": of["key_id"]}))
        done = run("check", "token", name, key)
        assert (done.returncode, rule in done.stdout) == (code, True), done.stdout
        assert (tmp_path / name).read_text()[:40] not in done.stdout


def test_client_certificates(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, the certificate that ABM demands would end, and every look with it, unannounced."""
    client = lab["client_certificate"]
    done = run("check", "token", client, COLUMNS="200")
    assert (done.returncode, "90 days old" in done.stdout) == (0, True), done.stdout
    (tmp_path / "pass").write_text("geheim\n")
    words = ["openssl", "pkcs12", "-export", "-in", client, "-inkey", client, "-out", "c.p12", "-passout", "file:pass"]
    subprocess.run(words, check=True)
    assert run("check", "token", "c.p12", "--password", "pass").returncode == 0
    done = run("check", "token", "c.p12", "--format", "json")
    assert (done.returncode, "geheim" in done.stdout) == (3, False)
    assert run("check", "token", lab["ca"]).returncode == 0  # Without an extended key usage, and without a key.
    (tmp_path / "cut.pem").write_bytes(Path(client).read_bytes()[:200])
    assert run("check", "token", "cut.pem").returncode == 1


def test_a_server_token_that_others_may_read(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a secret that can disown every device would lie open unseen."""
    (tmp_path / "t.json").write_bytes(Path(lab["dep"]["fleet-main"]["server_token"]).read_bytes())
    for mode, found in ((0o600, False), (0o644, True)):
        (tmp_path / "t.json").chmod(mode)
        done = run("check", "token", "t.json")
        assert (done.returncode, "file-readable" in done.stdout) == (0, found)


def test_an_endpoint_that_demands_a_client_certificate(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, nobody would see that the certificate lacks, has ended, or cannot be shown."""
    words = asked(lab, "--id", "tok_us_east", "--region", "us-east", "--bearer", "bearer")
    own = Path(lab["client_certificate"])

    def demand(demanded: str) -> None:
        body = f'{{"demanded": {demanded}}}'
        url = f"{lab['control']}/client-certificates"
        subprocess.run(["curl", "-sSf", "-d", body, url], capture_output=True, check=True)

    demand("true")
    try:
        done = run(*words)
        assert (done.returncode, ids(done.stdout)["tok_us_east at us-east"]) == (1, ["token-certificate"])
        done = run(*words, "--client-certificate", own)
        assert done.returncode == 0, done.stdout
        assert states(done.stdout)["client certificate"] == "good"
        (tmp_path / "alone.pem").write_bytes(own.read_bytes().split(b"-----BEGIN PRIVATE")[0])
        for wrong in ("alone.pem", "bearer", lab["ca"]):
            done = run(*words, "--client-certificate", wrong)
            assert (done.returncode, "--client-certificate" in done.stderr) == (2, True)
    finally:
        demand("false")
