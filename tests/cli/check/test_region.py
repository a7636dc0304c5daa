"""`abm-trace check region`, against the lab's regions."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.net import crooked


def words(lab: dict[str, Any], region: str, *more: str) -> list[str]:
    """The words that ask the lab for a region."""
    at = lab["https"].removeprefix("https://")
    return ["check", "region", region, "--at", at, "--trust", lab["ca"], "--allow-loopback", *more]


@pytest.mark.parametrize(("of", "code"), [("us-east", 0), ("eu-west", 1)])
def test_a_token_of_this_and_of_another_region(
    of: str, code: int, lab: dict[str, Any], run: Run, tmp_path: Path
) -> None:
    """If this failed, a script would stage where every answer is an empty 204 (L4)."""
    (tmp_path / "t.json").write_text(json.dumps({"id": "tok_1", "region": of, "tokenExpiry": "2999-01-01T00:00:00Z"}))
    done = run(*words(lab, "us-east", "--token", "t.json"))
    assert done.returncode == code, done.stdout + done.stderr
    assert ("region-differs, L4" in done.stdout) is bool(code)


def test_a_region_that_is_not_well(run: Run) -> None:
    """If this failed, devices would be staged in a region that is down, or silence be called an outage."""
    with crooked.serving(crooked.silent) as (at, _):
        assert run("check", "region", "us-east", "--at", at, "--allow-loopback", "--timeout", "0.3").returncode == 3
    assert run("check", "region", "US EAST").returncode == 2


@pytest.mark.parametrize(("kind", "code"), [("503", 1), ("429", 3), ("redirect", 3)])
def test_who_answers_in_its_place_is_no_outage(kind: str, code: int, lab: dict[str, Any], run: Run) -> None:
    """If this failed, a limit or a portal in between would be told as an outage of Apple's."""
    body = json.dumps({"service": "abm/us-east", "kind": kind})
    subprocess.run(["curl", "-sSf", "-d", body, f"{lab['control']}/faults"], capture_output=True, check=True)
    done = run(*words(lab, "us-east"))
    assert (done.returncode, "region-unwell" in done.stdout) == (code, code == 1), done.stdout + done.stderr
