"""`abm-trace check clock`, against a real chronyd, with the program's clock set wrong by libfaketime."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.net.chrony import faketime, serving, surely

PROGRAM = (sys.executable, "-m", "abm_trace.cli", "check", "clock", "--allow-loopback")


def asked(*words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The real program."""
    command = [*PROGRAM, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})})


@pytest.mark.parametrize(
    ("shift", "code", "says"),
    [("+0s", 0, ""), ("-5.80s", 1, r"clock is 5\.(79|80|81)\d s behind"), ("+6s", 1, "ahead")],
)
def test_a_clock_that_is_right_and_one_that_is_not(shift: str, code: int, says: str, tmp_path: Path) -> None:
    """If this failed, a clock beyond the limit would pass; tests/whole/test_agreement.py holds it against chronyd."""
    with serving(tmp_path) as server:
        done = surely(lambda: asked("--server", server, "--format", "json", env=faketime(shift)))
    assert done.returncode == code, done.stdout + done.stderr
    assert re.search(says, done.stdout)  # The measure itself is some ms off.


@contextmanager
def false_ticker(answer: bytes) -> Iterator[str]:
    """A time server that answers with these bytes, whatever it is asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        port = server.getsockname()[1]

        def serve() -> None:
            try:
                while True:
                    asked_, who = server.recvfrom(100)
                    server.sendto(answer[:24] + asked_[40:48] + answer[32:] if len(answer) == 48 else answer, who)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{port}"


def test_several_servers_one_of_which_lies(tmp_path: Path) -> None:
    """If this failed, one false server could block a floor, or free it."""
    lie = bytearray(48)
    lie[0], lie[1] = 0x24, 1
    lie[32:36] = lie[40:44] = (3_000_000_000).to_bytes(4, "big")
    with serving(tmp_path) as one, serving(tmp_path) as other, false_ticker(bytes(lie)) as false:
        done = asked("--server", one, "--server", other, "--server", false)
        assert done.returncode == 0, done.stdout
        assert asked("--server", one, "--server", false).returncode == 3


def test_kiss_of_death(tmp_path: Path) -> None:
    """If this failed, a server that asks to be left alone would be taken for one that knows the time."""
    kiss = bytearray(48)
    kiss[0] = 0x24
    kiss[12:16] = b"DENY"
    with false_ticker(bytes(kiss)) as server:
        done = asked("--server", server)
    assert (done.returncode, "DENY" in done.stdout) == (3, True), done.stdout


def test_a_clock_that_jumps_while_it_is_measured(tmp_path: Path) -> None:
    """If this failed, a clock that is set meanwhile would get a number, and a device be staged by it."""
    shift = tmp_path / "shift"
    shift.write_text("+0s")
    code = (
        "import sys, pathlib; from abm_trace.gates.looks import clock; from abm_trace.net import sntp\n"
        "real = sntp.ask\n"
        "def ask(*given):\n"
        f"    pathlib.Path({str(shift)!r}).write_text('+3600s')\n"
        "    return real(*given)\n"
        "sntp.ask = ask\n"
        "found, row = clock.look([sntp.server(sys.argv[1])], 5.79, 'guide', loopback=True)\n"
        "print(found.state, found.problem, row)\n"
    )
    env = faketime(file=shift)
    with serving(tmp_path) as server:
        words = [sys.executable, "-c", code, str(server)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **env})
    assert done.stdout.startswith("open this clock was set by +36"), done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("b''")


def test_saved_measurements_and_a_record(run: Run, tmp_path: Path) -> None:
    """If this failed, a measured clock would be no evidence in a case, or a saved one be judged otherwise."""
    (tmp_path / "sntp.txt").write_text("-6.500000 +/- 0.030123 time.apple.com 17.253.14.125\n")
    done = run("check", "clock", "--saved", "sntp.txt")
    assert (done.returncode, "clock-off, L3" in done.stdout) == (1, True), done.stdout + done.stderr
    with serving(tmp_path) as server:
        for _ in range(2):
            assert run("check", "clock", "--server", server, "--allow-loopback", "--record", "c.csv").returncode == 0
    assert (tmp_path / "c.csv").read_text().count("offset_seconds") == 1
    assert len((tmp_path / "c.csv").read_text().splitlines()) == 3
    assert run("check", "clock", "--saved", "c.csv").returncode == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "169.254.169.254", "fd00:ec2::254"])
def test_nobody_inward_is_asked(host: str, run: Run) -> None:
    """If this failed, a time server's name could lead a probe inward (PROMISES R24)."""
    done = run("check", "clock", "--server", host, COLUMNS="200")
    assert done.returncode == 3
    assert "not connected to" in " ".join(done.stdout.split())


def test_bad_usage(run: Run) -> None:
    """If this failed, a slip would look like a clock that is right."""
    assert run("check", "clock", "--server", "a:x").returncode == 2
    assert run("check", "clock", "--limit", "nan", "--saved", "x").returncode == 2
    assert run("check", "clock", "--saved", "nowhere").returncode == 3
