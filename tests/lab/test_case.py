"""Whole cases: the same seed gives the same bytes."""

import hashlib
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.killed import half_an_answer

from abm_lab import case
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


def test_an_apple_case_is_the_same_whatever_the_process(tmp_path: Path) -> None:
    """A case of Apple's own dialect could not be made again."""
    digests = set()
    for number, (hash_seed, jobs) in enumerate((("0", "1"), ("4711", "2"))):
        out = tmp_path / str(number)
        command = [sys.executable, "-m", "abm_lab", "case", str(out), "--scenario", "apple-mixed", "--devices", "600"]
        command += ["--sites", "5", "--log-kb", "2", "--jobs", jobs]
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


def test_apple_files_are_json_of_their_shape(apple_mixed: Path) -> None:
    """The lab would write pages or lines that are no JSON, or leave out a family of evidence."""
    case, families = apple_mixed / "case", set()
    for path in case.rglob("*.json"):
        if "logs" not in path.parts:
            page = json.loads(path.read_bytes())
            families.add((path.relative_to(case).parts[0], *sorted(page)[:3]))
    for path in (*(case / "dep").rglob("*.ndjson"), *(case / "mdm").rglob("*.ndjson")):
        families |= {(path.name, *sorted(json.loads(line))[:3]) for line in path.read_bytes().splitlines()}
    assert families == {
        ("abm", "data", "links", "meta"),
        ("dep", "admin_id", "facilitator_id", "org_address"),
        ("dep", "cursor", "devices", "fetched_until"),
        ("tokens", "access_secret", "access_token", "access_token_expiry"),
        ("mdm", "results", "totalCount"),
        ("mdm", "@odata.context", "@odata.count", "value"),
        ("mdm", "@odata.context", "value"),
        ("mdm", "next", "results"),
        ("mdm", "data", "has_more"),
        ("mdm", "response", "status"),
        ("mdm", "hosts"),
        ("webhooks.ndjson", "created_at", "device_response_event", "event_id"),
        ("webhooks.ndjson", "checkin_event", "created_at", "event_id"),
        ("assign-profile.ndjson", "devices", "profile_uuid", "retry_after_seconds"),
    }
    assert not (case / "profiles").exists()
    assert (case / "dep/fleet-terms/depsyncer.log").read_bytes().rstrip().endswith(b'"T_C_NOT_SIGNED"')


def test_links_lead_to_the_next_page(apple_mixed: Path) -> None:
    """A listing would never be whole: a page would say that another follows, which is not there."""
    for first in (apple_mixed / "case/abm").glob("*-00001.json"):
        stem = first.name.removesuffix("-00001.json")
        pages = [json.loads(path.read_bytes())["links"] for path in sorted(first.parent.glob(f"{stem}-0*.json"))]
        assert len(pages) == 2
        assert [page["next"] for page in pages] == [pages[1]["self"], None]
    for path in (apple_mixed / "case/dep").rglob("*-00001.json"):
        pages = [
            json.loads(page.read_bytes()) for page in (path, path.with_name(path.name.replace("1.json", "2.json")))
        ]
        assert [page["more_to_follow"] for page in pages] == [True, False]


def test_every_log_format_is_in_an_apple_case(apple_mixed: Path) -> None:
    """A format in which devices are recorded would never be tried."""
    heads = set()
    for path in (apple_mixed / "case/logs").rglob("*"):
        if path.is_file() and path.suffix != ".gz":
            heads.add(re.sub(r"[0-9A-Fa-f]", "0", path.read_text().partition("\n")[0][:9]))
    assert len(heads) >= 9


def test_apple_truths_name_their_causes(apple_mixed: Path) -> None:
    """Causes would be planted and not told to the grader."""
    truth = read_truth(apple_mixed / "truth.json")
    assert len({device.cause for device in truth.devices}) == 19
    assert len({device.fate for device in truth.devices}) > 70


def test_a_case_is_never_written_over_another(tmp_path: Path) -> None:
    """Two cases would mix in one folder."""
    write_case(tmp_path, "healthy", 20, 3, 1, 0, jobs=1)
    with pytest.raises(CaseError, match="holds a case already"):
        write_case(tmp_path, "healthy", 20, 3, 1, 0, jobs=1)


def test_a_killed_process_ends_the_case_with_an_error(tmp_path: Path) -> None:
    """Whoever writes a large case would wait for ever."""

    def kill_one(_: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(CaseError, match="was killed"):
        write_case(tmp_path, "healthy", 5_000, 3, 1, 0, jobs=2, progress=kill_one)


def test_a_process_killed_in_the_midst_of_its_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for ever for the rest of the chunk."""
    monkeypatch.setattr(case, "_work", half_an_answer)
    with pytest.raises(CaseError, match="was killed"):
        write_case(tmp_path, "healthy", 5_000, 3, 1, 0, jobs=2)
