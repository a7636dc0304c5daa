"""Line numbers and digests of what is cited."""

import gzip
from hashlib import sha256
from pathlib import Path

import pytest
from tests.pipeline.reading_of import blob, line, reading

from abm_trace.core.nouns import Blob, Finding, Origin
from abm_trace.pipeline.cite import completed

LINES = [line(n, "noise" if n % 3 else "ABMDeviceRegistered") for n in range(1, 40)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("size", [300, 5000, 1 << 20])
def test_a_citation_names_the_line_and_its_digest(tmp_path: Path, end: str, packed: bool, size: int) -> None:
    """An auditor would find another line than the one that proves."""
    text = "".join(LINES).replace("\n", end).encode()
    data = gzip.compress(text) if packed else text
    facts = reading(tmp_path, data).facts
    found = completed(
        Blob("a.log", str(tmp_path / "a.log"), len(data)), [fact.origin for fact in facts], bytearray(size)
    )
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
    assert completed(gone, [Origin("a.log", "x", 0, 1)], bytearray(100)) == {}


def test_a_finding_holds_its_evidence() -> None:
    """The type that is cited would not be what verdicts hold."""
    assert Finding("a", "rule", "L3", "high", 90, (Origin("p", "x"),)).evidence[0].path == "p"
