"""`abm-trace checklist`: the real steps, against the lab, against nobody, and kept as evidence."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.cli.check.conftest import lab
from tests.cli.check.test_audit import case as audited
from tests.cli.check.test_payload import profile
from tests.cli.conftest import Run
from tests.net import crooked

__all__ = ["lab"]

ROOT = Path(__file__).parents[3]
Words = Callable[..., list[object]]


@pytest.fixture
def words(lab: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Words:  # A fixture.
    """The words of a checklist of which every step is good, with the lab in everybody's stead."""
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    case = audited(tmp_path / "case", "2026-05-17T08:00:50Z")
    head = "2026-05-17T08:00:10.000Z INFO com.apple.DeviceManagement.Enrollment "
    (case / "F9FXQ1AAAA.log").write_text(f"{head}ABMDeviceRegistered\n")
    (tmp_path / "t.json").write_text(
        json.dumps({"id": "t", "region": "us-east", "tokenExpiry": "2999-01-01T00:00:00Z"})
    )
    profile(tmp_path / "p.mobileconfig")
    stapled = lab["tls"]["stapled"].removeprefix("https://")
    (tmp_path / "h.toml").write_text(
        f'[[group]]\nhosts = [{{ host = "us-east.abm.apple.com", ports = ["443"], need = "must", at = "{stapled}" }}]'
    )

    def made(**other: object) -> list[object]:
        given = {
            "--region": "us-east", "--token": "t.json", "--payload": "p.mobileconfig", "--at": stapled,
            "--server": lab["ntp"], "--hosts": "h.toml", "--trust": lab["ca"], "--timeout": "2",
            "--journal": "runs.ndjson",
        } | {f"--{name}": value for name, value in other.items()}  # fmt: skip
        pairs = [word for name, value in given.items() if value is not None for word in (name, value)]
        return ["checklist", case, "--allow-loopback", *pairs]

    return made


def results(stdout: str) -> dict[str, str]:
    """What became of each step."""
    return {each["id"]: each["result"] for each in json.loads(stdout)["steps"]}


def test_all_is_well(words: Words, run: Run, tmp_path: Path) -> None:
    """If this failed, a sound segment could not escalate, or leave a record that nothing reads."""
    done = run(*words(format="json"))
    assert (done.returncode, set(results(done.stdout).values())) == (0, {"good"}), done.stdout
    document = json.loads(done.stdout)
    Draft202012Validator(json.loads((ROOT / "docs/schema/checklist-1.json").read_bytes())).validate(document)
    assert document["decision"] == "escalate"
    assert "complete, nothing is wrong here: escalate" in run(*words()).stdout
    line = json.loads((tmp_path / "runs.ndjson").read_text().splitlines()[0])
    Draft202012Validator(json.loads((ROOT / "docs/schema/checklistrun-1.json").read_bytes())).validate(line)


@pytest.mark.parametrize(
    ("step", "other"),
    [
        ("tls", {"at": "none"}),
        ("token", {"token": "old.json"}),
        ("payload", {"payload": "bad.mobileconfig"}),
        ("boot-log", {"boot-log": "bad.log"}),
    ],
)
def test_one_thing_is_wrong(
    *, step: str, other: dict[str, str], words: Words, lab: dict[str, Any], run: Run, tmp_path: Path
) -> None:  # fmt: skip
    """If this failed, a cause in the house would be found by no step, or by another."""
    (tmp_path / "old.json").write_text(
        json.dumps({"id": "t", "region": "us-east", "tokenExpiry": "2020-01-01T00:00:00Z"})
    )
    profile(tmp_path / "bad.mobileconfig", enrollmentMethod="none")
    head = "2026-05-17T08:00:10.000Z ERROR com.apple.DeviceManagement.Enrollment "
    (tmp_path / "bad.log").write_text(f'{head}ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "x"\n')
    if "at" in other:
        other = {"at": lab["tls"][other["at"]].removeprefix("https://")}
    done = run(*words(format="json", **other))
    assert done.returncode == 1, done.stdout
    assert {name for name, result in results(done.stdout).items() if result == "bad"} == {step}


def test_no_step_is_skipped_without_a_name_and_a_reason(words: Words, run: Run) -> None:
    """If this failed, a tired engineer could pass a step by."""
    refused = run(*words(token=None, format="json"))
    assert (refused.returncode, results(refused.stdout)["token"]) == (3, "open")
    for wrong in (
        ["--skip", "token=x"],
        ["--skip", "token", "--by", "J"],
        ["--skip", "token= ", "--by", "J"],
        ["--skip", "nap=x"],
    ):
        assert run(*words(token=None), *wrong).returncode == 2
    done = run(*words(token=None, format="json"), "--skip", "token=vault is down", "--by", "J. Doe")
    assert done.returncode == 0
    (step,) = (each for each in json.loads(done.stdout)["steps"] if each["id"] == "token")
    assert (step["result"], step["skipped_by"], step["reason"]) == ("skipped", "J. Doe", "vault is down")
    told = json.loads(run("checklist", "--adherence", "--journal", "runs.ndjson", "--format", "json").stdout)
    Draft202012Validator(json.loads((ROOT / "docs/schema/adherence-1.json").read_bytes())).validate(told)
    assert (told["runs"], told["complete"]) == (2, 1)
    assert [each["skipped"] for each in told["hours"]] == [{"token": 1}] or len(told["hours"]) == 2
    assert "2 checklists complete" in run("checklist", "--adherence", "--journal", "runs.ndjson").stdout


def test_dead_hosts_within_thirty_seconds(words: Words, run: Run, tmp_path: Path) -> None:
    """If this failed, a dead segment would hold the engineer: the figure is printed with -s."""
    with crooked.serving(crooked.silent) as (dead, _):
        rows = ",".join(
            f'{{ host = "h{n}.example", ports = ["443"], need = "must", at = "{dead}" }}' for n in range(40)
        )
        (tmp_path / "dead.toml").write_text(f"[[group]]\nhosts = [{rows}]")
        begun = time.monotonic()
        given = words(at=str(dead), server="127.0.0.1:9", hosts="dead.toml", timeout="8", format="json")
        done = run(*given)
    took_s = time.monotonic() - begun
    print(f"dead hosts: {took_s:.1f} s")
    found = results(done.stdout)
    assert (found["tls"], found["clock"], found["network"]) == ("open", "open", "bad")
    assert done.returncode == 3
    assert took_s < 30


def test_it_is_evidence(words: Words, run: Run, tmp_path: Path) -> None:
    """If this failed, nobody could show afterwards that the steps were taken."""
    made = run("evidence", "key", "new", "store", "--origin", "acme.example/evidence", "--actor", "me")
    assert made.returncode == 0, made.stderr
    before = len(run("evidence", "log", "store").stdout.splitlines())
    done = run(*words(evidence="store", format="json"))
    assert done.returncode == 0, done.stderr
    log = run("evidence", "log", "store", "--kind", "check", "--format", "ndjson").stdout.splitlines()
    assert len(run("evidence", "log", "store").stdout.splitlines()) > before
    entry = json.loads(log[-1])
    kept = run("evidence", "log", "store", "--bytes", str(entry.get("index", entry.get("record")))).stdout
    assert json.loads(kept) == json.loads(done.stdout)
    assert run("evidence", "verify", "store").returncode == 0


def test_a_damaged_journal_is_named(run: Run, tmp_path: Path) -> None:
    """If this failed, a broken line would hide the others, or stop the count."""
    (tmp_path / "runs.ndjson").write_text('{"schema":"abm-trace/checklistrun/1"}\nnot json\n')
    done = run("checklist", "--adherence", "--journal", "runs.ndjson")
    assert (done.returncode, "runs.ndjson:2" in done.stderr) == (0, True)
    assert "no checklist was run yet" in done.stdout
