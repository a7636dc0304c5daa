"""The table: one row a device, and no cell of it that a spreadsheet obeys."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exports.building import POLYGLOT, healthy, report, verdict

from abm_trace.core.nouns import Fact, Finding, Origin
from abm_trace.exports import Report, Screen, plain
from abm_trace.exports._interface import verdict_line
from abm_trace.exports.csv import COLUMNS, render

GOLDEN = Path(__file__).parents[1] / "data/exports/chicago.csv"
FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\uff1d1", "'=1", '=HYPERLINK("http://x")',
    "=cmd|' /C calc'!A0", "=1;2\n=3",
)  # fmt: skip


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows as another program reads them."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def test_golden(traced: Report, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what spreadsheets get of a case has changed."""
    golden(GOLDEN, render(traced, Screen()))


def test_one_row_a_device_in_the_order_of_the_verdicts() -> None:
    """If this failed, columns would stand at other places than is written, or devices be lost."""
    data = render(report(verdict(), healthy("A1"), healthy("A2")), Screen())
    assert data.split(b"\r\n")[0].decode() == ",".join(COLUMNS)
    assert [row["serial"] for row in rows(data)] == ["F9FXQ1ABCD", "A1", "A2"]
    assert data.count(b"\r\n") == data.count(b"\n") == 4


def test_each_cell_is_the_field_of_the_json() -> None:
    """If this failed, the table would say something else of a device than the other formats do."""
    device = verdict(missing=("apple", "mdm"), exposure=("FileVault off", "supervised no"), cause="no_profile")
    row = rows(render(report(device), Screen()))[0]
    line = verdict_line(device)
    for name in set(COLUMNS) - {
        "contributing",
        "missing",
        "exposure",
        "simulated",
        "evidence",
        "sighted_at",
        "sighted_place",
    }:
        assert row[name] == str(getattr(line, name))
    assert (row["contributing"], row["missing"]) == ("L3", "apple; mdm")
    assert row["exposure"] == "FileVault off; supervised no"
    assert (row["simulated"], row["evidence"]) == ("false", "logs/F9FXQ1ABCD.log:41")


def test_where_it_was_seen_is_no_evidence_for_the_verdict() -> None:
    """If this failed, nobody could sort the vanished by where they are, or a verdict would rest on a sighting."""
    origin = Origin("network/wifi.csv", "sightings", 90, 60, 3, 1, "ab" * 32)
    seen = Fact("sighting", 0, "sighting", "=AP-4", {}, origin)
    finding = Finding("in-use-not-enrolled", "rule", "", "high", 90, (origin,), "", "in use", 0)
    row = rows(render(report(verdict(sighting=seen, findings=(finding,))), Screen()))[0]
    assert (row["sighted_at"], row["sighted_place"], row["evidence"]) == ("1970-01-01T00:00:00Z", "'=AP-4", "")
    row = rows(render(report(verdict()), Screen()))[0]
    assert (row["sighted_at"], row["sighted_place"]) == ("", "")


def test_what_nobody_said_is_an_empty_cell() -> None:
    """If this failed, a table would say `None`, which reads like a value."""
    nothing = verdict(
        last_rung=None, last_rung_at=None, layer=None, contributing=(), first_seen=None, last_seen=None,
        deadline_at=None, clock_offset_us=None, findings=(), site="",
    )  # fmt: skip
    row = rows(render(report(nothing), Screen()))[0]
    filled = {name for name, cell in row.items() if cell}
    assert filled == {
        "serial", "verdict", "confidence", "attempts", "as_of", "journeys", "simulated", "next_action",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        (Origin("mdm.json", "jamf", 10, 5, None, 3), "mdm.json record 3"),
        (Origin("probe.txt", "s-client"), "probe.txt"),
        (Origin("=1+1/x.log", "article", 0, 5, 7), "'=1+1/x.log:7"),
    ],
)
def test_the_evidence_is_where_the_verdict_rests(origin: Origin, says: str) -> None:
    """If this failed, a row would point nowhere, or to what is not its proof."""
    bare = Finding("conflict", "rule", "", "low", 80, ())
    overcome = Finding("y", "signature", "L3", "info", 90, (Origin("early.log", "y", line=2),))
    proof = Finding("x", "rule", "L6", "high", 90, (origin, Origin("other", "x", line=1)))
    assert rows(render(report(verdict(findings=(bare, overcome, proof))), Screen()))[0]["evidence"] == says


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_run(text: str) -> None:
    """If this failed, a device name would run a program on the desk of whoever opens the table."""
    hostile = verdict(serial=text, site=text, cause=text, next_action=text, contributing=(text,), exposure=(text,))
    row = rows(render(report(hostile), Screen()))[0]
    for name in ("serial", "site", "cause", "next_action", "contributing", "exposure"):
        assert row[name] == "'" + plain(text)


def test_a_number_stays_one() -> None:
    """If this failed, a clock that lags would be a text in the table and count in no sum."""
    row = rows(render(report(verdict(clock_offset_us=-19_345_000)), Screen()))[0]
    assert float(row["clock_offset"]) == -19.345


def test_no_terminal_and_no_reader_obeys_a_cell() -> None:
    """If this failed, escapes of a terminal, or line ends inside a cell, would reach what reads the table."""
    data = render(report(verdict(serial=POLYGLOT, site='a,"b"\r\nc', next_action="\x00")), Screen())
    row = rows(data)[0]
    assert (row["serial"], row["site"], row["next_action"]) == (plain(POLYGLOT), 'a,"b"\\u000d\\u000ac', "\\u0000")
    assert data.count(b"\n") == 2


@given(st.lists(st.text(), min_size=6, max_size=6))
def test_round_trip(texts: list[str]) -> None:
    """If this failed, some text would come back as another, or move to another column."""
    serial, site, cause, action, exposed, rung = texts
    device = verdict(
        serial=serial, site=site, cause=cause, next_action=action, exposure=(exposed,), last_rung=rung, missing=()
    )
    (row,) = rows(render(report(device), Screen()))
    back = [row[name].removeprefix("'") for name in ("serial", "site", "cause", "next_action", "exposure", "last_rung")]
    assert back == [plain(text) for text in texts]
