"""A client of Apple's Business API that others wrote, pyaxm (GPL), as a program of its own, against the lab."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.check.conftest import lab

__all__ = ["lab"]

PYTHON = Path(os.environ.get("PYAXM_PYTHON") or Path(sys.prefix) / "pyaxm/bin/python")
_MISSING = f"no {PYTHON}: make install puts pyaxm there"

# Its addresses are built in, so every name leads to the lab; who the lab is, its certificate says.
PROGRAM = """
import json, socket, sys
about = json.load(open(sys.argv[1]))
port = int(about["https"].rpartition(":")[2])
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *_, **__: real("127.0.0.1", port, type=socket.SOCK_STREAM)
from pyaxm.client import Client
account = about["business"]
client = Client(account["client_id"], account["key_id"], account["key"], sys.argv[2])
devices, servers = client.list_devices(), client.list_mdm_servers()
held = {each.id: len(client.list_devices_in_mdm_server(each.id)) for each in servers}
events = client.get_audit_events("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", limit=7)
assigned = next(each for each in devices if each.attributes.status == "ASSIGNED")
try:
    client.get_device("NOBODY")
    refused = ""
except Exception as error:
    refused = str(error)
print(json.dumps({
    "serials": [each.attributes.serialNumber for each in devices],
    "one": client.get_device(devices[0].id).attributes.serialNumber,
    "held": held,
    "server": client.get_device_server_assignment(assigned.id).id,
    "events": len({each.id for each in events}),
    "refused": refused,
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason=_MISSING)
def test_pyaxm_takes_the_lab_for_apple(lab: dict[str, Any], tmp_path: Path) -> None:  # A fixture.
    """If this failed, what was tried with the lab's Business API would be of no use with Apple's."""
    words = ["-W", "ignore", "-c", PROGRAM, str(Path(lab["folder"]) / "serve.json"), str(tmp_path / "token.json")]
    env = {**os.environ, "REQUESTS_CA_BUNDLE": lab["ca"], "SSL_CERT_FILE": lab["ca"]}
    done = subprocess.run([str(PYTHON), *words], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(set(said["serials"])) == len(said["serials"]) > 5
    assert said["one"] == said["serials"][0]
    assert 0 < sum(said["held"].values()) <= len(said["serials"])
    assert said["held"][said["server"]] > 0
    assert said["events"] > 7  # More than one page.
    assert "doesn't exist" in said["refused"]
