"""The file of marks: nothing that was said is lost, and nothing that is no mark counts."""

import multiprocessing
from pathlib import Path

import msgspec
import pytest
from tests.exports.building import AS_OF, DIGEST, verdict

from abm_trace.cli import _marks
from abm_trace.cli._terminal import OutputError
from abm_trace.core.nouns import Finding

FINDING = verdict().findings[0]
MARK = _marks.Mark("2026-05-17T09:00:00Z", "anna", "F9FXQ1ABCD", FINDING.id, "confirmed", "seen", (DIGEST,), ("a:1",))


def marked(**changes: object) -> _marks.Mark:
    """A mark, with changes."""
    return msgspec.structs.replace(MARK, **changes)


def test_the_last_mark_counts(tmp_path: Path) -> None:
    """If this failed, nobody could change their mind, or a change would count twice."""
    path = tmp_path / "new/marks.ndjson"
    for each in (MARK, marked(judgement="false-positive", why="our proxy"), marked(serial="OTHER")):
        _marks.append(path, each)
    marks = _marks.read(path)
    assert len(marks.items) == 3
    assert marks.of("F9FXQ1ABCD", FINDING) == marked(judgement="false-positive", why="our proxy")
    assert marks.judged() == {FINDING.id: (2, 1)}
    assert path.stat().st_mode & 0o077 == 0


def test_a_mark_is_bound_to_the_lines(tmp_path: Path) -> None:
    """If this failed, a judgement of one line would be shown beside another one."""
    path = tmp_path / "marks.ndjson"
    _marks.append(path, MARK)
    (other,) = (each for each in FINDING.evidence)
    later = msgspec.structs.replace(FINDING, evidence=(msgspec.structs.replace(other, sha256="0" * 64),))
    moved = msgspec.structs.replace(FINDING, evidence=(msgspec.structs.replace(other, path="elsewhere", line=7),))
    marks = _marks.read(path)
    assert marks.of("F9FXQ1ABCD", later) is None
    assert marks.of("f9fxqiabcd", moved) == MARK
    assert marks.of("F9FXQ1ABCE", FINDING) is None


def test_a_finding_without_evidence_is_bound_to_what_it_says() -> None:
    """If this failed, a conflict of identity could not be judged, or every one at once."""
    one = Finding("identity-conflict", "rule", "", "low", 80, (), "", "two UDIDs")
    other = msgspec.structs.replace(one, text="two serials")
    assert _marks.digests_of(one) != _marks.digests_of(other)
    assert _marks.Marks((marked(finding=one.id, digests=_marks.digests_of(one)),)).of("F9FXQ1ABCD", one)


def test_more_lines_of_the_same_finding_are_no_second_judgement() -> None:
    """If this failed, the share that was right would be counted twice where a log grew."""
    marks = _marks.Marks((MARK, marked(digests=("b" * 64, DIGEST), judgement="false-positive")))
    assert marks.judged() == {FINDING.id: (1, 0)}


def test_what_a_crash_left_costs_its_line_alone(tmp_path: Path) -> None:
    """If this failed, half a line would swallow the next mark, or stop all."""
    path = tmp_path / "marks.ndjson"
    _marks.append(path, MARK)
    with path.open("ab") as file:
        file.write(msgspec.json.encode(MARK)[:40])
    _marks.append(path, marked(by="bob"))
    marks = _marks.read(path)
    assert [each.by for each in marks.items] == ["anna", "bob"]
    assert [(each.path, each.line) for each in marks.skipped] == [(str(path), 2)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"schema":"abm-trace/mark/2"}', "abm-trace/mark/2"),
        (b"[]", "no record"),
        (b"\xff\xfe", "no record"),
        (b"[" * 5000, "no record"),
        (msgspec.json.encode(marked(judgement="perhaps")), "'perhaps' is no judgement"),
    ],
)
def test_what_is_no_mark_is_named(line: bytes, said: str, tmp_path: Path) -> None:
    """If this failed, a newer form would be read as an older one, or a damaged file would end the program."""
    path = tmp_path / "marks.ndjson"
    path.write_bytes(line + b"\n" + msgspec.json.encode(MARK) + b"\n")
    marks = _marks.read(path)
    assert marks.items == (MARK,)
    assert said in marks.skipped[0].reason


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "not judged"),
        ({"x": (12, 11)}, "11 of 12 (92 %, 65–99)"),
        ({"x": (1, 1)}, "1 of 1 (100 %, 21–100)"),
        ({"x": (2000, 2000)}, "2,000 of 2,000 (100 %, 100–100)"),
    ],
)
def test_how_often_it_was_right(counts: dict[str, tuple[int, int]], said: str) -> None:
    """If this failed, one judgement would look as good as a thousand."""
    assert _marks.right("x", counts) == said


def test_no_file_is_no_marks(tmp_path: Path) -> None:
    """If this failed, whoever never marked anything would see an error."""
    assert _marks.read(tmp_path / "none") == _marks.Marks()
    assert "cannot be read" in _marks.read(tmp_path).skipped[0].reason


def test_where_it_cannot_be_kept(tmp_path: Path) -> None:
    """If this failed, a mark would be lost without a word."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        _marks.append(tmp_path / "file/marks.ndjson", MARK)


def _many(path: Path) -> None:
    for number in range(50):
        _marks.append(path, marked(why=f"{number} " + "x" * 9000))


def test_two_people_at_once(tmp_path: Path) -> None:
    """If this failed, marks that are made at the same time would run into each other."""
    path = tmp_path / "marks.ndjson"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_many, [path, path])
    marks = _marks.read(path)
    assert (len(marks.items), marks.skipped) == (100, ())


def test_where_marks_are_kept(tmp_path: Path) -> None:
    """If this failed, marks would be looked for where nobody wrote them."""
    assert _marks.path_of(Path("here")) == Path("here")
    assert _marks.path_of(None, {"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "abm-trace/marks.ndjson"
    home = Path.home() / ".local/share/abm-trace/marks.ndjson"
    assert [_marks.path_of(None, {"XDG_DATA_HOME": each}) for each in ("", "relative")] == [home, home]


def test_the_time_is_of_now() -> None:
    """If this failed, a mark would be dated by the case."""
    assert _marks.now().endswith("Z")
    assert len(_marks.now()) == len("2026-05-17T09:00:00Z")
    assert AS_OF
