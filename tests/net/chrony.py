"""A real time server: chronyd on the loopback, which never touches this computer's clock."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from abm_trace.net import sntp

UNPACKED = Path(sys.prefix) / "debian"
"""Where scripts/install.sh unpacks what cannot be installed beside other time servers."""


def chronyd() -> str:
    """The program; without it the test is skipped, and says so."""
    found = shutil.which("chronyd", path=f"{UNPACKED}/usr/sbin:/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        pytest.skip("no chronyd: scripts/install.sh dev unpacks it on Debian")
    return found


def faketime(shift: str = "", *, file: Path | None = None) -> dict[str, str]:
    """The environment of a program whose clock is wrong by `shift`, or as a file says that may change."""
    found = [lib for root in (UNPACKED, Path("/")) for lib in root.glob("usr/lib/*/faketime/libfaketime.so.1")]
    if not found:
        pytest.skip("no libfaketime: scripts/install.sh dev unpacks it on Debian")
    how = {"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"} if file else {"FAKETIME": shift}
    return {"LD_PRELOAD": str(found[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1", **how}


def own_user() -> str:
    """Who runs the tests: an unpacked chronyd would change to a user that nobody made."""
    return pwd.getpwuid(os.getuid()).pw_name


@contextlib.contextmanager
def serving(folder: Path, *lines: str) -> Iterator[sntp.Server]:
    """A chronyd that says that it follows its own clock at stratum 5, unless the lines say otherwise."""
    program = chronyd()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = folder / f"chrony-{port}.conf"
    said = lines or ("local stratum 5",)
    own = ("allow 127.0.0.1", "bindaddress 127.0.0.1", f"port {port}", "cmdport 0", f"pidfile {folder}/{port}.pid")
    conf.write_text("\n".join([*said, *own, ""]))
    with subprocess.Popen([program, "-x", "-d", "-U", "-u", own_user(), "-f", conf], stderr=subprocess.PIPE) as process:
        try:
            server = sntp.Server("127.0.0.1", port)
            _wait(server, process)
            yield server
        finally:
            process.terminate()


def _wait(server: sntp.Server, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        try:
            sntp.ask(server, sntp.resolve(server)[0], time.time_ns, 0.2)  # noqa: TID251  # A real clock is asked.
        except sntp.SntpError as error:
            if "follows no clock" in str(error):
                return
            if process.poll() is not None:
                said = process.stderr.read().decode() if process.stderr else ""
                pytest.skip(f"chronyd cannot run here: {said[-200:]}")
            time.sleep(0.05)
        else:
            return
    pytest.fail("chronyd did not answer within 5 s")


def surely(once: Callable[[], subprocess.CompletedProcess[str]]) -> subprocess.CompletedProcess[str]:
    """The first answer that is sure: 10 ms from the limit, a busy machine's own delay may hold it within the error."""
    done = once()
    for _ in range(30):
        if done.returncode != 3:
            break
        done = once()
    return done
