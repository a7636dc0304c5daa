"""Bundles: what was asked for is in them, what was not is not, and none is made without a record."""

import errno
import gzip
import io
import os
from hashlib import sha256
from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.evidence import blobs, bundle, retention
from abm_trace.evidence._report import Options, Report, Shown
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence.bundle_contents import lines_path
from abm_trace.evidence.bundle_file import Bundle, BundleWriter
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.places import Places
from abm_trace.evidence.redaction import Mask
from abm_trace.evidence.store import Pending, Writer

KEY = bytes(range(32))
CITED = b"2026-01-01 00:00:00.001 ERROR mdmclient ABM response: 204"
DEVICE = b"2026-01-01 00:00:00.001 ERROR mdmclient ABM response: 204 of f9fxq00001"
VERDICTS = b"".join(
    b'{"schema":"abm-trace/verdict/1","serial":"F9FXQ%05d","site":"clinic-01","verdict":"vanished","layer":"L6",'
    b'"cause":null,"confidence":0.9,"last_rung":"requested","next_action":"reimage","findings":[{"id":"abm-response-204",'
    b'"kind":"signature","layer":"L4","confidence":0.8,"text":"ABM of Jane","evidence":['
    b'{"path":"audit.ndjson","line":2,"sha256":"%s","by":"abm-response-204"},'
    b'{"path":"audit.ndjson/inner.log","line":4,"sha256":"%s","by":"%s"}]}]}\n'
    % (number, sha256(each).hexdigest().encode(), sha256(b"nobody").hexdigest().encode(), by)
    for number, each, by in ((0, CITED, b"audit"), (1, DEVICE, b"audit"), (2, b"none", b"audit"))
)


@pytest.fixture
def log(tmp_path: Path) -> Places:
    """A log of three inputs, each bound to a device, one bound to two devices, and verdicts."""
    places = building.make(tmp_path, 3)
    with Writer(places) as writer:
        both = blobs.Binding("audit.ndjson", tuple(blobs.Ids(f"F9FXQ{number:05d}") for number in (0, 1)))
        shared = CITED + b"\n" + DEVICE + b"\r\nF9FXQ00000\nnobody\n[F9FXQ00000, F9FXQ00001]\n"
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
    assert made.shared == 1, "a page that names others too is withheld, and counted"
    report = check(out)
    assert report.shown
    assert (report.shown.by_line, report.shown.lines, report.shown.lines_withheld) == (2, 2, 6)
    parts = Bundle(out)
    whole = out.read_bytes() + b"".join(unpacked(parts, index) for index in (5, 6))
    assert DEVICE in whole
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
    """If this failed, more than what proves something would be shown, or pseudonyms would not hold across bundles."""
    asked = {"key": KEY, "signatures": {"abm-response-204": frozenset({"mdmclient"})}, "words": {"abm-response-204"}}
    out = tmp_path / "b.tar"
    made = make(log, out, **asked)
    assert (made.manifest.stored, made.manifest.by_line, made.hidden["device"]) == ((), ((2, 6),), 3)
    report = check(out)
    assert report.shown
    assert (report.shown.lines, report.shown.lines_withheld) == (1, 10)
    parts = Bundle(out)
    lines = unpacked(parts, 5).splitlines()
    assert [line[:2] for line in lines] == [b"= ", b"# ", b"# ", b"# ", b"# "]
    assert lines[0].endswith(b" " + CITED)
    assert [line.endswith(b" [withheld]") for line in lines[1:]] == [False, True, True, True]
    pseudonym = lines[1].split(b" of ", 1)[1]
    assert pseudonym.startswith(b"[device ")
    said = parts.read("about/report.txt", 10_000)
    assert pseudonym in said, "one device has one name, however it is spelled"
    assert b"    L4 abm-response-204 0.8 ABM of [\xe2\x80\xa6]\n        record 5, line 2\n" in said
    assert b"        record 5, in an archive, line 4\n" in said
    assert not any(each in said for each in (b"clinic", b"F9FXQ", b"Jane"))
    again = tmp_path / "c.tar"
    make(log, again, **asked)
    assert pseudonym in unpacked(Bundle(again), 5)
    make(log, again, **asked | {"key": bytes(32)})
    assert pseudonym not in unpacked(Bundle(again), 5)
    make(log, again, **asked | {"serials": frozenset({"F9FXQ00001"})})
    assert [line[:2] for line in unpacked(Bundle(again), 5).splitlines() if not line.endswith(b"[withheld]")] == [b"# "]
    make(log, again, **asked | {"signatures": {}})
    assert all(line.endswith(b"[withheld]") for line in unpacked(Bundle(again), 5).splitlines())
    make(log, again, **asked | {"records": ((5, 5),)})
    assert all(line.endswith(b"[withheld]") for line in unpacked(Bundle(again), 5).splitlines()), "no verdict cites it"


def test_files_that_are_none(log: Places, tmp_path: Path) -> None:
    """If this failed, a pipe would hold the log for ever, or a link be replaced that leads elsewhere."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(EvidenceError, match="no regular file"):
        make(log, tmp_path / "b.tar", reports=(tmp_path / "fifo",))
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(EvidenceError, match="no regular file"):
        make(log, tmp_path / "link")


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


def test_only_a_device_whose_file_names_others(log: Places, tmp_path: Path) -> None:
    """If this failed, a file of many devices of which one row alone was read would go out whole."""
    one = blobs.Binding("manifest.csv", (blobs.Ids("F9FXQ00001"),))
    own = blobs.Binding("logs/clinic/F9FXQ00001.log", (blobs.Ids("F9FXQ00001", udid="00008110-001A"),))
    rows = b"serial,room\nF9FXQ00001,1\nF9FXSTRANGE,2\n"
    spellings = b"other Sf9fxq00002\nother F9FXQ-000-02\nother%46%39%46%58%51%30%30%30%30%32\n"  # Known by its verdict.
    with Writer(log) as writer:
        writer.append(
            [keep(writer, "raw", rows, one), keep(writer, "raw", b"a word\n00008110-001a\n" + spellings, own)]
        )
        writer.checkpoint()
    made = make(log, tmp_path / "b.tar", serials=frozenset({"F9FXQ00001"}))
    assert (made.manifest.stored, made.manifest.by_line) == (((3, 3),), ((5, 8),))
    assert made.shared == 4
    parts = Bundle(tmp_path / "b.tar")
    assert [line.split(b" ", 2)[-1] for line in unpacked(parts, 7).splitlines() if line[:1] == b"="] == [
        b"F9FXQ00001,1"
    ]
    shown = [line.split(b" ", 2)[-1] for line in unpacked(parts, 8).splitlines() if line[:1] == b"="]
    assert shown == [b"a word", b"00008110-001a"]


def test_only_a_device_and_what_its_files_expand_to(log: Places, tmp_path: Path) -> None:
    """If this failed, another device would go out in a compressed file, or where nobody looked."""
    own, both = blobs.Ids("F9FXQ00001"), (blobs.Ids("F9FXQ00001"), blobs.Ids("F9FXQ00002"))
    kept = {
        "clean.gz": (gzip.compress(b"of F9FXQ00001\n"), (own,)),
        "other.gz": (gzip.compress(b"of F9FXQ00001\npeer F9FXQ00002\n"), (own,)),
        "cut.gz": (gzip.compress(b"of F9FXQ00001\n")[:-4], (own,)),
        "x.bin": (b"\x01of F9FXQ00001\n", (own,)),
        "split": (b"of F9FXQ00001\npeer F9FXQ\n00002\n", (own,)),
        "both.gz": (b"\x1f\x8bF9FXQ00001\nF9FXQ00001\n", both),
        "both.log": (b"of F9FXQ00001\nof \x01F9FXQ00001\n", both),
        "F9FXQ00002-and": (b"of F9FXQ00001\n", (own,)),
    }
    with Writer(log) as writer:
        for name, (data, ids) in kept.items():
            writer.append([keep(writer, "raw", data, blobs.Binding(f"F9FXQ00001/{name}", ids))])
        writer.checkpoint()
    made = make(log, tmp_path / "b.tar", serials=frozenset({"F9FXQ00001"}))
    check(tmp_path / "b.tar")
    assert (made.manifest.stored, made.manifest.by_line) == (((3, 3), (7, 7)), ((5, 6), (13, 14)))
    assert made.manifest.withheld == 7
    assert [record for record, *_ in made.opaque] == [8, 9, 10, 12, 11]
    assert {record: path for record, path, _ in made.opaque}[8] == "F9FXQ00001/other.gz"
    parts = Bundle(tmp_path / "b.tar")
    assert [line.split(b" ", 2)[-1] for line in unpacked(parts, 13).splitlines()] == [b"of F9FXQ00001", b"[withheld]"]
    shown = parts.read("about/records.txt", 10_000)
    assert b"F9FXQ00002" not in shown
    assert b"13, raw, by line, F9FXQ00001/both.log" in shown


def test_only_a_device_that_a_verdict_alone_names(log: Places, tmp_path: Path) -> None:
    """If this failed, a device that no binding lists, for there are too many, could not be shown."""
    made = make(log, tmp_path / "b.tar", serials=frozenset({"F9FXQ00002"}))
    assert made.manifest.by_line == ((6, 6),)
    assert b"F9FXQ00002" in unpacked(Bundle(tmp_path / "b.tar"), 6)


def test_the_order_of_a_redacted_bundle(log: Places, tmp_path: Path) -> None:
    """If this failed, a list of serial numbers in order would tell which pseudonym is which, without the key."""
    orders = []
    for number in range(6):
        key, out = bytes([number]) * 32, tmp_path / f"{number}.tar"
        make(log, out, key=key)
        mask, text = Mask(key), Bundle(out).read("about/report.txt", 10_000).decode()
        names = [mask.device(f"F9FXQ{each:05d}") for each in range(3)]
        orders.append(sorted(range(3), key=lambda each: text.index(names[each])))  # At once.
        assert sorted(names) == sorted(names, key=text.index)
        devices = next(
            line for line in Bundle(out).read("about/records.txt", 10_000).decode().splitlines() if line[:2] == "5,"
        )
        assert devices.endswith(" ".join(sorted(names[:2])))
    assert len({*map(tuple, orders)}) > 1


def test_the_record_that_a_verdict_was_made_of(log: Places, tmp_path: Path) -> None:
    """If this failed, an auditor would be sent to a file that came later, and holds another line there."""
    binding = blobs.Binding("audit.ndjson")
    with Writer(log) as writer:
        writer.append([keep(writer, "raw", b"another\nfile\n", binding)])
        writer.append([keep(writer, "raw", CITED + b"\n", blobs.Binding("other.ndjson"))])
        writer.checkpoint()
    out = tmp_path / "b.tar"
    make(log, out, key=KEY, signatures={"audit": frozenset({"mdmclient"})})
    text = Bundle(out).read("about/report.txt", 10_000)
    assert b"        record 5, line 2\n" in text
    assert b"record 7" not in text
    assert all(line.endswith(b"[withheld]") for line in unpacked(Bundle(out), 8).splitlines()), "it cites no such path"


def test_a_bundle_that_fails_when_its_record_stands(
    log: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, the log would say that a bundle was made, and nobody that there is none."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(BundleWriter, "end", full)
    with pytest.raises(EvidenceError, match="record 7 of the log says that it was made, and stands"):
        make(log, tmp_path / "b.tar")
    assert not list(tmp_path.glob("*.tar"))


def test_verdicts_of_a_stranger(log: Places, tmp_path: Path) -> None:
    """If this failed, a file that somebody kept as verdicts would end each bundle with a fault of the program."""
    foreign = VERDICTS.replace(b'"serial":"F9FXQ00001"', b'"serial":""').replace(b'"sha256":"', b'"sha256":"no hex ')
    with Writer(log) as writer:
        writer.append([keep(writer, "verdict", foreign, blobs.Binding("x"))])
        writer.checkpoint()
    make(log, tmp_path / "a.tar", key=KEY, signatures={"audit": frozenset()})
    make(log, tmp_path / "b.tar", serials=frozenset({"F9FXQ00001"}))
    check(tmp_path / "a.tar")
