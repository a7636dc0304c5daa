"""`abm-trace predeclare`, against the lab's endpoint."""

import json
from pathlib import Path
from typing import Any

from tests.cli.check.conftest import lab
from tests.cli.conftest import Run
from tests.net import crooked

__all__ = ["lab"]

MANIFEST = "serial,io_platform_uuid,secure_rom_uuid,region,token_id\n" + "".join(
    f"F9FXQ1{number:04},4C1F0A2E-7B55-5E1C-9A0D-01234567{number:04},9D3B7F10,{region},tok_1\n"
    for number, region in enumerate(["us-east"] * 20 + ["eu-west"])
)


def test_declared_once_and_known_afterwards(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:  # A fixture.
    """If this failed, devices would not be declared, twice, or in a region that is not theirs."""
    (tmp_path / "m.csv").write_text(MANIFEST)
    (tmp_path / "b").write_text(lab["abm"]["us-east"]["token"])
    at = lab["https"].removeprefix("https://")
    words = [
        "predeclare",
        "m.csv",
        "--submit",
        "--region",
        "us-east",
        "--bearer",
        "b",
        "--at",
        at,
        "--trust",
        lab["ca"],
    ]
    first = run(*words, "--allow-loopback", "--format", "json")
    rows = json.loads(first.stdout)["devices"]
    assert (first.returncode, len(rows), {each["state"] for each in rows}) == (0, 20, {"declared"}), first.stderr
    again = run(*words, "--allow-loopback", "--format", "json")
    assert {each["state"] for each in json.loads(again.stdout)["devices"]} == {"known"}
    (tmp_path / "b").write_text("of nobody")
    refused = run(*words, "--allow-loopback", "--format", "json")
    states = [each["state"] for each in json.loads(refused.stdout)["devices"]]
    assert (refused.returncode, states[0], states[-1]) == (1, "refused (401)", "not sent")
    assert "of nobody" not in refused.stdout + refused.stderr


def test_printed_alone(run: Run, tmp_path: Path) -> None:
    """If this failed, printing would send something, or a spreadsheet get other fingerprints."""
    (tmp_path / "m.csv").write_text(MANIFEST)
    done = run("predeclare", "m.csv")
    assert (done.returncode, "21 fingerprints; nothing was sent" in done.stdout) == (0, True), done.stdout
    assert "…" not in done.stdout
    table = run("predeclare", "m.csv", "--format", "csv").stdout.splitlines()
    assert all(line.split(",")[1] in done.stdout for line in table[1:]), "a page in a pipe is cut"
    assert table[0] == "serial,fingerprint,lacks,state"
    assert len({line.split(",")[1] for line in table[1:]}) == 21


def test_nobody_answers_and_bad_usage(run: Run, tmp_path: Path) -> None:
    """If this failed, silence would count as declared."""
    (tmp_path / "m.csv").write_text(MANIFEST)
    with crooked.serving(crooked.closing) as (at, _):
        words = ["predeclare", "m.csv", "--submit", "--region", "us-east", "--at", at, "--allow-loopback"]
        assert run(*words, ABM_TRACE_TOKEN="x").returncode == 1  # noqa: S106  # No secret.
    assert run("predeclare", "m.csv", "--submit").returncode == 2
    assert run("predeclare", "nowhere").returncode == 2
