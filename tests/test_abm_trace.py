"""The Python API."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import abm_trace


def write_case(folder: Path) -> Path:
    """A case of one device whose manifest is all there is."""
    (folder / "manifest.csv").write_text("serial,site\nF9FXQ1ABCD,clinic-01\n")
    return folder


def test_triage(tmp_path: Path) -> None:
    """If this failed, a program could not trace a case."""
    as_of = datetime(2026, 5, 17, 8, 47, tzinfo=UTC)
    traced = abm_trace.triage(str(write_case(tmp_path)), as_of=as_of, jobs=1)
    assert isinstance(traced, abm_trace.Triage)
    (verdict,) = traced.verdicts
    assert isinstance(verdict, abm_trace.Verdict)
    assert (verdict.serial, verdict.site, verdict.verdict) == ("F9FXQ1ABCD", "clinic-01", "not_started")
    assert traced.as_of == 1_779_007_620_000_000


def test_errors_are_ours(tmp_path: Path) -> None:
    """If this failed, a program could not catch what abm-trace raises on purpose by one name."""
    with pytest.raises(abm_trace.AbmTraceError, match="does not exist") as caught:
        abm_trace.triage(tmp_path / "nowhere")
    assert "abm-trace triage CASE" in caught.value.diagnostics()


def test_names() -> None:
    """If this failed, a documented name would be missing, or a wrong one would be an odd error."""
    assert abm_trace.__version__
    assert all(getattr(abm_trace, name) for name in abm_trace.__all__)
    assert not hasattr(abm_trace, "trace")


def test_import_is_cheap() -> None:
    """If this failed, `import abm_trace` would load the scanner before anybody asks for it."""
    code = "import abm_trace, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith(("hyperscan", "sigma", "msgspec", "abm_trace."))] == []
