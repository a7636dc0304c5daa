"""`abm-trace licences`: the seats of the lab's case in each form, and prices that are none."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_lab.truth import read_truth


def test_the_numbers_are_the_labs(case: Path, run: Run) -> None:
    """If this failed, the bill would not be of the devices that the lab lost."""
    fates = [device.verdict for device in read_truth(case.parent / "truth.json").devices]
    done = run("licences", case, "--format", "json", "--price", "10")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    total = document["total"]
    assert (document["schema"], document["simulated"], document["price_origin"]) == (
        "abm-trace/licences/1", True, "--price",
    )  # fmt: skip
    assert (total["devices"], total["in_use"], total["leaked"]) == (
        24,
        fates.count("confirmed"),
        fates.count("vanished"),
    )
    assert total["lost"] == total["leaked"] + total["retries"]
    assert total["cost_usd"] == 10 * total["consumed"]
    assert sum(each["consumed"] for each in document["groups"] if each["by"] == "site") == total["consumed"]


def test_the_table_is_the_document(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a spreadsheet would show another bill."""
    document = json.loads(run("licences", case, "--format", "json").stdout)
    done = run("licences", case, "--format", "csv", "--out", tmp_path / "seats.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "seats.csv").read_text(), newline="")))
    assert [row["lost_usd"] for row in rows] == [
        str(each["lost_usd"]) for each in (document["total"], *document["groups"])
    ]
    assert "wrote" in done.stderr
    assert "MDM seats are lost" in " ".join(done.stdout.split())


def test_the_page_says_what_is_simulated_and_whose_price_it_is(case: Path, run: Run) -> None:
    """If this failed, a training case would be billed."""
    page = run("licences", case, COLUMNS="140").stdout
    assert page.startswith("SIMULATED")
    assert "the guide's price" in page
    assert "ABM itself is free" in page
    assert "By site, the most lost first" in page


@pytest.mark.parametrize("price", ["-1", "nan", "inf", "much", "1e9"])
def test_a_price_that_is_none_is_refused(price: str, case: Path, run: Run) -> None:
    """If this failed, a slip of the finger would be multiplied by 12,400."""
    done = run("licences", case, f"--price={price}")
    assert done.returncode == 2
    assert "Example: --price 4.50" in done.stderr


def test_nothing_readable_is_no_zero(run: Run, tmp_path: Path) -> None:
    """If this failed, an empty folder would cost nothing."""
    assert run("licences", tmp_path).returncode == 3
