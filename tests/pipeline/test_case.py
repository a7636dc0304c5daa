"""`case.toml`."""

from pathlib import Path

import pytest

from abm_trace.core import instants
from abm_trace.pipeline import case as cases


def read(folder: Path, text: str) -> cases.Case:
    """The case with this case.toml."""
    (folder / cases.NAME).write_text(text)
    return cases.read(folder)


def test_without_a_file_the_defaults_stand(tmp_path: Path) -> None:
    """A folder of logs alone could not be traced."""
    case = cases.read(tmp_path)
    assert (case.zone_name, case.coverage, case.skipped) == ("UTC", {}, ())


def test_what_it_says_is_used(tmp_path: Path) -> None:
    """The zone or the reach of a source would be ignored."""
    text = (
        'timezone = "America/Chicago"\nsimulated = true\n[coverage]\naudit = 2026-05-17T08:00:00Z\n'
        'mdm.jamf = "2026-05-17 03:00:00"\n[thresholds]\npending_s = 120\n'
    )
    case = read(tmp_path, text)
    assert case.simulated
    assert case.coverage == {
        "audit": instants.parse("2026-05-17T08:00:00Z"),
        "mdm.jamf": instants.parse("2026-05-17T08:00:00Z"),
    }
    assert case.thresholds.value("pending_s") == 120
    assert case.thresholds.items["pending_s"].origin == "case.toml"
    assert not case.skipped


@pytest.mark.parametrize(
    ("text", "named", "line"),
    [
        ("timezone = ", "not used", None),
        ('# x\ntimezone = "Mars/Base"', "Mars/Base", 2),
        ("timezone = 5", "timezone = 5", 1),
        ("coverage = 5", "[coverage]", 1),
        ('[coverage]\naudit = "soon"', "audit", 2),
        ("[coverage]\nweather = 2026-05-17T08:00:00Z", "weather", 2),
        ('simulated = true\ncoverage = {weather = "x"}', "weather", 2),
        ('coverage.audit = "2026-05-17T08:00:00Z"\ncoverage.weather = 1', "weather", 2),
        ('[coverage]\nmdm.jamf = "soon"', "mdm.jamf", 2),
        ('[coverage.mdm]\n\n"jamf" = "soon"', "mdm.jamf", 3),
        ('title = "speed = 1"\n[thresholds]\n# speed = 2\n  speed = 1', "speed", 4),
        ("[thresholds]\npending_s = -1", "pending_s", 2),
        ("[thresholds]\ntimezone = 1", "timezone", 2),
        ('timezone = "UTC"\nsimulated = true\n[ weather ]\nx = 1', "weather", 3),
        ("simulated = true\n['we.ather']", "we.ather", 2),
        ('simulated = true\n"we\\u0061ther" = 1', "weather", None),
    ],
)
def test_what_cannot_be_is_named_with_its_line_and_the_rest_stands(
    tmp_path: Path, text: str, named: str, line: int | None
) -> None:
    """A slip in a settings file would stop the triage, or be ignored, or be looked for."""
    case = read(tmp_path, text)
    assert len(case.skipped) == 1
    assert named in case.skipped[0].reason
    assert case.skipped[0].line == line
    assert case.zone_name == "UTC"


@pytest.mark.parametrize(
    ("data", "named", "line"),
    [
        (b'timezone = "UTC"\n# caf\xe9\n', "no UTF-8", 2),
        (b"x = " + b"[" * 20_000 + b"]" * 20_000, "nested too deeply", None),
        (b'timezone = "UTC"\ntimezone = "UTC"\n', "overwrite", 2),
    ],
    ids=["encoding", "depth", "twice"],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, data: bytes, named: str, line: int | None) -> None:
    """Who wrote the file would be told what went wrong inside of Python."""
    (tmp_path / "case.toml").write_bytes(data)
    (said,) = cases.read(tmp_path).skipped
    assert named in said.reason
    assert "codec" not in said.reason
    assert "recursion" not in said.reason
    assert said.line == line


@pytest.mark.parametrize("text", ['timezon = "UTC"\n', "[coverages]\naudit = 1\n", 'simulated = "yes"\n'])
def test_a_mistyped_setting_is_named(tmp_path: Path, text: str) -> None:
    """CASE.md: everything not used is named; a typing error would silently mean "UTC, all read"."""
    (tmp_path / "case.toml").write_text(text)
    assert [each.path for each in cases.read(tmp_path).skipped] == ["case.toml"]


def test_a_file_that_is_not_read_whole_is_named(tmp_path: Path) -> None:
    """Half of the settings would count and nobody would know."""
    (tmp_path / "case.toml").write_text("# comment\n" * 7000 + 'timezone = "America/Chicago"\n')
    assert [each.path for each in cases.read(tmp_path).skipped] == ["case.toml"]


def test_a_link_out_of_the_case_is_not_followed(tmp_path: Path) -> None:
    """CASE.md: a link out of the case is named, not read; a stranger's settings would decide the verdicts."""
    (tmp_path / "elsewhere.toml").write_text('timezone = "America/Chicago"\n')
    (tmp_path / "case").mkdir()
    (tmp_path / "case/case.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert cases.read(tmp_path / "case").zone_name == "UTC"
