"""`abm-trace evidence stamp`, with OpenSSL as the authority."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.evidence.authority import Authority

from abm_trace.cli.evidence import _options
from abm_trace.evidence import stamp


def test_question_and_answer(run: Run, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a checkpoint could not be stamped, or a lie would be kept."""
    authority = Authority(tmp_path / "tsa")
    done = run("evidence", "stamp", "ev", "--query", "q.tsq")
    assert done.returncode == 0, done.stderr
    answer = authority.answer(Path("q.tsq").read_bytes())
    Path("a.tsr").write_bytes(answer)
    words = ("evidence", "stamp", "ev", "--response", "a.tsr", "--tsa-ca")
    done = run(*words, authority.root)
    assert (done.returncode, "of the future" in done.stderr) == (2, True), "for this log it is January"
    monkeypatch.setattr(_options, "now", lambda: stamp.parse(answer).at)
    other = Authority(tmp_path / "other")
    assert run(*words, other.root).returncode == 2
    assert run("evidence", "verify", "ev").stdout.count("outside anchor: none") == 1
    done = run(*words, authority.root)
    assert done.returncode == 0, done.stderr
    done = run("evidence", "verify", "ev", "--tsa-ca", authority.root)
    assert "over the first 2 records (verified)" in done.stdout
    done = run("evidence", "verify", "ev")
    assert "(NOT verified" in done.stdout
    assert run("evidence", "stamp", "ev").returncode == 2
    assert run("evidence", "stamp", "ev", "--response", "a.tsr").returncode == 2
    assert run(*words, "a.tsr").returncode == 2
