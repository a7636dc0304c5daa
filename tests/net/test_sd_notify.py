"""Telling systemd: what arrives at a real socket."""

import socket
from pathlib import Path

import pytest

from abm_trace.net.sd_notify import notify


@pytest.mark.parametrize("abstract", [False, True])
def test_what_is_told_arrives(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, systemd would take the guard for dead; and a line end in the status could forge a state."""
    path = f"@abm-{tmp_path.name}-{id(tmp_path)}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        try:
            listening.bind(path.replace("@", "\0"))
        except OSError:
            pytest.skip("this system has no abstract sockets")
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        notify(READY=1, STATUS="a clock\nSTOPPING=1")
        assert listening.recv(1000) == b"READY=1\nSTATUS=a clock STOPPING=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "vsock:2:1"])
def test_nobody_listens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the guard would end where no systemd is."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify(READY=1)
