"""Nobody is connected to but who is on the list: the system calls of the real program are counted (PROMISES R24)."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.checks.payload import building
from tests.net import crooked

_CONNECT = re.compile(
    r"(?:connect|sendto|sendmsg)\([^\n]*?(?:sin_port=htons\((\d+)\), sin_addr=inet_addr\(\"([\d.]+)\"\)"
    r"|sin6_port=htons\((\d+)\)[^\n]*?inet_pton\(AF_INET6, \"([^\"]+)\")"
)


def traced(tmp_path: Path, *words: object) -> tuple[set[str], int]:
    """Whom the program connected or sent to, without the resolver; and its exit code."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace: on Debian run: sudo apt-get install strace")
    log = tmp_path / "calls"
    command: list[str | Path] = [strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", log]
    command += [sys.executable, "-m", "abm_trace.cli"]
    done = subprocess.run([*command, *map(str, words)], cwd=tmp_path, capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr and not log.exists():
        pytest.skip("strace is not allowed here")
    met = set()
    for port, address, port6, address6 in _CONNECT.findall(log.read_text()):
        if (port or port6) not in {"53", "0"}:  # DNS; and what the resolver only looks for a way to.
            met.add(f"{address or address6}:{port or port6}")
    return met, done.returncode


def test_the_lists_end_is_the_end(tmp_path: Path) -> None:
    """If this failed, a list, a redirect or an inward name would lead to somebody who was not named."""
    with crooked.serving(crooked.silent) as (dead, _), crooked.serving(crooked.silent) as (other, met):
        says = f"HTTP/1.1 302 Found\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        with crooked.serving(crooked.saying(says)) as (portal, _):
            (tmp_path / "h.toml").write_text(
                f'[[group]]\nhosts = [{{ host = "a.example", ports = ["443", "80"], need = "must", at = "{dead}" }}]\n'
                f'[captive]\nurl = "http://c.example/"\nsays = "Success"\nat = "{portal}"'
            )
            words = ("check", "network", "--hosts", "h.toml", "--allow-loopback", "--timeout", "1")
            connected, code = traced(tmp_path, *words)
    assert code == 1
    assert connected == {str(dead), str(portal)}
    assert met == []


@pytest.mark.parametrize(
    "words",
    [
        (
            "check",
            "tls",
            "169.254.169.254:80",
            "127.0.0.1:80",
            "[::1]:80",
            "localhost:80",
            "[::ffff:169.254.169.254]:80",
        ),
        ("check", "clock", "--server", "169.254.169.254", "--server", "127.0.0.1", "--server", "[::1]"),
        ("check", "network", "--hosts", "h.toml", "--timeout", "1"),
        ("check", "region", "eu-west", "--at", "169.254.169.254:80"),
        ("check", "token", "--id", "tok_1", "--region", "eu-west", "--at", "169.254.169.254:80"),
        ("check", "token", "dep.json", "--ask", "--at", "[::1]:80"),
        ("check", "token", "dep.json", "--ask", "--proxy", "127.0.0.1:80"),
        ("validate", "p.mobileconfig", "--staple"),
        ("predeclare", "m.csv", "--submit", "--region", "eu-west", "--at", "[::ffff:169.254.169.254]:80"),
        (
            "checklist",
            "--region",
            "eu-west",
            "--at",
            "169.254.169.254:80",
            "--server",
            "169.254.169.254",
            "--hosts",
            "h.toml",
            "--token",
            "t.json",
            "--payload",
            "p.mobileconfig",
            "--journal",
            "j",
            "--timeout",
            "2",
        ),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_nobody_inward(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a probe could be turned inward: 0 connections."""
    monkeypatch.setenv("ABM_TRACE_TOKEN", "x")
    (tmp_path / "m.csv").write_text("serial,region,token_id\nF9FXQ1ABCD,eu-west,tok_1\n")
    (tmp_path / "t.json").write_text('{"id": "tok_1", "region": "eu-west", "tokenExpiry": "2999-01-01T00:00:00Z"}')
    names = ("consumer_key", "consumer_secret", "access_token", "access_secret")
    (tmp_path / "dep.json").write_text(
        json.dumps({"access_token_expiry": "2999-01-01T00:00:00Z"} | dict.fromkeys(names, "x"))
    )
    inward = {"ServerURL": "https://169.254.169.254/mdm", "CheckInURL": "https://localhost/mdm"}
    (tmp_path / "p.mobileconfig").write_bytes(building.written("mdm", inward))
    (tmp_path / "h.toml").write_text(
        '[[group]]\nhosts = [{ host = "a.example", ports = ["80", "123/udp"], need = "must", '
        'at = "169.254.169.254:80" }]'
    )
    connected, code = traced(tmp_path, *words)
    assert (connected, code in {1, 3}) == (set(), True)
