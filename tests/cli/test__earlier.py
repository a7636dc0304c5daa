"""What `--since` names: read back as it was written, or refused with the line."""

import gzip
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.exports.building import AS_OF, POLYGLOT, healthy, report, verdict

from abm_trace.cli import _earlier, _tracing
from abm_trace.core.nouns import Verdict
from abm_trace.exports import Screen, render
from abm_trace.views.changes import changes

TRACING = _tracing.Tracing()


def written(path: Path, form: str, *verdicts: Verdict) -> Path:
    """A file as `triage --format` writes it."""
    path.write_bytes(render(form, report(*verdicts), Screen()))
    return path


def line(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  # Whatever JSON holds.
    """A line of NDJSON, with changes."""
    return {**json.loads(render("ndjson", report(), Screen()).splitlines()[0]), **changed}


def refused(path: Path) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(_earlier.EarlierError) as caught:
        _earlier.read(path, TRACING)
    return caught.value.diagnostics()


@pytest.mark.parametrize("form", ["ndjson", "json"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_was_written_is_read(form: str, packed: bool, tmp_path: Path) -> None:
    """If this failed, the next shift could not compare with what this one kept."""
    fleet = [verdict(), healthy("F9F000000B"), verdict(serial="F9F000000C", site=POLYGLOT, identifiers=(POLYGLOT,))]
    path = written(tmp_path / "verdicts", form, *fleet)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    earlier = _earlier.read(path, TRACING)
    assert earlier.as_of == AS_OF
    assert [each.serial for each in earlier.verdicts] == [each.serial for each in fleet]
    assert earlier.verdicts[0].findings[0].evidence[0].sha256 == fleet[0].findings[0].evidence[0].sha256
    assert changes(earlier.verdicts, fleet) == ()


def test_a_case_is_traced(case: Path, tmp_path: Path) -> None:
    """If this failed, an earlier folder could not be compared with, only what was kept of it."""
    earlier = _earlier.read(case, TRACING)
    kept = tmp_path / "kept.ndjson"
    kept.write_bytes(render("ndjson", report(*earlier.verdicts, as_of=earlier.as_of), Screen()))
    assert changes(_earlier.read(kept, TRACING).verdicts, earlier.verdicts) == ()


def test_keys_that_are_not_known_break_nothing(tmp_path: Path) -> None:
    """If this failed, a file of a later version, or with what `--since` adds, could not be compared with."""
    path = tmp_path / "a"
    lines = [line(later={"x": 1}), {"schema": "abm-trace/change/1"}, {"schema": "abm-trace/skipped/9", "x": 1}]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines) + "\n")
    assert [each.serial for each in _earlier.read(path, TRACING).verdicts] == ["F9FXQ1ABCD"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no verdict"),
        (b"\n\n", "holds no verdict"),
        (b"serial,site\nA,B\n", ":1: no object"),
        (b"F9FXQ1ABCD  clinic-01\n", ":1: no object"),
        (b"\x00\xff" * 300 + b"\n", ":1: no object"),
        (b'{"a": 1}\n', ":1: no object"),
        (b'{"schema": "other/thing/1"}\n', "'other/thing/1' is no form of abm-trace"),
        (b"[" * 100_000, ": no verdict file"),
        (b'{\n"schema":"abm-trace/reconcile/1"}', "holds no verdicts"),
    ],
)
def test_what_is_no_verdict_file(data: bytes, said: str, tmp_path: Path) -> None:
    """If this failed, a wrong file would end in a traceback, or count as a fleet that is gone."""
    (tmp_path / "a").write_bytes(data)
    message = refused(tmp_path / "a")
    assert said in message
    assert "--format ndjson --out FILE" in message


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "lost"}, "verdict 'lost' is not known"),
        ({"verdict": None}, "Expected `str`"),
        ({"layer": "L9"}, "layer 'L9' is not known"),
        ({"last_rung": "shipped"}, "last_rung 'shipped' is not known"),
        ({"as_of": "noon"}, "no RFC 3339 time"),
        ({"confidence": 97}, "a confidence of 97.0 is none"),
        ({"serial": " "}, "it names no device"),
        ({"findings": [{"id": 1}]}, "Expected `str`"),
        ({"serial": "F9FXQ1ABCD"}, "stands in it twice, first in line {first}"),
    ],
)
@pytest.mark.parametrize("form", ["lines", "document"])
def test_a_damaged_line_is_named(changed: dict[str, Any], said: str, form: str, tmp_path: Path) -> None:
    """If this failed, nobody could find what is wrong in a file of 12,400 lines."""
    good, bad = json.dumps(line()), json.dumps({**line(serial="F9F000000B"), **changed})
    if form == "lines":
        (tmp_path / "a").write_text(f"{good}\n\n{bad}\n")
    else:
        (tmp_path / "a").write_text(f'{{\n"schema": "abm-trace/triage/1", "verdicts": [\n{good},\n{bad}]}}')
    message = refused(tmp_path / "a")
    assert f"{tmp_path}/a:{3 if form == 'lines' else 4}: " in message
    assert said.format(first=1 if form == "lines" else 3) in message


def test_a_damaged_document_names_its_line(tmp_path: Path) -> None:
    """If this failed, a document that was cut would be an error without a place."""
    path = written(tmp_path / "a", "json", verdict())
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:20], b"damage\n", *lines[20:]]))
    assert f"{path}:21: " in refused(path)


@pytest.mark.parametrize(
    "text", ['{"schema":"abm-trace/verdict/2"}\n', '{\n"schema": "abm-trace/triage/7",\n"verdicts": 1}']
)
def test_a_newer_form_is_refused(text: str, tmp_path: Path) -> None:
    """If this failed, a form that this version does not know would be read as one that it does."""
    (tmp_path / "a").write_text(text)
    message = refused(tmp_path / "a")
    assert "Update abm-trace" in message
    assert "--as-of TIME" in message


def test_a_packed_file_that_is_cut(tmp_path: Path) -> None:
    """If this failed, the devices behind the cut would be told to be new."""
    whole = written(tmp_path / "a", "ndjson", *(healthy(f"F9F00000{number:02d}") for number in range(60)))
    whole.write_bytes(gzip.compress(whole.read_bytes())[:-200])
    assert f"{whole}" in refused(whole)


@pytest.mark.parametrize("kind", ["bomb", "endless line", "fifo"])
def test_hostile_files_cost_no_time(kind: str, tmp_path: Path) -> None:
    """If this failed, a file could hold up the shift that compares with it."""
    path = tmp_path / "a"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.write_bytes(
            gzip.compress(b" " * (600 << 20) if kind == "bomb" else b'{"schema": "' + b"x" * (64 << 20), 1)
        )
    began = time.process_time()
    assert str(path) in refused(path)
    assert time.process_time() - began < 10


VERDICT = '{"schema":"abm-trace/verdict/1","missing":["ab"' + ',"ab"' * 500_000 + "]}"


@pytest.mark.parametrize("unit", ["{}", "0", VERDICT], ids=["objects", "numbers", "a verdict"])
def test_what_would_become_too_many_objects_is_refused(unit: str, tmp_path: Path) -> None:
    """If this failed, a document of 128 MiB would take gigabytes."""
    path = tmp_path / "a"
    count = 1 if len(unit) > 9 else 600_000
    path.write_text('{"schema":"abm-trace/triage/1","verdicts":[' + ",".join([unit] * count) + "]}")
    said = refused(path)
    assert {"{": "500,000", "0": "Expected"}[unit[0]] in said, said


@given(some.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """If this failed, some file would end in a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(data)
        refused(path)
