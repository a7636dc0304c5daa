"""`abm-trace check network`, with a list whose hosts are the lab's, or nobody."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.net import crooked

from abm_trace.net.reach import Place

HOST = "us-east.abm.apple.com"


def hosts(path: Path, *rows: tuple[str, str, str], captive: Place | None = None) -> Path:
    """A list of (host, port, where it really is); `more` may follow the place."""
    lines = ["[[group]]", 'name = "x"', "hosts = ["]
    lines += [f'  {{ host = "{host}", ports = [{port}], need = "must", at = {at} }},' for host, port, at in rows]
    lines += ["]", "[issuers]", 'domains = ["apple.com"]', 'expected = ["Apple"]']
    if captive:
        lines += ["[captive]", 'url = "http://captive.example/"', 'says = "Success"', f'at = "{captive}"']
    path.write_text("\n".join(lines))
    return path


def looked(run: Run, file: Path, lab: dict[str, Any], *more: str) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the findings by subject."""
    words = ["check", "network", "--hosts", file, "--trust", lab["ca"], "--allow-loopback", "--timeout", "1"]
    done = run(*words, "--format", "json", *more)
    found = json.loads(done.stdout)
    return done.returncode, {each["name"]: [f["id"] for f in each["findings"]] for each in found["subjects"]}


def test_a_way_that_is_free(lab: dict[str, Any], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a sound segment would be blamed."""
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    stapled = lab["tls"]["stapled"].removeprefix("https://")
    with crooked.serving(crooked.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nSuccess")) as (page, _):
        file = hosts(
            tmp_path / "h.toml",
            (HOST, '"443"', f'"{stapled}"'),
            ("time.example", '"123/udp"', f'"{lab["ntp"]}"'),
            captive=page,
        )
        code, found = looked(run, file, lab)
    assert (code, found) == (0, {f"{HOST}:443": [], "time.example:123/udp": [], "captive portal": []})


def test_what_is_in_the_way(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a firewall, an inspecting proxy, a dead time server or a portal would not be named."""
    inspected = lab["tls"]["intercepted"].removeprefix("https://")
    portal = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with crooked.serving(crooked.silent) as (dead, _), crooked.serving(crooked.saying(portal)) as (page, _):
        file = hosts(
            tmp_path / "h.toml",
            (HOST, '"443"', f'"{inspected}"'),
            ("dead.example", '"443"', f'"{dead}"'),
            ("time.example", '"123/udp"', '"127.0.0.1:9"'),
            ("gone.example", '"80"', '"127.0.0.1:9"'),
            captive=page,
        )
        code, found = looked(run, file, lab)
    assert code == 1
    assert found == {
        f"{HOST}:443": ["tls-issuer-unknown", "tls-no-staple"],
        "dead.example:443": ["net-blocked"],
        "time.example:123/udp": ["net-time"],
        "gone.example:80": ["net-blocked"],
        "captive portal": ["net-captive"],
    }


def test_one_port_is_enough(lab: dict[str, Any], run: Run, tmp_path: Path) -> None:
    """If this failed, a segment in which push goes over 443 would be called blocked."""
    text = '[[group]]\nhosts = [{ host = "push.example", ports = ["80", "81"], need = "must", any = true, at = "AT" }]'
    with crooked.serving(crooked.silent) as (open_, _):
        (tmp_path / "h.toml").write_text(text.replace("AT", str(open_)))
        assert looked(run, tmp_path / "h.toml", lab)[0] == 0


def test_dead_hosts_in_time(run: Run, tmp_path: Path) -> None:
    """If this failed, a dead segment would hold the engineer: it is Apple's whole list, and every host is silent."""
    with crooked.serving(crooked.silent) as (dead, _):
        rows = [(f"h{number}.example", '"443"', f'"{dead}"') for number in range(40)]
        begun = time.monotonic()
        done = run(
            "check", "network", "--hosts", hosts(tmp_path / "h.toml", *rows), "--allow-loopback", "--timeout", "2"
        )
    assert done.returncode == 1
    assert time.monotonic() - begun < 12


def test_bad_usage(run: Run, tmp_path: Path) -> None:
    """If this failed, a slip in the list would look like a free way."""
    (tmp_path / "h.toml").write_text("[[group")
    assert run("check", "network", "--hosts", tmp_path / "h.toml").returncode == 2
    (tmp_path / "big.toml").write_bytes(b"#" * (1 << 20) + b"##")
    assert run("check", "network", "--hosts", tmp_path / "big.toml").returncode == 2
    assert run("check", "network", "a b").returncode == 2
