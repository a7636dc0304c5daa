"""The manifest, and with it everything a CSV may do."""

import csv
import io
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, said

from abm_trace.formats._interface import Content
from abm_trace.formats.exports import manifest

HEADER = b"serial,udid,site,staged_at,staging_host,Batch No\n"
ROW = b"F9FXQ1ABCD,U-1,clinic-1,2026-05-17T08:40:00Z,mac-1,7\n"
ATTRS = {
    "serial": "F9FXQ1ABCD",
    "udid": "U-1",
    "site": "clinic-1",
    "staged_at": "2026-05-17T08:40:00Z",
    "staging_host": "mac-1",
    "batch no": "7",
}
FACT = ("known", None, "", ATTRS)
GOOD = HEADER + ROW


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        b"\n\n" + GOOD,
        GOOD.rstrip() + b",,\n",
        HEADER.replace(b"serial", b' "Serial" ') + ROW,
        GOOD.replace(b"F9FXQ1ABCD", b"' F9FXQ1ABCD '"),
    ],
)
def test_every_way_to_write_it(data: bytes) -> None:
    """If this fails, a manifest saved by another program names no devices."""
    facts, skipped = read(manifest, data)
    assert manifest.score(head(data)) > 0.8
    assert said(facts) == [FACT]
    assert not skipped


def test_serial_alone_is_enough() -> None:
    """If this fails, a list of serial numbers is no manifest."""
    data = b"serial\nA\nB\n"
    assert 0.4 < manifest.score(head(data)) < 0.8
    assert [fact.attrs["serial"] for fact in read(manifest, data)[0]] == ["A", "B"]


@pytest.mark.parametrize(
    ("data", "named"),
    [(HEADER, "names no device"), (HEADER + b"\n\n", "names no device"), (HEADER.rstrip(), "its header has no end")],
)
def test_a_header_alone_is_named(data: bytes, named: str) -> None:
    """A case whose manifest somebody emptied would be traced, and its green zero believed."""
    facts, skipped = read(manifest, data)
    assert not facts
    assert [(each.line, named in each.reason) for each in skipped] == [(1, True)]
    assert not list(manifest.read(Content("a.csv", b"", UTC, line=9, offset=900, record=7, header=HEADER)))


def test_a_miss() -> None:
    """If this fails, the manifest takes other tables, or any text, for its own."""
    for data in (b"serial,offset_seconds\nA,1\n", b"serial_number,udid\nA,b\n", b"colour,taste\n", b"", b"\0\1", b"{}"):
        assert manifest.score(head(data)) == 0


def test_line_ends_inside_quotes() -> None:
    """If this fails, a field with a line end tears its row, or the lines after it are miscounted."""
    facts, skipped = read(manifest, HEADER + ROW.replace(b"clinic-1", b'"clinic\n""1"""') + ROW)
    assert facts[0].attrs["site"] == 'clinic\n"1'
    assert [fact.origin.line for fact in facts] == [2, 4]
    assert not skipped


@pytest.mark.parametrize(
    ("extra", "count", "line"),
    [
        (b"F9F,U-2\n", 1, 3),
        (b"F9F,U-2,a,b,c,d,e\n", 1, 3),
        (b",,clinic-1,,,\n", 1, 3),
        (b'F9F,"U-2,a,b,c,d\n' + ROW * 3, 4, 3),
        (b'F9F,"U-2,a,b,c,d\n' + b"x\n" * 500 + b'",\n' + ROW, 2, 3),
        (ROW.replace(b"U-1", b"U\x00-1"), 2, 3),
        (ROW.replace(b"clinic", b"cl\xffnic"), 2, 3),
        (ROW.replace(b"F9FX", b"F9\xff"), 2, 3),
        (ROW.replace(b"clinic-1", b"x" * 1_000_000), 2, 3),
        (ROW.replace(b"2026-05-17", b"0000-00-00"), 2, 3),
    ],
)
def test_damage_is_named_and_the_rest_is_read(extra: bytes, count: int, line: int) -> None:
    """If this fails, one bad row hides the devices after it, or is dropped without a word."""
    facts, skipped = read(manifest, GOOD + extra)
    assert len(facts) == count
    assert line in {thing.line for thing in skipped}


def test_a_serial_number_with_wrong_bytes_makes_no_device() -> None:
    """If this fails, a damaged byte invents a device."""
    facts, skipped = read(manifest, b"serial,site\nF9\xffX,a\n")
    assert not facts
    assert len(skipped) == 3


def test_a_column_that_is_named_twice() -> None:
    """If this fails, a second column of the same name changes who a row is about."""
    facts, skipped = read(manifest, b"serial,site,serial\nA,s,B\n")
    assert facts[0].attrs["serial"] == "A"
    assert skipped[0].line == 1


def test_fifty_thousand_columns() -> None:
    """If this fails, a header of many columns is worked through again for each of them, and the test does not end."""
    header = b",".join([b"serial", *(b"c%d" % n for n in range(50_000))])
    facts, _ = read(manifest, header + b"\n" + b"A" + b",x" * 50_000 + b"\n")
    assert len(facts[0].attrs) == 200


def test_a_header_without_serial_is_named() -> None:
    """If this fails, a table that was forced to be a manifest says nothing of why it is empty."""
    facts, skipped = read(manifest, b"colour,taste\nred,sweet\n")
    assert not facts
    assert skipped[0].line == 1


def test_a_piece_takes_the_header_of_its_file() -> None:
    """If this fails, the later pieces of a large manifest are lost."""
    facts, _ = read(manifest, ROW, Content("x", ROW, UTC, header=HEADER, line=9, offset=700, record=7))
    assert said(facts) == [FACT]
    assert (facts[0].origin.line, facts[0].origin.record, facts[0].origin.offset) == (9, 7, 700)


@pytest.mark.parametrize(
    "extra",
    [
        b'x","y\n' * 300_000,
        b'"' + b"y\n" * 1_500_000 + b'",a,b\n',
        b"y\n" * 1_500_000,
        b'"""x\n' * 400_000,
        b'"\n' * 400_000,
    ],
)
def test_work_is_bounded(extra: bytes) -> None:
    """If this fails, a file of a few megabytes is read again and again, and the test does not end."""
    facts, skipped = read(manifest, GOOD + extra)
    assert FACT in said(facts)
    assert skipped


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00\r", codec="utf-8")), min_size=3, max_size=3), max_size=5
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_is_read(rows: list[list[str]], separator: str) -> None:
    """If this fails, some text in a field moves the fields after it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["serial", "site", "model"])
    writer.writerows([["F9F", *row[1:]] for row in rows])
    facts, _ = read(manifest, text.getvalue().encode())
    blank = " \t\r\n\v\f\"'\u00a0\ufeff\u200b"
    assert [[fact.attrs.get(name, "") for name in ("site", "model")] for fact in facts] == [
        [field.strip(blank) for field in row[1:]] for row in rows
    ]


@pytest.mark.parametrize("above", [b"sep=;\r\n", b"#TYPE System.Management.Automation.PSCustomObject\r\n"])
def test_a_line_of_excel_or_powershell_above_the_header(above: bytes) -> None:
    """If this fails, a table that Excel or PowerShell wrote is refused whole, or cited one line too high."""
    data = above + b"serial;site\r\nF9FXQ1ABCD;clinic-1\r\n"
    assert manifest.score(head(data)) > 0.5
    (fact,), skipped = read(manifest, data)
    assert (fact.attrs["serial"], fact.attrs["site"], fact.origin.line) == ("F9FXQ1ABCD", "clinic-1", 3)
    assert not skipped
    for kept in range(len(data)):
        manifest.score(head(data[:kept]))
        read(manifest, data[:kept])


def test_a_row_of_nothing_but_separators_is_not_taken_apart() -> None:
    """20 MB of commas took 436 MB, and nobody was told."""
    facts, skipped = read(manifest, HEADER + b"F9FXQ1ABCE," + b"," * 2_000_000 + b"\n" + ROW)
    assert said(facts) == [FACT]
    assert [(thing.line, thing.reason) for thing in skipped] == [
        (2, "a row is not used, it is longer than 1 MiB: 2,000,011 bytes")
    ]


@given(blanks=st.lists(st.sampled_from([b"", b" ", b"\r", b"\t \r"]), max_size=30), ended=st.booleans())
def test_blank_lines_count_and_say_nothing(blanks: list[bytes], ended: bool) -> None:
    """60 MB of them took 38 s; and the rows behind them would be cited at another line."""
    data = GOOD + b"".join(blank + b"\n" for blank in blanks) + (ROW if ended else b"")
    facts, skipped = read(manifest, data)
    assert [fact.origin.line for fact in facts] == [2, *([3 + len(blanks)] if ended else [])]
    assert not skipped


def test_of_very_many_columns_those_that_mean_something_are_kept_and_the_first() -> None:
    """8,000 columns of 1,500 devices took 1.1 GB."""
    others = [f"c{n}" for n in range(8000)]
    header = ",".join(["serial", *others, "site"]).encode()
    facts, skipped = read(manifest, header + b"\nF9FXQ1ABCD" + b",x" * 8000 + b",clinic-1\n")
    assert facts[0].attrs["site"] == "clinic-1"
    assert {"c0", "c100"} < facts[0].attrs.keys()
    assert len(facts[0].attrs) < 300
    assert [thing.reason for thing in skipped] == ["a manifest has very many columns, not all are kept: 8,002 columns"]
