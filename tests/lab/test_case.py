"""Whole cases: the same seed gives the same bytes."""

import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from abm_lab.case import CaseError, write_case
from abm_lab.truth import read_truth


def _digest(folder: Path) -> str:
    """One digest over the names and contents of everything below the folder."""
    total = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(str(path.relative_to(folder)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def test_same_seed_same_bytes_whatever_the_process(tmp_path: Path) -> None:
    """A case could not be made again: the bytes would hang on the hash seed or on the number of processes."""
    digests = set()
    for number, (hash_seed, jobs) in enumerate((("0", "1"), ("4711", "2"))):
        out = tmp_path / str(number)
        command = [sys.executable, "-m", "abm_lab", "case", str(out), "--devices", "600", "--sites", "5"]
        command += ["--log-kb", "3", "--jobs", jobs]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True)
        digests.add(_digest(out))
    assert len(digests) == 1


def test_another_seed_is_another_fleet(tmp_path: Path) -> None:
    """Seeds would not matter."""
    serials = []
    for seed in (1, 2):
        write_case(tmp_path / str(seed), "healthy", 20, 3, seed, 0, jobs=1)
        truth = read_truth(tmp_path / str(seed) / "truth.json")
        serials.append({device.serial for device in truth.devices})
    assert serials[0].isdisjoint(serials[1])


def test_everything_says_that_it_is_simulated(poisoned: Path) -> None:
    """A simulated case could be taken for a real rollout."""
    settings = tomllib.loads((poisoned / "case/case.toml").read_text())
    assert settings["simulated"] is True
    assert "SIMULATED" in (poisoned / "README.txt").read_text()
    assert read_truth(poisoned / "truth.json").simulated


def test_the_old_export_is_dated(poisoned: Path) -> None:
    """The reader could not know that the MDM's export is a day old."""
    coverage = tomllib.loads((poisoned / "case/case.toml").read_text())["coverage"]
    assert (coverage["audit"] - coverage["mdm"]).total_seconds() == 24 * 3600


def test_without_logs_nothing_of_the_staging_host_remains(tmp_path: Path) -> None:
    """--log-kb 0 would still write logs or captures, against the truth for lost logs."""
    root = write_case(tmp_path, "l4_region", 60, 3, 1, 0, jobs=1)
    assert not (root / "logs").exists()
    assert not (root / "http").exists()
    truth = read_truth(tmp_path / "truth.json")
    assert not any(device.logged or device.layer for device in truth.devices)


def test_a_case_is_never_written_over_another(tmp_path: Path) -> None:
    """Two cases would mix in one folder."""
    write_case(tmp_path, "healthy", 20, 3, 1, 0, jobs=1)
    with pytest.raises(CaseError, match="holds a case already"):
        write_case(tmp_path, "healthy", 20, 3, 1, 0, jobs=1)
