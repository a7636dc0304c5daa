"""Bundles: what was asked for is in them, what was not is not, and none is made without a record."""

import io
from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.evidence import blobs, bundle, retention
from abm_trace.evidence._report import Options, Report, Shown
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence.bundle_contents import lines_path
from abm_trace.evidence.bundle_file import Bundle
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Pending, Writer

KEY = bytes(range(32))
VERDICTS = b"".join(
    b'{"schema":"abm-trace/verdict/1","serial":"F9FXQ%05d","site":"clinic-01","verdict":"vanished","layer":"L6",'
    b'"cause":null,"confidence":0.9,"last_rung":"requested","next_action":"reimage"}\n' % number
    for number in range(3)
)


@pytest.fixture
def log(tmp_path: Path) -> Places:
    """A log of three inputs, each bound to a device, one bound to two devices, and verdicts."""
    places = building.make(tmp_path, 3)
    with Writer(places) as writer:
        both = blobs.Binding("audit.ndjson", tuple(blobs.Ids(f"F9FXQ{number:05d}") for number in (0, 1)))
        shared = b"F9FXQ00000 registered\nf9fxq00001 registered\nnobody\n"
        writer.append([keep(writer, "raw", shared, both), keep(writer, "verdict", VERDICTS, blobs.Binding("v"))])
        writer.checkpoint()
    return places


def keep(writer: Writer, kind: str, data: bytes, binding: blobs.Binding) -> Pending:
    """Bytes, stored."""
    return writer.keep(kind, io.BytesIO(data), now=building.START, origin="test", binding=binding)  # type: ignore[arg-type]


def make(log: Places, out: Path, **asked: object) -> bundle.Made:
    """A bundle of the log."""
    with Writer(log) as writer:
        return bundle.make(writer, out, bundle.Asked("ann", "audit", **{"now": building.START} | asked))  # type: ignore[arg-type]


def check(out: Path) -> Report:
    """The report on a bundle, which must be whole."""
    report = verify_bundle(out, Options())
    assert report.problems == []
    return report


def test_all_of_a_log(log: Places, tmp_path: Path) -> None:
    """If this failed, an auditor would get less than the log, or could not check it alone."""
    out = tmp_path / "b.tar"
    made = make(log, out)
    assert (made.record, made.manifest.stored, made.manifest.by_line, made.manifest.withheld) == (7, ((2, 6),), (), 0)
    report = check(out)
    assert (report.kept, report.withheld, report.shown) == (6, 0, Shown("2026-01-01T00:00:00Z", "ann", "audit", False))
    parts = Bundle(out)
    assert b"abm-trace-verify BUNDLE" in parts.read("about/README.txt", 10_000)
    text = parts.read("about/report.txt", 10_000)
    assert b"3 devices" in text
    assert b"F9FXQ00001, clinic-01, vanished, L6, -, 0.9, requested: reimage" in text
    assert building.check(log).problems == [], "making it leaves a log that is whole"


def test_only_a_device(log: Places, tmp_path: Path) -> None:
    """If this failed, a bundle about one device would show the others."""
    out = tmp_path / "b.tar"
    made = make(log, out, serials=frozenset({"F9FXQ00001"}))
    assert (made.manifest.stored, made.manifest.by_line, made.manifest.withheld) == (((3, 3),), ((5, 6),), 2)
    report = check(out)
    assert report.shown
    assert (report.shown.by_line, report.shown.lines, report.shown.lines_withheld) == (2, 2, 4)
    parts = Bundle(out)
    whole = out.read_bytes() + b"".join(unpacked(parts, index) for index in (5, 6))
    assert b"f9fxq00001 registered" in whole
    assert b"F9FXQ00000" not in whole
    with pytest.raises(EvidenceError, match="F9FNOTTHERE"):
        make(log, out, serials=frozenset({"F9FNOTTHERE"}))


def unpacked(parts: Bundle, index: int) -> bytes:
    """The lines of a record in a bundle."""
    data = parts.open(lines_path(index))
    assert data
    with data:
        return b"".join(blobs.unpack(data))


def test_only_some_records(log: Places, tmp_path: Path) -> None:
    """If this failed, records that were not meant would leave the house."""
    out = tmp_path / "b.tar"
    made = make(log, out, records=((2, 3),))
    assert (made.manifest.stored, made.manifest.withheld) == (((2, 3),), 3)
    report = check(out)
    assert (report.kept, report.withheld) == (3, 3)


def test_redacted(log: Places, tmp_path: Path) -> None:
    """If this failed, pseudonyms would not hold across files and bundles, or kept lines would not verify."""
    out = tmp_path / "b.tar"
    made = make(log, out, key=KEY)
    assert (made.manifest.stored, made.manifest.by_line, made.hidden["device"]) == ((), ((2, 6),), 3)
    report = check(out)
    assert report.shown
    assert (report.shown.lines, report.shown.lines_withheld) == (4, 5)
    parts = Bundle(out)
    lines = unpacked(parts, 5).splitlines()
    assert [line[:2] for line in lines] == [b"# ", b"# ", b"= "]
    pseudonym = lines[1].split(b" ", 2)[2].removesuffix(b" registered")
    assert pseudonym.startswith(b"[device ")
    assert pseudonym in parts.read("about/report.txt", 10_000), "one device has one name, however it is spelled"
    again = tmp_path / "c.tar"
    make(log, again, key=KEY)
    assert pseudonym in unpacked(Bundle(again), 5)
    make(log, again, key=bytes(32))
    assert pseudonym not in unpacked(Bundle(again), 5)


def test_purged_and_withheld_are_two_things(log: Places, tmp_path: Path) -> None:
    """If this failed, what was deleted with proof would pass for held back, or the reverse."""
    with Writer(log) as writer:
        retention.purge(writer, [(2, 2)], now=building.START + 100 * building.DAY, actor="ann", reason="due")
    out = tmp_path / "b.tar"
    make(log, out, records=((3, 3),))
    report = check(out)
    assert (report.purged, report.withheld) == (1, 3)


def test_no_bundle_without_a_record(log: Places, tmp_path: Path) -> None:
    """If this failed, evidence would leave the house and the log would not say so."""
    out = tmp_path / "b.tar"
    pem = next(log.keys.glob("*.pem"))
    pem.rename(pem.with_suffix(".gone"))
    with pytest.raises(EvidenceError, match="the key is missing"):
        make(log, out)
    assert not out.exists()
    assert not list(tmp_path.glob(".*.part"))


def test_a_report_goes_in_as_it_is(log: Places, tmp_path: Path) -> None:
    """If this failed, the page that was made of the case could not go with its evidence."""
    page = tmp_path / "report.html"
    page.write_bytes(b"<p>page")
    make(log, tmp_path / "b.tar", reports=(page,))
    check(tmp_path / "b.tar")
    assert Bundle(tmp_path / "b.tar").read("about/files/report.html", 100) == b"<p>page"
