"""The whole way through."""

from pathlib import Path

import pytest
from tests.pipeline.reading_of import blob, line

from abm_trace.core.errors import UsageError
from abm_trace.pipeline import NothingReadable, Options, triage


def test_a_case_is_traced_from_bytes_to_verdicts(tmp_path: Path) -> None:
    """Nothing would work."""
    blob(tmp_path, b"serial,site\nF9FXQ1ABCD,clinic-01\n", "manifest.csv")
    blob(tmp_path, (line(1, "boot") + line(5, "ABM response: 204")).encode(), "logs/F9FXQ1ABCD.log")
    blob(tmp_path, b"serial_number,created_at,enrolled_at\n", "mdm.csv")
    told: list[str] = []
    found = triage(tmp_path, Options(as_of=10**16, progress=lambda stage, count, size: told.append(stage)))
    (verdict,) = found.verdicts
    assert (verdict.serial, verdict.site, verdict.verdict, verdict.layer) == (
        "F9FXQ1ABCD",
        "clinic-01",
        "vanished",
        "L4",
    )
    (cited,) = verdict.findings[0].evidence
    assert (cited.path, cited.line) == ("logs/F9FXQ1ABCD.log", 2)
    assert {"found", "read", "judged"} <= set(told)


def test_nothing_readable_says_what_stood_there(tmp_path: Path) -> None:
    """An empty verdict would look like a healthy fleet."""
    blob(tmp_path, b"\x00\x01\x02", "a.bin")
    with pytest.raises(NothingReadable) as error:
        triage(tmp_path)
    assert [each.path for each in error.value.skipped] == ["a.bin"]


def test_a_case_that_is_no_folder_is_bad_usage(tmp_path: Path) -> None:
    """A slip in the path would look like an empty case."""
    with pytest.raises(UsageError, match="does not exist"):
        triage(tmp_path / "nowhere")
