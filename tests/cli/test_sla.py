"""`abm-trace sla`: met, missed or not to be shown, and the exit code that asks for it."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_lab.case import write_case
from abm_lab.truth import read_truth


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in which nobody fails, in three batches."""
    folder = write_case(tmp_path_factory.mktemp("lab"), "healthy", 60, 3, 5, 1, jobs=1)
    rows = list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text())))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0], "batch"])
    writer.writeheader()
    writer.writerows({**row, "batch": f"b{number % 3}"} for number, row in enumerate(rows))
    (folder / "manifest.csv").write_text(text.getvalue())
    return folder


def test_the_numbers_are_the_labs(case: Path, run: Run) -> None:
    """If this failed, the rate would not be of the devices that the lab lost."""
    fates = [device.verdict for device in read_truth(case.parent / "truth.json").devices]
    done = run("sla", case, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    total = document["total"]
    assert (document["schema"], document["target"], document["simulated"]) == ("abm-trace/sla/1", 0.9999, True)
    assert (total["registered"], total["failed"]) == (fates.count("confirmed"), fates.count("vanished"))
    assert total["state"] == "missed"
    assert total["low"] < total["rate"] < total["high"] < 0.9999


def test_without_a_failure_so_few_prove_nothing(healthy: Path, run: Run) -> None:
    """If this failed, sixty good devices would be sold as 99.99 %."""
    document = json.loads(run("sla", healthy, "--format", "json").stdout)
    total = document["total"]
    assert (total["failed"], total["state"], total["needed"]) == (0, "unproved", 29_956)
    batches = {each["name"] for each in document["groups"] if each["by"] == "batch"}
    assert batches - {""} == {"b0", "b1", "b2"}  # A device that the manifest does not name is of none.
    page = run("sla", healthy, COLUMNS="160").stdout
    assert page.startswith("SIMULATED")
    assert "cannot be shown with so few" in page
    assert "it takes 29,956 devices without a failure" in page
    assert "By batch, the most failures first" in page
    assert "is met: " in run("sla", healthy, "--target", "90", COLUMNS="160").stdout


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("case", (), 0),
        ("case", ("--fail-on", "missed"), 1),
        ("healthy", ("--fail-on", "missed"), 0),
        ("healthy", ("--fail-on", "unproved"), 1),
        ("healthy", ("--fail-on", "unproved", "--target", "90"), 0),
    ],
)
def test_the_exit_code_is_asked_for(
    name: str, words: tuple[str, ...], code: int, request: pytest.FixtureRequest, run: Run
) -> None:
    """If this failed, a pipeline would stop at a figure that nobody made a condition, or go on past one."""
    assert run("sla", request.getfixturevalue(name), *words).returncode == code


def test_the_table_is_the_document(case: Path, run: Run) -> None:
    """If this failed, a spreadsheet would show another rate."""
    document = json.loads(run("sla", case, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run("sla", case, "--format", "csv").stdout, newline="")))
    assert [(row["name"], row["failed"], row["state"]) for row in rows] == [
        (each["name"], str(each["failed"]), each["state"]) for each in (document["total"], *document["groups"])
    ]


@pytest.mark.parametrize("target", ["100", "0", "nan", "high", "-99"])
def test_a_target_that_is_none_is_refused(target: str, case: Path, run: Run) -> None:
    """If this failed, a target that nothing can prove would be missed by everybody."""
    done = run("sla", case, f"--target={target}")
    assert done.returncode == 2
    assert "Example: --target 99.9" in done.stderr
