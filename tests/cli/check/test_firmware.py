"""`abm-trace check firmware`: cases, manifests, inventories, in each form."""

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run

SCHEMAS = Path(__file__).parents[3] / "docs/schema"
MANIFEST = """\
serial,model,model_number,os_version,build,site
F9FXQ1AAAA,"iPad16,3",A2836,18.4,22E240,clinic-01
F9FXQ1AAAB,"iPad14,1",A2567,18.4,22E240,clinic-01
F9FXQ1AAAC,iPad Pro,,18.4,22E240,clinic-01
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest of one device each: needs a fix, needs none, is not told."""
    path = tmp_path / "manifest.csv"
    path.write_text(MANIFEST)
    return path


def test_some_need_a_fix(manifest: Path, run: Run) -> None:
    """If this failed, the gate would be open, or would not say on whose word it is shut."""
    done = run("check", "firmware", manifest, COLUMNS="200")
    page = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "1 of 3 devices need a fix before they are staged; of 1 it is not known" in page
    assert "origin: guide" in page
    assert "Apple documents no such update" in page
    assert "F9FXQ1AAAB" not in page


def test_none_needs_one(case: Path, run: Run) -> None:
    """If this failed, a case of devices that nothing is known against would be held up."""
    done = run("check", "firmware", case)
    assert done.returncode == 0
    assert done.stdout.startswith("SIMULATED")
    assert "0 of 24 devices need a fix" in done.stdout


def test_each_claim_leads_to_its_line(manifest: Path, run: Run) -> None:
    """If this failed, nobody could check what the gate rests on."""
    document = json.loads(run("check", "firmware", manifest, "--format", "json").stdout)
    Draft202012Validator(json.loads((SCHEMAS / "firmware-1.json").read_bytes())).validate(document)
    assert document["counts"] == {"needs_fix": 1, "unknown": 1, "fixed": 0, "not_affected": 1}
    assert document["devices"][0]["evidence"] == f"{manifest}:2"
    assert [each["devices"] for each in document["needs"]] == [1]
    rows = list(csv.DictReader(io.StringIO(run("check", "firmware", manifest, "--format", "csv").stdout, newline="")))
    assert [row["state"] for row in rows] == ["needs_fix", "not_affected", "unknown"]


def test_ones_own_data(manifest: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, an admin who measured a build could not open the gate for it."""
    text = '[[need]]\nid = "m4-ipad-pro-clock-sync"\ntitle = "t"\nfix = "f"\norigin = "ours"\ndo = "d"\n'
    (tmp_path / "own.toml").write_text(f'{text}models = ["iPad16,3"]\nfixed_builds = ["22E240"]\n')
    assert run("check", "firmware", manifest, "--data", "own.toml").returncode == 0
    (tmp_path / "own.toml").write_text(text)
    done = run("check", "firmware", manifest, "--data", "own.toml")
    assert done.returncode == 2
    assert "names no model" in done.stderr


@pytest.mark.parametrize(("name", "code"), [("nowhere.csv", 2), ("noise.bin", 3)])
def test_nothing_to_check(name: str, code: int, run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong file would look like a rollout without a need."""
    (tmp_path / "noise.bin").write_bytes(b"\x00\xff" * 99)
    assert run("check", "firmware", name).returncode == code


def test_an_inventory_will_do(run: Run, tmp_path: Path) -> None:
    """If this failed, only who has a manifest could use the gate."""
    device = {
        "id": "x",
        "serialNumber": "F9FXQ1AAAA",
        "model": "iPad Pro 11-inch (M4)",
        "osVersion": "18.4",
        "operatingSystem": "iOS",
        "deviceEnrollmentType": "appleBulkWithUser",
        "enrolledDateTime": "2026-05-17T08:47:12Z",
    }
    (tmp_path / "intune.json").write_text(json.dumps({"value": [device]}))
    done = run("check", "firmware", "intune.json")
    assert done.returncode == 1, done.stdout + done.stderr
