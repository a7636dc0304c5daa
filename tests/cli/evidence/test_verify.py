"""`abm-trace evidence verify`."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_codes_and_forms(run: Run, log: Path) -> None:
    """If this failed, a script would take a broken log for a good one."""
    done = run("evidence", "verify", "ev")
    assert (done.returncode, done.stdout[:16]) == (0, "WHOLE: 2 records")
    key = run("evidence", "key", "list", "ev").stdout.strip()
    assert run("evidence", "verify", "ev", "--key", key).returncode == 0
    bundle = log / "tile/entries/000.p/2"
    bundle.write_bytes(bundle.read_bytes().replace(b'"days_min":90', b'"days_min":10'))
    done = run("evidence", "verify", "ev", "--key", key, "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["whole"]) == (1, False)
    assert [each["where"] for each in found["problems"]] == ["record 1"]
    assert run("evidence", "verify", "ev", "--key", "nonsense").returncode == 2
