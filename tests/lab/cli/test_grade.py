"""The command `abm-lab grade`."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from abm_lab.cli import main
from abm_lab.truth import read_truth


@pytest.fixture
def verdicts(poisoned: Path, tmp_path: Path) -> Path:
    """Perfect verdicts on the poisoned case, each citing the first line of case.toml."""
    first = (poisoned / "case/case.toml").read_bytes().split(b"\n")[0]
    evidence = [{"path": "case.toml", "line": 1, "sha256": hashlib.sha256(first).hexdigest()}]
    lines = [
        {
            "schema": "abm-trace/verdict/1",
            "serial": device.serial,
            "verdict": device.verdict,
            "layer": device.layer,
            "cause": device.cause,
            "last_rung": device.last_rung,
            "confidence": 0.9,
            "findings": [{"layer": device.layer, "evidence": evidence}],
        }
        for device in read_truth(poisoned / "truth.json").devices
    ]
    path = tmp_path / "verdicts.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_perfect_verdicts_pass(poisoned: Path, verdicts: Path) -> None:
    """Right verdicts with true citations would fail a gate."""
    arguments = ["grade", str(poisoned / "truth.json"), str(verdicts), "--min-f1", "1", "--format", "json"]
    done = CliRunner().invoke(main, [*arguments, "--case", str(poisoned / "case")])
    assert done.exit_code == 0
    result = json.loads(done.stdout)
    assert (result["macro_f1"], result["citations_checked"], result["citations_wrong"]) == (1, 300, [])
    # Every confidence is 0.9 and every verdict right.
    assert result["brier"] == pytest.approx(0.01)
    assert result["expected_calibration_error"] == pytest.approx(0.1)


def test_exit_code_tells_a_low_grade_and_a_wrong_citation(poisoned: Path, verdicts: Path) -> None:
    """A gate would let bad verdicts or invented evidence through."""
    truth, case = str(poisoned / "truth.json"), str(poisoned / "case")
    text = verdicts.read_text()
    verdicts.write_text(text.replace('"verdict": "confirmed"', '"verdict": "unknown"', 1))
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts), "--min-f1", "1"]).exit_code == 1
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts)]).exit_code == 0
    verdicts.write_text(text.replace('"line": 1', '"line": 2', 1))
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts), "--case", case]).exit_code == 1


def test_exit_code_tells_a_wrong_cause(poisoned: Path, verdicts: Path) -> None:
    """A gate on layers alone would let wrong causes through."""
    truth = str(poisoned / "truth.json")
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts), "--min-f1-causes", "1"]).exit_code == 0
    verdicts.write_text(verdicts.read_text().replace('"cause": "rejected"', '"cause": "released"', 1))
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts), "--min-f1", "1"]).exit_code == 0
    assert CliRunner().invoke(main, ["grade", truth, str(verdicts), "--min-f1-causes", "1"]).exit_code == 1


def test_unreadable_verdicts_are_bad_usage(poisoned: Path, tmp_path: Path) -> None:
    """A broken file would end in a traceback."""
    path = tmp_path / "cut.ndjson"
    path.write_text("{cut", encoding="utf-8")
    done = CliRunner().invoke(main, ["grade", str(poisoned / "truth.json"), str(path)])
    assert done.exit_code == 2
    assert "line 1" in done.stderr
