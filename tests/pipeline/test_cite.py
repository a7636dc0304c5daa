"""Line numbers and digests of what is cited."""

import gzip
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building
from tests.pipeline.reading_of import blob, line, reading

from abm_trace.core.nouns import Blob, Finding, Origin
from abm_trace.pipeline.cite import Lines, completed

LINES = [line(n, "noise" if n % 3 else "ABMDeviceRegistered") for n in range(1, 40)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("size", [300, 5000, 1 << 20])
def test_a_citation_names_the_line_and_its_digest(tmp_path: Path, end: str, packed: bool, size: int) -> None:
    """An auditor would find another line than the one that proves."""
    text = "".join(LINES).replace("\n", end).encode()
    data = gzip.compress(text) if packed else text
    facts = reading(tmp_path, data).facts
    packed_blob = Blob("a.log", str(tmp_path / "a.log"), len(data))
    found = completed({"a.log": [fact.origin for fact in facts]}, {"a.log": packed_blob}, bytearray(size))
    assert len(found) == len(facts) == 13
    for origin in found.values():
        assert origin.line is not None
        expected = text.split(b"\n")[origin.line - 1].removesuffix(b"\r")
        assert origin.sha256 == sha256(expected).hexdigest()
        assert b"ABMDeviceRegistered" in expected


def test_a_blob_that_is_gone_leaves_its_citations_as_they_are(tmp_path: Path) -> None:
    """A file that vanishes during the triage would end it."""
    gone = blob(tmp_path, b"x")
    Path(gone.location).unlink()
    assert completed({"a.log": [Origin("a.log", "x", 0, 1)]}, {"a.log": gone}, bytearray(100)) == {}


def test_a_finding_holds_its_evidence() -> None:
    """The type that is cited would not be what verdicts hold."""
    assert Finding("a", "rule", "L3", "high", 90, (Origin("p", "x"),)).evidence[0].path == "p"


def cited(folder: Path, data: bytes, block: int) -> list[tuple[int | None, str]]:
    """(line, digest) of every fact of a capture, as a verdict would cite them; (None, "") where it cannot be."""
    origins = [fact.origin for fact in building.read(folder, data, block=block).facts]
    blob_ = building.blob(folder, data)
    found = completed({blob_.path: set(origins)}, {blob_.path: blob_}, bytearray(block))
    return [(found[each].line, found[each].sha256) if each in found else (None, "") for each in origins]


def expected(lines: list[str]) -> list[tuple[int | None, str]]:
    """(line, digest) of the lines that carry a fact."""
    return [(n, sha256(each.encode()).hexdigest()) for n, each in enumerate(lines, 1) if "network" not in each]


@given(gaps=st.lists(st.integers(0, 30), min_size=1, max_size=6), block=st.integers(256, 1024))
def test_citations_are_right_wherever_the_blocks_end(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], block: int
) -> None:
    """A number would be off by the lines of a block."""
    lines = [each for gap in gaps for each in (*building.noise(gap), building.line("ABM response: 204", gap))]
    assert cited(tmp_path_factory.getbasetemp(), building.text(lines), block) == expected(lines)


@pytest.mark.parametrize("block", [4096, 1 << 20])
def test_lines_before_the_cut_of_a_gzip_are_cited(tmp_path: Path, block: int) -> None:
    """A verdict on a damaged capture would stand without its evidence (CASE.md: line and sha256)."""
    lines = [*building.noise(3), building.line("Preparing for enrollment…"), *building.noise(150)]
    lines += [building.line("ABM response: 204")]
    assert cited(tmp_path, building.cut_gzip(building.text(lines), 4), block) == expected(lines)


@pytest.mark.parametrize("odd", ["utf-16", "utf-16-le", "cr"])
def test_a_file_is_cited_in_its_own_encoding(tmp_path: Path, odd: str) -> None:
    """The buffer still holds the last file's bytes: its neighbour's proof would have a wrong line and digest."""
    lines = [building.line("noise of the boot", 1), building.line("ABM response: 204", 2)]
    other = building.text([*lines, *building.noise(600)]).decode()
    (tmp_path / "a.log").write_bytes(other.replace("\n", "\r").encode() if odd == "cr" else other.encode(odd))
    (tmp_path / "b.log").write_bytes(building.text(lines))
    blobs = {name: Blob(name, str(tmp_path / name), (tmp_path / name).stat().st_size) for name in ("a.log", "b.log")}
    wanted = {name: [Origin(name, "x", building.text(lines).index(lines[1].encode()), 9)] for name in blobs}
    found = completed(wanted, blobs, bytearray(1 << 20))
    assert {(each.line, each.sha256) for each in found.values()} == {(2, sha256(lines[1].encode()).hexdigest())}


def test_a_file_is_read_again_in_the_encoding_in_which_it_was_read(tmp_path: Path) -> None:
    """What has a line feed only far behind was read with lines that end in CR, and would be cited as one line."""
    lines = [building.line(f"noise {n}", n) for n in range(1, 90)] + [building.line("ABM response: 204", 59)]
    data = "\r".join(lines).encode() + b"\r" + b"x" * 6000 + b"\n"
    (origin,) = [fact.origin for fact in building.read(tmp_path, data, block=1 << 20).facts]
    blob_ = building.blob(tmp_path, data)
    (found,) = completed({blob_.path: [origin]}, {blob_.path: blob_}, bytearray(1 << 20)).values()
    assert (found.line, found.sha256) == (90, sha256(lines[-1].encode()).hexdigest())


@pytest.mark.parametrize("packed", [False, True])
def test_behind_a_byte_order_mark_offset_line_and_digest_are_of_the_file_s_own_bytes(
    tmp_path: Path, packed: bool
) -> None:
    """`tail -c +OFFSET` and `sed -n LINEp` would show other bytes than those whose digest is told."""
    lines = [building.line("ABM response: 204", 1), *building.noise(200), building.line("ABM response: 204", 2)]
    data = b"\xef\xbb\xbf" + building.text(lines)
    for block in (1024, 1 << 20):
        found = reading(tmp_path, gzip.compress(data) if packed else data)
        blob_ = building.blob(tmp_path, gzip.compress(data) if packed else data)
        origins = [fact.origin for fact in found.facts]
        each = completed({blob_.path: origins}, {blob_.path: blob_}, bytearray(block)).values()
        assert [origin.line for origin in each] == [1, 202]
        for origin in each:
            cited_line = data.split(b"\n")[(origin.line or 0) - 1]
            assert data[origin.offset :].startswith(cited_line)
            assert origin.sha256 == sha256(cited_line).hexdigest()


def test_what_is_cited_often_of_one_line_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted syslog may be one line of 100 MB, of which each of a million messages is cited."""
    block = bytearray(b"first\none two three\nlast")
    places = [(0, 0), (6, 3), (10, 3), (14, 5), (10, 0), (10, 3), (3, 1), (20, 4)]
    alone = [Lines().cite(block, len(block), *place) for place in places]
    hashed: list[bytes] = []

    def counting(data: bytes) -> object:
        hashed.append(data)
        return sha256(data)

    monkeypatch.setattr("abm_trace.pipeline.cite.sha256", counting)
    lines = Lines()
    assert [lines.cite(block, len(block), *place) for place in places] == alone
    assert hashed.count(b"one two three") == 2
    lines.leave(block, len(block))
    assert lines.cite(bytearray(b"new"), 3, 25, 1) == (3, sha256(b"new").hexdigest())
