"""Files that are only appended to: whole lines, also from many at once, and what a crash left."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from abm_trace.cli._appended import append, path_of, read
from abm_trace.cli._terminal import OutputError


class Row(msgspec.Struct, frozen=True):
    """Something to keep."""

    n: int
    text: str = ""


def sound(_row: Row) -> str:
    """Nothing is wrong with it."""
    return ""


def test_where_it_is_kept(tmp_path: Path) -> None:
    """If this failed, the history would stand where nobody looks, or where a relative variable leads."""
    assert path_of(tmp_path / "x", "h.ndjson", {}) == tmp_path / "x"
    assert path_of(None, "h.ndjson", {"XDG_DATA_HOME": "/data"}) == Path("/data/abm-trace/h.ndjson")
    assert path_of(None, "h.ndjson", {"XDG_DATA_HOME": "data"}) == Path.home() / ".local/share/abm-trace/h.ndjson"


def test_many_write_whole_lines(tmp_path: Path) -> None:
    """If this failed, two gates that run at once would garble the history."""
    path = tmp_path / "deep/er/h.ndjson"
    program = (
        "import sys\nfrom pathlib import Path\nfrom tests.cli.test__appended import Row, append\n"
        "for n in range(40): append(Path(sys.argv[1]), Row(n, 'x' * 9000), hint='')\n"
    )
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: subprocess.run([sys.executable, "-c", program, path], check=True), range(4)))
    rows, skipped = read(path, Row, sound)
    assert (len(done), len(rows), skipped) == (4, 160, [])
    assert path.stat().st_mode & 0o077 == 0


def test_what_a_crash_left_is_named_and_hides_nothing(tmp_path: Path) -> None:
    """If this failed, half a line would swallow the next score, or pass for one."""
    path = tmp_path / "h.ndjson"
    path.write_bytes(b'{"n":1}\n{"n":')
    append(path, Row(2), hint="")
    path.write_bytes(path.read_bytes() + b"[" * 100_000 + b'\n\xff\n{"n":"x"}\n{"n":3}\n')
    rows, skipped = read(path, Row, lambda row: "three" if row.n == 3 else "")
    assert [row.n for row in rows] == [1, 2]
    assert skipped[0].line == 2
    assert "three" in skipped[-1].reason
    assert json.loads(path.read_bytes().splitlines()[2]) == {"n": 2, "text": ""}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """If this failed, a score that was not kept would look as if it were."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as error:
        append(tmp_path / "file/h.ndjson", Row(1), hint="--store FILE")
    assert error.value.hint == "--store FILE"
    assert read(tmp_path, Row, sound)[1][0].reason.startswith("cannot be read")
    assert read(tmp_path / "none", Row, sound) == ([], [])
