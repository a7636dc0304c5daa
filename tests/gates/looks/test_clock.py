"""A clock as a look; the command's test has the whole of it."""

from pathlib import Path

from tests.net.chrony import serving

from abm_trace.gates.looks import clock
from abm_trace.net import sntp


def test_measured_and_not(tmp_path: Path) -> None:
    """If this failed, a clock that nobody told would get a number, or a row in a case."""
    found, row = clock.look([sntp.Server("127.0.0.1", 9)], 5.79, "guide", timeout_s=0.2, loopback=True)
    assert (found.state, row) == ("open", b"")
    found, row = clock.look([], 5.79, "guide")
    assert (found.problem, row) == ("no time server was named", b"")
    with serving(tmp_path) as server:
        found, row = clock.look([server], 5.79, "guide", loopback=True)
        assert (found.state, row.count(b"\n")) == ("good", 2)
        beyond, _ = clock.look([server], 0.0, "--limit", loopback=True)
    assert beyond.state == "open"  # The limit lies within the error.
