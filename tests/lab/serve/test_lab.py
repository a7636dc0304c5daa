"""The whole lab: whoever fetches everything holds the case's evidence."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.serve.client import Curl
from tests.lab.serve.fetching import fetch_case

from abm_lab.case import write_case
from abm_lab.grade import Grade, grade
from abm_lab.serve.lab import Lab
from abm_lab.truth import read_truth


def traced(case: Path) -> tuple[dict[str, tuple[object, ...]], Grade]:
    """What the tracer, as a program, says of each device of the case, and its grade."""
    command = [sys.executable, "-m", "abm_trace.cli", "triage", str(case), "--format", "ndjson", "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert done.returncode in {0, 1}, done.stderr.decode()
    lines = done.stdout.splitlines()
    verdicts = [value for value in map(json.loads, lines) if value["schema"] == "abm-trace/verdict/1"]
    told = {each["serial"]: tuple(each[key] for key in ("verdict", "layer", "cause", "last_rung")) for each in verdicts}
    return told, grade(read_truth(case.parent / "truth.json"), lines, case)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["mixed-dialect", "apple-mixed"])
def test_what_is_served_is_what_the_case_holds(
    scenario: str, tmp_path: Path, abm_lab_serve: Callable[..., Lab]
) -> None:
    """The servers would tell of another world than the case, or of one that no tracer can read."""
    devices = 600 if scenario == "apple-mixed" else 300
    case = write_case(tmp_path, scenario, devices, 6, 11, 1, jobs=1)
    written, graded = traced(case)
    fetch_case(abm_lab_serve(scenario, devices=devices, sites=6, seed=11), case)
    fetched, again = traced(case)
    assert fetched == written
    assert again.macro_f1_with_causes == graded.macro_f1_with_causes >= 0.99
    assert again.citations_wrong == []
    assert again.citations_checked > 0


def test_serve_json_names_everything_and_is_private(mixed: Lab) -> None:
    """A client would have to guess an address or a key, or everybody on the machine could read the keys."""
    about = Curl(mixed).about
    assert about["simulated"] is True
    assert set(about["dep"]) == {"fleet-main", "nanomdm-main"}
    assert set(about["mdm"]) == {"mdm-main", "jamf-main", "fleet-main"}
    assert {"abm/us-east", "business", "dep", "mdm/jamf-main"} <= about["services"].keys()
    for path in mixed.folder.rglob("*"):
        if path.is_file() and (b"PRIVATE KEY" in path.read_bytes() or path.suffix == ".json"):
            assert path.stat().st_mode & 0o777 == 0o600, path


def test_only_loopback_is_served(mixed: Lab) -> None:
    """A simulator that signs with made-up keys would answer the network."""
    about = Curl(mixed).about
    assert about["https"].startswith("https://127.0.0.1:")
    assert about["http"].startswith("http://127.0.0.1:")
