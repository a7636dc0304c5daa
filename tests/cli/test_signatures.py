"""`abm-trace signatures`: list, test, lint."""

import json
from pathlib import Path

from tests.cli.conftest import Run

RULE = """title: Our own
id: 6f0c7d52-7a57-4c3e-9a55-000000000001
name: {name}
status: experimental
description: Ours.
references: [https://example.com]
logsource: {{product: macos}}
detection:
  selection:
    message|startswith: 'OURMARK seen'
  condition: selection
level: high
layer: L6
fact: error
examples:
  match: ['{match}']
  no_match: ['something else']
"""


def rules(folder: Path, **values: str) -> Path:
    """A folder with one rule `ours.yml`."""
    folder.mkdir()
    (folder / "ours.yml").write_text(RULE.format(**{"name": "ours", "match": "OURMARK seen", **values}))
    return folder


def test_list(run: Run, tmp_path: Path) -> None:
    """If this failed, a user could not see which signatures are used, the own ones among them."""
    folder = rules(tmp_path / "rules")
    listed = json.loads(run("signatures", "list", "--format", "json", "--signatures", folder).stdout)
    assert {"id": "ours", "layer": "L6", "fact": "error"}.items() <= next(
        each for each in listed if each["id"] == "ours"
    ).items()
    assert "abm-identifier-rejected" in run("signatures", "list").stdout


def judged(run: Run, case: Path, *judgements: str) -> str:
    """Mark the first devices that have `abm-identifier-rejected` so; the file of marks."""
    lines = [json.loads(line) for line in run("triage", case, "--format", "ndjson").stdout.splitlines()]
    having = [
        line["serial"]
        for line in lines
        if any(each["id"] == "abm-identifier-rejected" for each in line.get("findings", ()))
    ]
    assert len(having) >= len(judgements) > 0
    for serial, judgement in zip(having, judgements, strict=False):
        words = ("abm-identifier-rejected", judgement, "--why", "tried", "--case", case, "--marks", "marks.ndjson")
        assert run("mark", serial, *words).returncode == 0
    return "marks.ndjson"


def test_nothing_is_called_right_that_nobody_judged(run: Run) -> None:
    """If this failed, a signature would boast of a precision that nobody has looked at."""
    done = run("signatures", "list", "--marks", "none.ndjson", COLUMNS="200")
    assert done.stdout.split()[:5] == ["id", "layer", "fact", "level", "title"]
    assert "no finding is judged yet" in done.stderr
    listed = json.loads(run("signatures", "list", "--format", "json", "--marks", "none.ndjson").stdout)
    assert {(each["judged"], each["right_low"], each["fired_lines"]) for each in listed} == {(0, None, None)}


def test_how_often_it_fired_and_was_right(run: Run, case: Path) -> None:
    """If this failed, an analyst could not tell a good signature from one that cries wolf."""
    marks = judged(run, case, "false-positive")
    done = run("signatures", "list", "--case", case, "--marks", marks, COLUMNS="200")
    row = next(line for line in done.stdout.splitlines() if line.startswith("abm-identifier-rejected "))
    listed = json.loads(run("signatures", "list", "--case", case, "--marks", marks, "--format", "json").stdout)
    found = next(each for each in listed if each["id"] == "abm-identifier-rejected")
    listed_all = json.loads(run("signatures", "list", "--format", "json").stdout)
    lines = [json.loads(line) for line in run("triage", case, "--format", "ndjson").stdout.splitlines()]
    having = sum(any(each["id"] == found["id"] for each in line.get("findings", ())) for line in lines)
    assert found["fired_devices"] >= having > 0
    assert found["fired_lines"] >= found["fired_devices"]
    assert (found["judged"], found["right"], found["right_low"]) == (1, 0, 0.0)
    assert 0.79 < found["right_high"] < 0.8  # Wilson: one of one says little.
    assert row.split()[2:4] == [f"{found['fired_devices']:,}", f"{found['fired_lines']:,}"]
    assert "0 of 1 (0 %, 0–79)" in row
    assert done.stdout.count("not judged") == len(listed_all) - 1
    assert f"as marked in {marks}" in done.stderr


def test_examples_that_hold(run: Run, tmp_path: Path) -> None:
    """If this failed, a good rule would be refused."""
    done = run("signatures", "test", "--signatures", rules(tmp_path / "rules"))
    assert [line for line in done.stdout.splitlines() if "ours.yml" in line] == []


def test_an_example_that_does_not_hold_is_named(run: Run, tmp_path: Path) -> None:
    """If this failed, a rule could say of itself what it does not do."""
    done = run("signatures", "test", "--signatures", rules(tmp_path / "rules", match="OTHERMARK seen"))
    assert done.returncode == 1
    assert "ours.yml: must match: OTHERMARK seen" in done.stdout


def test_lint_names_what_lacks(run: Run, tmp_path: Path) -> None:
    """If this failed, a rule without references or with another name would be shipped."""
    folder = rules(tmp_path / "rules", name="other")
    (folder / "ours.yml").write_text(
        (folder / "ours.yml").read_text().replace("references: [https://example.com]\n", "")
    )
    (folder / "bad.yml").write_text("title: x\ndetection: &a {}\n")
    done = run("signatures", "lint", "--signatures", folder)
    assert done.returncode == 1
    assert "ours.yml: its `name` is 'other'" in done.stdout
    assert "ours.yml: has no references" in done.stdout
    assert "bad.yml:2: " in done.stdout


def test_our_own_are_whole(run: Run) -> None:
    """If this failed, a shipped rule would lack its description, references or examples."""
    done = run("signatures", "lint")
    assert (done.returncode, done.stdout.splitlines()[:-1]) == (0, [])


def test_our_own_examples_hold(run: Run) -> None:
    """If this failed, a shipped rule would not do what its examples say."""
    done = run("signatures", "test")
    assert (done.returncode, done.stdout.splitlines()[:-1]) == (0, [])


def test_convert_to_a_folder(run: Run, tmp_path: Path) -> None:
    """If this failed, the rules of a user, or ours, would not reach the folder that the other system reads."""
    done = run("signatures", "convert", "--to", "sqlite", "--out", "new/queries", "--signatures", rules(tmp_path / "r"))
    assert done.returncode == 0
    made = sorted(path.name for path in (tmp_path / "new/queries").iterdir())
    assert len(made) == len(json.loads(run("signatures", "list", "--format", "json").stdout)) + 1
    assert (tmp_path / "new/queries/ours.sql").read_text().startswith("SELECT * FROM logs WHERE message LIKE 'OURMARK")
    assert f"{len(made)} of {len(made)} signatures converted to sqlite in new/queries" in done.stderr
    assert done.stdout == ""


def test_convert_to_the_screen(run: Run) -> None:
    """If this failed, nobody could look at a query before they load it."""
    lines = run("signatures", "convert", "--to", "sqlite").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("# abm-identifier-rejected: "))
    assert lines[at + 1].startswith("SELECT * FROM logs WHERE ")


def test_convert_names_rules_that_are_not_used(run: Run, tmp_path: Path) -> None:
    """If this failed, a broken rule of the user would lack in the other system, and nobody would know."""
    folder = rules(tmp_path / "rules")
    (folder / "broken.yml").write_text("title: [")
    assert "broken.yml" in run("signatures", "convert", "--to", "sigma", "--out", "out", "--signatures", folder).stderr


def test_convert_says_what_to_install(run: Run) -> None:
    """If this failed, a backend that is missing would be a traceback."""
    done = run("signatures", "convert", "--to", "splunk")
    assert done.returncode == 2
    assert "abm-trace[convert-splunk]" in done.stderr


def test_convert_into_what_is_no_folder(run: Run, tmp_path: Path) -> None:
    """If this failed, a folder that cannot be made would be a traceback, or a success without files."""
    (tmp_path / "file").write_text("")
    done = run("signatures", "convert", "--to", "sigma", "--out", "file/below")
    assert done.returncode == 2
    assert "file/below: cannot be made" in done.stderr
