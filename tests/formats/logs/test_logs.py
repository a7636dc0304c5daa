"""The contract of the family of log formats, held against each of them."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.logs.lines import SAMPLES, read

from abm_trace.core import instants
from abm_trace.core.nouns import Record
from abm_trace.formats import head_line, log_formats, logs
from abm_trace.formats._interface import Format

REAL = Path(__file__).parents[4] / "shared/samples/logs"
FORMATS = sorted(log_formats())
LINES = [(name, line) for name, lines in SAMPLES.items() for line in lines]


def test_every_format_has_samples() -> None:
    """A new format would come without a line that shows what it reads."""
    assert set(SAMPLES) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_what_it_is(name: str) -> None:
    """The list of formats, made from this, would have holes; its id is its file's name."""
    module = log_formats()[name]
    assert isinstance(module.FORMAT, Format)
    assert module.FORMAT.id.replace("-", "_") == module.__name__.rpartition(".")[2]
    assert module.FORMAT.title
    assert module.FORMAT.reference
    assert module.__doc__
    assert module.__name__.startswith(logs.__name__)


@pytest.mark.parametrize(("name", "line"), LINES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(LINES)])
def test_a_line_of_one_format_is_no_other_format_s(name: str, line: str) -> None:
    """A line would be read by whichever format comes first, with another host, process or time."""
    claimed = {each for each, module in log_formats().items() if head_line(module).match(line)}
    assert claimed == {name}


@pytest.mark.parametrize(("name", "line"), LINES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(LINES)])
def test_what_the_head_line_accepts_becomes_a_record(name: str, line: str) -> None:
    """A file would be recognised and then none of its lines read."""
    assert isinstance(read(log_formats()[name], line), Record)


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_any_line_is_a_record_that_can_be_shown_or_none(name: str, data: st.DataObject) -> None:
    """A hostile line would end the triage, here or where its time is rendered."""
    line = data.draw(st.sampled_from(SAMPLES[name]) | st.text(max_size=80))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(line)))
        piece = data.draw(st.sampled_from(["9999", "0000", "99", "+18:59", "-1859", "[", '"', "\\", " ", "\x00", ""]))
        line = line[:place] + piece + line[place + data.draw(st.integers(0, 8)) :]
    record = read(log_formats()[name], line)
    assert record is None or instants.render(record.at)


@pytest.mark.parametrize("name", [name for name in FORMATS if hasattr(log_formats()[name], "LAYOUT")])
@given(data=st.data())
def test_many_lines_at_once_are_the_lines_one_by_one(name: str, data: st.DataObject) -> None:
    """A block of hit lines would give other records than its lines, or a line of another format would shift them."""
    layout = log_formats()[name].LAYOUT
    others = st.sampled_from([line for _, line in LINES]) | st.text(st.characters(exclude_characters="\n"), max_size=40)
    lines = data.draw(st.lists(st.sampled_from(SAMPLES[name]) | others, min_size=1, max_size=6))
    one_by_one = [layout.row(line) for line in lines]
    at_once = layout.rows("\n".join(lines), len(lines))
    assert at_once == one_by_one or (at_once is None and None in one_by_one)


@pytest.mark.parametrize(
    ("file", "name", "read_lines"),
    [
        ("syslog_rsyslog_SyslogProtocol23Format", "rfc5424", 0.95),
        ("syslog_osx", "rfc3164", 0.4),
        ("ios_lockdownd.log", "lockdownd", 1.0),
        ("logd.0.log", "logd", 1.0),
    ],
)
@pytest.mark.skipif(not REAL.is_dir(), reason="the real samples are not here")
def test_files_of_real_systems_are_read(file: str, name: str, read_lines: float) -> None:
    """What we wrote for the formats would fit our own lines alone."""
    lines = [line for line in (REAL / file).read_text("utf-8", "replace").splitlines() if line]
    starts = [line for line in lines if re.match(r"<\d|[A-Z][a-z]{2} |\d", line)]
    records = [record for line in starts if (record := read(log_formats()[name], line)) is not None]
    assert starts
    assert len(records) >= read_lines * len(starts)
    assert all(record.process for record in records)
    assert all(record.host for record in records) or name in {"lockdownd", "logd"}
