"""`abm-trace explain`: one device on one page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Run

DATA = Path(__file__).parents[2] / "data/cli"


@pytest.fixture
def worst(case: Path, run: Run) -> dict[str, object]:
    """The verdict of the first vanished device whose layer is proved by a line of its own log."""
    lines = [json.loads(line) for line in run("triage", case, "--format", "ndjson").stdout.splitlines()]
    found: dict[str, object] = next(
        line
        for line in lines
        if line.get("verdict") == "vanished"
        and line["layer"]
        and line["findings"][0]["evidence"][0]["path"].startswith("logs/")
    )
    return found


def test_golden(worst: dict[str, object], case: Path, run: Run, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what people see of a device has changed."""
    done = run("explain", worst["serial"], "--case", case)
    assert done.returncode == 0
    golden(DATA / "explain.txt", done.stdout.replace(str(case), "case").encode())


def test_proof_is_quoted_with_its_place(worst: dict[str, object], case: Path, run: Run) -> None:
    """If this failed, a claim could not be walked back to the line that proves it."""
    finding = worst["findings"][0]  # type: ignore[index]
    evidence = finding["evidence"][0]
    shown = run("explain", worst["serial"], "--case", case, COLUMNS="200").stdout
    assert f"{evidence['path']}:{evidence['line']}" in shown
    assert f"{worst['layer']} " in shown
    assert "DEADLINE" in shown
    assert f"To do: {worst['next_action']}"[:60] in shown


@pytest.mark.parametrize("spell", [str.lower, lambda text: f"S{text}", lambda text: f" {text[:4]} {text[4:]}"])
def test_the_serial_as_people_write_it(
    spell: Callable[[str], str], worst: dict[str, object], case: Path, run: Run
) -> None:
    """If this failed, a scanned barcode or a typed serial would find no device."""
    done = run("explain", spell(str(worst["serial"])), "--case", case)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{worst['serial']}  ")


def test_unknown_serial(worst: dict[str, object], case: Path, run: Run) -> None:
    """If this failed, a typing error would end without the device that was meant."""
    serial = str(worst["serial"])
    done = run("explain", f"{serial[:-1]}!", "--case", case)
    assert done.returncode == 2
    assert f"abm-trace explain {serial} --case {case}" in done.stderr
    assert done.stdout == ""
