"""What a person states in the log."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_trace.cli.evidence import _names
from abm_trace.core.errors import UsageError
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def test_names_are_refused(run: Run, log: Path) -> None:
    """If this failed, an entry that can never be changed would name a device or a person."""
    Path("x.log").write_text("x\n")
    assert run("evidence", "add", "ev", "x.log", "--serial", "QWERTYUIOP").returncode == 0
    with Writer(Places.of(log)) as writer:
        _names.refuse(writer, actor="auditor-1", reason="matter 2026-17")
        for text in ("of QWERTYUIOP", "qwer-tyui-op", "jane@example.com", "079 555 12 34", "password=abc"):
            with pytest.raises(UsageError, match="--reason: names"):
                _names.refuse(writer, actor="auditor-1", reason=text)
        assert _names.stated(writer) == []


@pytest.mark.parametrize(
    "words",
    [("hold",), ("purge", "--older-than", "120"), ("key", "add"), ("key", "retire", "00000000")],
)
def test_whoever_states_something(run: Run, log: Path, words: tuple[str, ...]) -> None:
    """If this failed, one of the commands that sign what a person says would let a name through."""
    command, *rest = words
    verb = [rest.pop(0)] if command == "key" else []
    before = sorted(each.name for each in log.with_suffix(".keys").iterdir())
    done = run("evidence", command, *verb, "ev", *rest, "--reason", "laptop of jane@example.com")
    assert (done.returncode, "--reason: names" in done.stderr) == (2, True)
    assert sorted(each.name for each in log.with_suffix(".keys").iterdir()) == before
