"""`abm-trace reconcile`: the lab's lost devices by name, in each format, and the exit code."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from abm_lab.case import write_case
from abm_lab.truth import read_truth


@pytest.fixture(scope="session")
def apple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a case of Apple's own way, with the lab's truth beside it."""
    return write_case(tmp_path_factory.mktemp("lab"), "apple-mixed", 150, 3, 7, 2, jobs=1)


@pytest.fixture
def without(apple: Path, tmp_path: Path) -> Callable[[str], Path]:
    """`without(folder)`: a copy of that case in which a folder lacks."""

    def copy(name: str) -> Path:
        target = tmp_path / f"without-{name}"
        shutil.copytree(apple, target)
        shutil.rmtree(target / name)
        return target

    return copy


def found(run: Run, case: Path, *more: str) -> dict[str, dict[str, Any]]:
    """The comparisons of a case by their id."""
    done = run("reconcile", case, "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    return {each["id"]: each for each in json.loads(done.stdout)["differences"]}


def names(comparison: dict[str, Any], kind: str = "devices") -> set[str]:
    """The serials of a set."""
    return {row["serial"] for row in comparison[kind]}


def test_the_released_and_the_empty_are_named(apple: Path, run: Run) -> None:
    """If this failed, what the lab took out of the organisation, or gave no profile, would stand in no list."""
    fates: dict[str, set[str]] = {}
    for device in read_truth(apple.parent / "truth.json").devices:
        fates.setdefault(device.cause or device.verdict, set()).add(device.serial)
    comparisons = found(run, apple)
    assert fates["released"]
    assert fates["released"] <= names(comparisons["manifest-not-abm"])
    assert fates["no_profile"] & names(comparisons["synced-without-profile"])
    assert fates["mdm_refused"] <= names(comparisons["pushed-no-check-in"])
    for name in ("manifest-not-abm", "profile-not-pushed", "pushed-no-check-in", "check-in-no-record"):
        assert not fates["confirmed"] & names(comparisons[name])


@pytest.mark.parametrize(
    ("folder", "unread"),
    [
        ("mdm", {"pushed-no-check-in", "registered-not-enrolled", "check-in-no-record", "mdm-only"}),
        ("abm", {"assigned-not-fetched", "assigned-not-synced", "manifest-not-abm"}),
    ],
)
def test_a_source_that_lacks_is_no_difference(
    folder: str, unread: set[str], without: Callable[[str], Path], run: Run
) -> None:
    """If this failed, each device of a case whose exports were not taken yet would be called lost."""
    comparisons = found(run, without(folder))
    assert unread <= {name for name, each in comparisons.items() if each["unread"]}
    for name in unread:
        assert (comparisons[name]["count"], comparisons[name]["devices"]) == (None, [])
        assert "not read" in comparisons[name]["unread"]


def test_a_fetch_whose_last_page_lacks_proves_nothing(apple: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a page that was saved without the next one would lose all devices that stand on that."""
    case = tmp_path / "cut"
    shutil.copytree(apple, case)
    assert found(run, case)["fetched-not-synced"]["unread"] is None
    for path in (case / "dep").rglob("devices-*.json"):
        page = json.loads(path.read_bytes())
        path.write_text(json.dumps({**page, "more_to_follow": True}))
    assert found(run, case)["assigned-not-fetched"]["unread"] == "the DEP full fetch was read in part"


def test_text_says_counts_then_names_then_the_next_command(apple: Path, run: Run) -> None:
    """If this failed, a person would get numbers without the devices behind them, or no way on."""
    comparisons = found(run, apple)
    text = run("reconcile", apple).stdout
    lost = comparisons["pushed-no-check-in"]
    assert f"{lost['count']:>6}" in text
    assert all(serial in text for serial in names(lost))
    assert "Audit ↔ inventory" in text
    assert text.splitlines()[-1].startswith("next  abm-trace explain ")


def test_no_tick_where_devices_were_not_compared(apple: Path, run: Run) -> None:
    """If this failed, a zero that nobody could test would look like a good one."""
    titles = {each["title"]: each for each in found(run, apple).values()}
    marks = {line[27:].strip(): line[2] for line in run("reconcile", apple).stdout.splitlines() if line[27:] in titles}
    assert len(marks) == len(titles)
    for title, each in titles.items():
        untested = each["unread"] or each["not_compared"]
        assert marks[title] == ("✗" if each["devices"] else "?" if untested else "✓")
    assert set(marks.values()) == {"✗", "?", "✓"}


def test_a_terminal_gets_some_of_the_names(apple: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, thousands of names would push the numbers off the screen."""
    everything = run("reconcile", apple).stdout
    done = run("reconcile", apple, "--out", "all.txt")
    assert " more\n" in done.stdout
    assert len(done.stdout.splitlines()) < len(everything.splitlines())
    written = Path("all.txt").read_text()
    assert " more\n" not in written
    assert all(row["serial"] in written for each in found(run, apple).values() for row in each["devices"])


def test_the_table_holds_what_the_document_holds(apple: Path, run: Run) -> None:
    """If this failed, a spreadsheet would say of a device what the document does not."""
    done = run("reconcile", apple, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    for name, each in found(run, apple).items():
        own = [row for row in rows if row["comparison"] == name]
        assert {row["serial"] for row in own if row["set"] == "differs"} == names(each)
        assert {row["serial"] for row in own if row["set"] == "not_compared"} == names(each, "not_compared")
        assert [row["reason"] for row in own if row["set"] == "not_read"] == (
            [each["unread"]] if each["unread"] else []
        )


def test_the_table_runs_no_formula(run: Run, tmp_path: Path) -> None:
    """If this failed, a site of the manifest could start a program on the desk of whoever opens the table."""
    (tmp_path / "manifest.csv").write_text('serial,site\nF9FXQ1ABCD,"=HYPERLINK(""http://x"")"\n')
    (tmp_path / "org.json").write_text('{"data": [], "links": {"self": "https://api/v1/orgDevices"}}')
    done = run("reconcile", ".", "--format", "csv")
    (row,) = [row for row in csv.DictReader(io.StringIO(done.stdout)) if row["set"] == "differs"]
    assert (row["serial"], row["site"]) == ("F9FXQ1ABCD", '\'=HYPERLINK("http://x")')


def test_both_sets_of_the_audit(case: Path, run: Run) -> None:
    """If this failed, C3 would not say who asked and who waits."""
    document = json.loads(run("reconcile", case, "--format", "json").stdout)["audit_inventory"]
    assert document["unread"] is None
    assert document["requests"] >= len(document["requested"]) > 0
    both = {row["serial"] for row in document["requested"]} & {row["serial"] for row in document["waiting"]}
    assert document["both"] == len(both)
    assert document["window_from"] < document["window_until"]


@pytest.mark.parametrize(("fail_on", "code"), [("differences", 1), ("none", 0)])
def test_the_exit_code(fail_on: str, code: int, apple: Path, run: Run) -> None:
    """If this failed, a script could not tell a case in which somebody lacks from one in which nobody does."""
    assert run("reconcile", apple, "--fail-on", fail_on, "--format", "csv").returncode == code


def test_the_exit_code_where_nobody_lacks(run: Run, tmp_path: Path) -> None:
    """If this failed, sources that were not read would fail a script."""
    (tmp_path / "manifest.csv").write_text("serial\nF9FXQ1ABCD\n")
    done = run("reconcile", ".", "--fail-on", "differences")
    assert done.returncode == 0
    assert "? 0 of 1 device differ" in done.stdout
    assert done.stdout.splitlines()[-1] == "next  abm-trace triage ."


def test_what_was_not_used_is_named(case: Path, run: Run) -> None:
    """If this failed, a file that was refused would be missing from the comparison without a word."""
    assert "not used: noise.bin" in run("reconcile", case).stderr


def test_nothing_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong folder would look like one in which all agree."""
    (tmp_path / "noise.bin").write_bytes(b"\x00\xff" * 100)
    assert run("reconcile", ".").returncode == 3


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_no_terminal_obeys_it(form: str, run: Run, tmp_path: Path) -> None:
    """If this failed, a site of the manifest could move the cursor, or hide a line, on the screen of the reader."""
    (tmp_path / "manifest.csv").write_text("serial,site\nF9FXQ1ABCD,a\x1b[2J\u202eb\x9b\n")
    (tmp_path / "org.json").write_text('{"data": [], "links": {"self": "https://api/v1/orgDevices"}}')
    done = run("reconcile", ".", "--format", form)
    assert "F9FXQ1ABCD" in done.stdout
    assert not set("\x1b\u202e\x9b") & set(done.stdout)
