"""Check-ins of devices, verified by openssl."""

import base64
import plistlib
import subprocess
from pathlib import Path

from abm_lab.serve.certificates import Authority
from abm_lab.serve.checkins import CONTENT_TYPE, Devices, checkins
from abm_lab.serve.clock import real_now
from abm_lab.serve.lab import Lab


def test_a_device_signs_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    """An MDM server would refuse every device, or take one device's word for another's."""
    authority = Authority("devices", real_now())
    devices = Devices(authority)
    (tmp_path / "ca").write_bytes(authority.identity.pem)
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "body").write_bytes(b"\r\nbody\n")
    signed = base64.b64decode(devices.signature("UDID-1", b"\r\nbody\n"))
    (tmp_path / "signature").write_bytes(signed)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-CAfile", "ca"]
    command += ["-purpose", "any", "-signer", "signer", "-out", "out", "-content"]
    for content, code in (("body", 0), ("other", 4)):
        done = subprocess.run([*command, content], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
    subject = ["openssl", "x509", "-noout", "-subject", "-in", "signer"]
    assert b"UDID-1" in subprocess.run(subject, cwd=tmp_path, capture_output=True, check=True).stdout


def test_one_device_has_one_identity() -> None:
    """A server that binds an enrolment to a certificate would refuse the device's second word."""
    devices = Devices(Authority("devices", real_now()))
    for udid in ("A", "B", "A"):
        devices.signature(udid, b"x")
    assert devices._identities.keys() == {"A", "B"}


def test_devices_say_what_the_webhooks_tell(mixed: Lab) -> None:
    """The devices would check in at another time, or as other devices, than the world knows."""
    said = list(checkins(mixed.world))
    assert [each.at for each in said] == sorted(each.at for each in said)
    messages = [plistlib.loads(each.body) for each in said]
    assert {message["MessageType"] for message in messages} == {"Authenticate", "TokenUpdate"}
    assert [message["UDID"] for message in messages] == [each.udid for each in said]
    first = {message["UDID"]: message["MessageType"] for message in reversed(messages)}
    assert set(first.values()) == {"Authenticate"}
    assert CONTENT_TYPE == "application/x-apple-aspen-mdm-checkin"
