"""What a command says on its way: through real pipes, also where the reader is slow or gone."""

import os
import subprocess
import sys
from pathlib import Path

PASSING = """
import subprocess, sys
from abm_trace.gates.guard.output import Output
output = Output()
process = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=output.ends[0], stderr=output.ends[1])
output.started()
seen = {"stdout": 0, "stderr": 0}
while process.poll() is None:
    for name, data in output.read(0.05):
        seen[name] += len(data)
for name, data in output.read(0.2):
    seen[name] += len(data)
output.flush()
output.close()
open(sys.argv[2], "w").write(f"{process.returncode} {seen['stdout']} {seen['stderr']}")
"""


def passed(code: str, note: Path, **streams: int) -> subprocess.CompletedProcess[bytes]:
    """A program whose output goes through; `note` then says its code and how much was seen of either stream."""
    return subprocess.run([sys.executable, "-c", PASSING, code, note], check=False, timeout=120, **streams)  # type: ignore[call-overload,no-any-return]  # Streams by name.


def test_both_streams_go_on_byte_for_byte(tmp_path: Path) -> None:
    """If this failed, a guarded step would say something else than the step itself."""
    code = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4000); sys.stderr.write('aside')"
    done = passed(code, tmp_path / "note", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.stdout == bytes(range(256)) * 4000
    assert done.stderr == b"aside"
    assert (tmp_path / "note").read_text() == "0 1024000 5"


def test_a_reader_that_goes_away_does_not_stop_the_step(tmp_path: Path) -> None:
    """If this failed, `abm-trace guard … | head` would end the guard and leave the step alone."""
    source, goal = os.pipe()
    os.close(source)
    code = "import sys; sys.stdout.write('x' * 300_000); sys.stdout.flush(); sys.exit(3)"
    passed(code, tmp_path / "note", stdout=goal)
    os.close(goal)
    assert (tmp_path / "note").read_text() == "3 300000 0"


def test_a_reader_that_never_reads_holds_nothing_up_for_ever(tmp_path: Path) -> None:
    """If this failed, a terminal that was stopped (Ctrl-S) would stop the guard's clock too."""
    source, goal = os.pipe()
    passed("import sys; sys.stdout.write('x' * 500_000)", tmp_path / "note", stdout=goal)
    os.close(goal)
    os.close(source)
    assert (tmp_path / "note").read_text() == "0 500000 0"
