"""`abm-trace triage`: what goes where, and the exit code."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Run


def test_ndjson_alone_on_standard_output(case: Path, run: Run) -> None:
    """If this failed, a pipe to another program would break on words for people."""
    done = run("triage", case, "--format", "ndjson", "--files")
    schemas = {json.loads(line)["schema"] for line in done.stdout.splitlines()}
    assert schemas == {"abm-trace/verdict/1", "abm-trace/skipped/1"}
    assert "manifest.csv" in done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_other_formats_name_what_was_not_used(form: str, case: Path, run: Run) -> None:
    """If this failed, a reader of the table would never learn which lines were left out."""
    lines = run("triage", case, "--format", "ndjson").stdout.splitlines()
    skipped = [found for line in lines if (found := json.loads(line))["schema"] == "abm-trace/skipped/1"]
    done = run("triage", case, "--format", form)
    assert len(skipped) == sum(line.startswith("not used: ") for line in done.stderr.splitlines()) > 0
    assert all(each["path"] in done.stderr for each in skipped)


def test_out_takes_the_export_and_the_screen_the_summary(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, `make demo` could not both keep the verdicts and show what happened."""
    (tmp_path / "kept.ndjson").write_text("old")
    done = run("triage", case, "--format", "ndjson", "--out", "kept.ndjson")
    assert (tmp_path / "kept.ndjson").read_text() == run("triage", case, "--format", "ndjson").stdout
    assert "How many, of " in done.stdout
    assert "wrote kept.ndjson" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept.ndjson"]


def test_each_command_of_do_next_can_be_copied_and_runs(case: Path, run: Run) -> None:
    """If this failed, a tired person would type what the summary says and get an error."""
    shown = run("triage", case).stdout
    commands = re.findall(r"^ {5}abm-trace ([^#\n]+)", shown[shown.index("Do next") :], re.MULTILINE)
    assert len(commands) == 10, "five steps: explain one of their devices, and what stopped them"
    assert {run(*shlex.split(command)).returncode for command in commands} <= {0, 1}


def test_out_to_what_is_no_regular_file(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, `--out /dev/null` would replace the device by a file."""
    (tmp_path / "null").symlink_to(os.devnull)
    assert run("triage", case, "--out", "null").returncode == 1
    assert not Path(os.devnull).is_file()


def test_out_that_cannot_be_written(case: Path, run: Run) -> None:
    """If this failed, a full disk or a wrong folder would be a traceback, or a success."""
    done = run("triage", case, "--out", "nowhere/verdicts.json")
    assert done.returncode == 2
    assert "nowhere/verdicts.json: cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("listed", "code"), [("vanished", 1), ("none", 0), ("vanished, unknown", 1), ("in_progress", 0)]
)
def test_fail_on(listed: str, code: int, case: Path, run: Run) -> None:
    """If this failed, CI could not choose which verdicts stop it."""
    assert run("triage", case, "--format", "ndjson", "--fail-on", listed).returncode == code


def test_as_of_and_thresholds_reach_the_verdict(case: Path, run: Run) -> None:
    """If this failed, the options that fix "now" and the limits would be taken and ignored."""
    early = run("triage", case, "--format", "json", "--as-of", "2026-05-01T00:00:00", "--fail-on", "none")
    assert json.loads(early.stdout)["as_of"] == "2026-05-01T05:00:00Z"
    patient = run("triage", case, "--format", "json", "--threshold", "confirmation_s=99999999")
    assert set(json.loads(patient.stdout)["counts"]) & {"vanished"} == set()


def test_as_forces_the_format(case: Path, run: Run) -> None:
    """If this failed, a file that is recognised wrongly could not be read at all."""
    done = run("triage", case, "--as", "manifest", "--files")
    assert "manifest (asked for with --as)" in done.stdout


def test_nothing_readable(run: Run, tmp_path: Path) -> None:
    """If this failed, a wrong folder would look like a rollout without devices."""
    (tmp_path / "noise.bin").write_bytes(b"\x00\xff" * 100)
    done = run("triage", ".", "--format", "ndjson")
    assert done.returncode == 3
    assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == ["noise.bin"]
    assert "nothing that abm-trace reads" in done.stderr
    assert "noise.bin" in run("triage", ".").stderr


def test_a_server_that_does_not_sync_is_told_where_no_device_is_named(run: Run, tmp_path: Path) -> None:
    """If this failed, the reason why no device ever came would be read and hidden."""
    line = "2024/01/22 00:55:29 level=info component=syncer name=dep msg=error syncing phase=fetch cursor= err=DEP HTTP"
    (tmp_path / "depsyncer.log").write_text(f"{line} error: 400 Bad Request: USER_AGENT_INVALID\n", encoding="utf-8")
    told = " ".join(run("triage", tmp_path).stdout.split())
    assert "dep: its last try to sync failed, 2024-01-22T00:55:29Z (USER_AGENT_INVALID)" in told
    assert "Every device is confirmed" not in told


def test_jobs_change_nothing(case: Path, run: Run) -> None:
    """If this failed, the number of processes would change what is said."""
    one, two = (run("triage", case, "--format", "ndjson", "--jobs", jobs).stdout for jobs in (1, 2))
    assert one == two


def test_since_says_what_happened(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a shift would take over without knowing what is new."""
    words = ("triage", case, "--fail-on", "none")
    run(*words, "--as-of", "2026-05-12T13:00:00Z", "--format", "json", "--out", "early.json")
    page = run(*words, "--since", "early.json").stdout
    assert "newly failed since 2026-05-12 13:00:00 UTC" in " ".join(page.split())
    assert "By verdict" not in page
    done = run(*words, "--since", "early.json", "--format", "ndjson", "--out", "now.ndjson")
    assert done.stdout == page
    lines = [json.loads(line) for line in Path("now.ndjson").read_text().splitlines()]
    changes = [line for line in lines if line["schema"] == "abm-trace/change/1"]
    cited = [each["evidence"] for line in changes for each in line["cited"]]
    assert changes
    assert all(each["sha256"] and each["path"] for each in cited)
    since_itself = run(*words, "--since", "now.ndjson", "--format", "ndjson").stdout
    assert "abm-trace/change/1" not in since_itself
    assert run(*words, "--since", case, "--format", "ndjson").stdout == since_itself


def test_since_what_cannot_be_compared_with(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a damaged file of the last shift would make all devices new."""
    (tmp_path / "bad.ndjson").write_text('{"schema":"abm-trace/skipped/1"}\nbroken\n')
    done = run("triage", case, "--since", "bad.ndjson")
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad.ndjson:2: no object of a verdict file" in done.stderr
    assert run("triage", case, "--since", "none").returncode == 2
