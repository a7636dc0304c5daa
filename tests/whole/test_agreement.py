"""The same servers, seen by others and by us: `openssl s_client` and `chronyd -Q` beside our checks, in one table."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.check.conftest import lab
from tests.net import s_server
from tests.net.chrony import chronyd, faketime, own_user, serving

from abm_trace.net.reach import place

__all__ = ["lab"]

HOST = "us-east.abm.apple.com"
PROGRAM = (sys.executable, "-m", "abm_trace.cli", "check")


def asked(folder: Path, *words: object, env: dict[str, str] | None = None) -> None:
    """Our program."""
    command = [*PROGRAM, *map(str, words), "--allow-loopback"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr


def endpoints(lab: dict[str, Any], folder: Path) -> list[tuple[str, str, str]]:  # A fixture.
    """(endpoint, what openssl says, what we say): verify code, protocol, staple."""
    rows = []
    for kind, address in lab["tls"].items():
        at = place(address.removeprefix("https://"), 443)
        asked(folder, "tls", HOST, "--at", at, "--trust", lab["ca"], "--record", f"{kind}.ndjson")
        ours = json.loads((folder / f"{kind}.ndjson").read_text())
        said = s_server.s_client(at, Path(lab["ca"])).decode()
        code, protocol = re.findall(r"Verify return code: (\d+)", said)[-1], re.findall(r"New, (TLSv[\d.]+)", said)[0]
        status = (re.findall(r"Cert Status: (\w+)", said) or ["no staple"])[0]
        mine = f"{ours['verify_code']} {ours['protocol']} {ours['ocsp_status'] or 'no staple'}"
        rows.append((kind, f"{code} {protocol} {status}", mine))
    return rows


def clocks(folder: Path) -> list[tuple[str, float, float]]:
    """(clock, what chronyd says, what we say): this clock − the reference, in seconds."""
    rows = []
    for shift in ("+0s", "-6.5s", "+19.25s"):
        env = faketime(shift)
        with serving(folder) as server:
            asked(folder, "clock", "--server", server, "--record", f"{shift}.csv", env=env)
            words = [
                chronyd(),
                "-Q",
                "-t",
                "5",
                "-U",
                "-u",
                own_user(),
                "-f",
                "/dev/null",
                f"server 127.0.0.1 port {server.port} iburst",
            ]
            done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **env})
        said = re.search(r"System clock wrong by ([-\d.]+) seconds", done.stdout + done.stderr)
        assert said, done.stdout + done.stderr
        ours = (folder / f"{shift}.csv").read_text().splitlines()[-1].rpartition(",")[2]
        rows.append((shift, -float(said[1]), float(ours)))  # chronyd says the correction.
    return rows


@pytest.mark.slow
def test_they_say_the_same(lab: dict[str, Any], tmp_path: Path) -> None:  # A fixture.
    """If this failed, somebody who asks with the tools that everybody has would be told something else than by us."""
    seen, measured = endpoints(lab, tmp_path), clocks(tmp_path)
    table = [("what", "openssl s_client, chronyd -Q", "abm-trace check"), *seen]
    table += [(f"clock {shift}", f"{theirs:+.3f} s", f"{ours:+.3f} s") for shift, theirs, ours in measured]
    (tmp_path / "table.txt").write_text("".join(f"{a:14} {b:30} {c}\n" for a, b, c in table))
    sys.stdout.write((tmp_path / "table.txt").read_text())
    assert len(seen) == 10
    assert [theirs for _, theirs, _ in seen] == [ours for _, _, ours in seen]
    assert [shift for shift, theirs, ours in measured if abs(theirs - ours) > 0.1] == []
