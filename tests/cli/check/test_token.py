"""`abm-trace check token`, with saved tokens, and against the lab's ABM and DEP."""

import json
import subprocess
from pathlib import Path
from typing import Any

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
