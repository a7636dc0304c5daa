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
