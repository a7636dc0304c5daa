"""`abm-trace evidence log`."""

from pathlib import Path

from tests.cli.conftest import Run

from abm_trace.evidence import tree
from abm_trace.evidence.note import Checkpoint, parse_proof_file
from abm_trace.evidence.tiles import unbundle


def test_list(run: Run, log: Path) -> None:
    """If this failed, a person could not read the log."""
    lines = run("evidence", "log", "ev", COLUMNS="200").stdout.splitlines()
    assert len(lines) == 2
    assert "add acme.example/evidence+" in lines[0]
    assert lines[1].endswith("90 to 200 days, by ann: the log begins")
    assert run("evidence", "log", "ev", "--kind", "purge").stdout == ""


def test_proof(run: Run, log: Path) -> None:
    """If this failed, a record could not be proved to somebody who has only a checkpoint."""
    index, proof, note = parse_proof_file(run("evidence", "log", "ev", "--proof", "1").stdout.encode())
    head = Checkpoint.parse(note.text)
    entry = unbundle((log / "tile/entries/000.p/2").read_bytes())[1]
    assert tree.includes(index, head.size, tree.leaf_hash(entry), proof, head.root)
    done = run("evidence", "log", "ev", "--proof", "2")
    assert (done.returncode, "no record 2" in done.stderr) == (2, True)
    assert run("evidence", "log", "ev", "--bytes", "1").returncode == 2


def test_hostile_paths_are_shown(run: Run, log: Path) -> None:
    """If this failed, a file name would write onto the terminal of whoever lists the log."""
    name = "\x1b[2J\u202e.log"
    Path(name).write_bytes(b"x")
    assert run("evidence", "add", "ev", name).returncode == 0
    done = run("evidence", "log", "ev")
    assert "\x1b" not in done.stdout
    assert "\\u001b[2J\\u202e.log" in done.stdout
