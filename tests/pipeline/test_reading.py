"""One blob: recognised, read, accounted for."""

import gzip
from pathlib import Path

import pytest
from tests.pipeline.reading_of import line, reading, reasons

from abm_trace.pipeline import reading as readings

LOG = (line(1, "boot") + line(5, "ABMDeviceRegistered")).encode()
MANIFEST = b"serial,site\nF9FXQ1ABCD,clinic-01\n"


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    """A log called .csv would be read as a table."""
    assert reading(tmp_path, LOG, "manifest.csv").format == "article"
    assert reading(tmp_path, MANIFEST, "boot.log").format == "manifest"


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    """--as would do nothing."""
    found = reading(tmp_path, MANIFEST, forced="article")
    assert (found.format, found.facts) == ("article", ())
    assert found.why == "asked for with --as"


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"\x00\x01garbage\xff" * 9, "not recognised")])
def test_what_no_format_reads_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """It would be dropped in silence."""
    found = reading(tmp_path, data)
    assert found.format == ""
    assert reason in reasons(found)[0]


def test_what_stands_before_the_damage_counts(tmp_path: Path) -> None:
    """A cut gzip would lose its facts, or hide that it is cut."""
    packed = gzip.compress(LOG + b"\n" + bytes(range(256)) * 400)
    found = reading(tmp_path, packed[:-40], "a.log.gz")
    assert [fact.kind for fact in found.facts] == ["registered"]
    assert any("cut" in reason for reason in reasons(found))


def test_a_first_line_without_end_does_not_hide_the_next_ones(tmp_path: Path) -> None:
    """One endless line would cost the whole file."""
    found = reading(tmp_path, b"A" * 9_000_000 + b"\n" + LOG)
    assert [fact.kind for fact in found.facts] == ["registered"]
    assert found.skipped[0].line == 1


def test_only_so_many_things_are_named_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of ten million bad lines would fill the report."""
    monkeypatch.setattr(readings, "SKIPPED_MAX", 5)
    bad = line(5, "ABMDeviceRegistered").replace("05-17", "02-30")
    found = reading(tmp_path, (line(1, "boot") + line(2, "x") + bad * 50).encode())
    assert len(found.skipped) == 6
    assert "45 more like this" in found.skipped[-1].reason


def test_a_record_that_is_no_line_is_cited_by_its_number(tmp_path: Path) -> None:
    """Its digest would be compared with that of a line."""
    array = b'[{"id":"e1","event_type":"device_registered","occurred_at":"2026-05-17T08:47:12Z","serial_number":"A"}]'
    (inside,) = reading(tmp_path, array, "a.json").facts
    (alone,) = reading(tmp_path, array[1:-1] + b"\n", "a.ndjson").facts
    assert (inside.origin.line, inside.origin.record) == (None, 0)
    assert alone.origin.line == 1
    assert inside.origin.sha256 == alone.origin.sha256


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_alone_read_as_a_log_is_no_fault_of_ours(tmp_path: Path, mark: bytes) -> None:
    """`--as FORMAT` on a file that holds nothing would ask the person to report a defect."""
    found = reading(tmp_path, mark, forced="log-syslog")
    assert found.facts == ()
    assert not any("please report it" in reason for reason in reasons(found))
