"""Digests of cited lines and records."""

import gzip
import hashlib
from pathlib import Path

from abm_lab.citations import Citations, Evidence


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_lines_and_records_are_found(tmp_path: Path) -> None:
    """True evidence would be called wrong: CRLF, gzip, elements of pages, whole files."""
    (tmp_path / "a.log").write_bytes(b"one\r\ntwo\n")
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(b"one\ntwo"))
    (tmp_path / "c.json").write_bytes(b'{"events":[{"id": 1},\n{"id": 2}],"next":null}')
    (tmp_path / "d.bin").write_bytes(b"\x00whole")
    checks = Citations(tmp_path)
    checks.check(
        "S",
        [
            Evidence("a.log", line=1, sha256=_sha(b"one")),
            Evidence("b.log.gz", line=2, sha256=_sha(b"two")),
            Evidence("c.json", record=1, sha256=_sha(b'{"id": 2}')),
            Evidence("d.bin", record=0, sha256=_sha(b"\x00whole")),
        ],
    )
    assert (checks.checked, checks.wrong) == (4, [])


def test_what_is_not_there_is_wrong(tmp_path: Path) -> None:
    """Invented evidence would pass: another line, a line beyond the end, a file outside the case."""
    case = tmp_path / "case"
    case.mkdir()
    (case / "a.log").write_bytes(b"one\ntwo\n")
    (tmp_path / "secret").write_bytes(b"one")
    checks = Citations(case)
    checks.check(
        "S",
        [
            Evidence("a.log", line=2, sha256=_sha(b"one")),
            Evidence("a.log", line=9, sha256=_sha(b"one")),
            Evidence("../secret", line=1, sha256=_sha(b"one")),
            Evidence("a.log", record=1, sha256=_sha(b"three")),
        ],
    )
    assert checks.wrong == ["S a.log:2", "S a.log:9", "S ../secret:1", "S a.log"]
