"""TLS endpoints, seen by `openssl s_client -status` and curl."""

import json
import subprocess

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.endpoints import KINDS
from abm_lab.serve.lab import Lab

EXPECTED = {
    "stapled": ("Cert Status: good", 0),
    "tls12": ("Cert Status: good", 0),
    "tls13": ("Cert Status: good", 0),
    "none": ("OCSP response: no response sent", 0),
    "revoked": ("Cert Status: revoked", 0),
    "stale": ("Cert Status: good", 0),
    "forged": ("Cert Status: good", 0),
    "expired": ("Cert Status: good", 10),
    "dst_root": ("CN = DST Root CA X3", 0),
    "intercepted": ("OCSP response: no response sent", 19),
}


def _shake(curl: Curl, kind: str, *options: str) -> str:
    address = str(curl.about["tls"][kind]).removeprefix("https://")
    command = ["openssl", "s_client", "-connect", address, "-servername", "us-east.abm.apple.com"]
    command += ["-CAfile", curl.about["ca"], "-verify_hostname", "us-east.abm.apple.com", "-tlsextdebug", "-status"]
    done = subprocess.run([*command, *options], input=b"", capture_output=True, check=False, timeout=30)
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_endpoint_is_in_its_state(kind: str, version: str, curl: Curl) -> None:
    """A probe could not be tried against a staple, or its lack, on both versions of TLS."""
    told = _shake(curl, kind, version)
    if (kind, version) in {("tls12", "-tls1_3"), ("tls13", "-tls1_2")}:
        assert "alert protocol version" in told
        return
    staple, code = EXPECTED[kind]
    assert staple in told
    assert f"Verify return code: {code} (" in told
    assert f"New, TLSv1.{version[-1]}" in told
    assert "simulated by abm-lab" in told


def test_the_other_sides_stand_behind_each_too(mixed: Lab, curl: Curl) -> None:
    """A syncer could not sign its session's address behind an endpoint, or would be led to plain HTTP by a link."""
    at = str(curl.about["tls"]["stapled"])
    assert curl.session("fleet-main", f"{at}/dep")[0] == 200
    token = curl.business_token(curl.assertion())[1]["access_token"]
    status, body = curl.one(f"{at}/business/v1/orgDevices?limit=1", token=token)
    assert (status, json.loads(body)["links"]["next"].startswith(f"{at}/business/v1/")) == (200, True)


def test_the_whole_api_stands_behind_a_staple(mixed: Lab, curl: Curl) -> None:
    """A client that demands a staple, as curl can, could not use the lab."""
    token = curl.about["abm"]["us-east"]["token"]
    base = curl.about["tls"]["stapled"]
    pages = [f"{base}/abm/us-east/v1/audit/events?limit=1000", f"{base}/abm/us-east/v1/devices?limit=1000"]
    for status, body in curl.many(pages, "--cert-status", token=token):
        assert (status, len(body) > 1000) == (200, True)
    for kind in ("none", "revoked", "stale", "forged"):
        url = f"{curl.about['tls'][kind]}/abm/us-east/v1/health"
        assert curl.one(url, "--cert-status")[0] == 0
        assert curl.one(url)[0] == 200


def test_what_is_no_tls_ends_quietly(mixed: Lab, curl: Curl) -> None:
    """Noise at the port would stop the endpoint for the next client."""
    address = str(curl.about["tls"]["stapled"]).replace("https", "http")
    assert curl.one(f"{address}/abm/us-east/v1/health")[0] == 0
    assert curl.one(f"{curl.about['tls']['stapled']}/abm/us-east/v1/health")[0] == 200
