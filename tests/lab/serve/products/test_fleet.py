"""Fleet."""

from tests.lab.serve.client import Curl


def test_login_and_filters(curl: Curl) -> None:
    """A client of Fleet's could not sign in, or its filters would not filter."""
    root, known = "/mdm/fleet-main/api/v1/fleet", curl.about["mdm"]["fleet-main"]
    status, _ = curl.post(f"{root}/login", {"email": known["user"], "password": "wrong"})
    assert status == 401
    status, body = curl.post(f"{root}/login", {"email": known["user"], "password": known["secret"]})
    assert (status, b"token" in body) == (200, True)
    for asked, status_shown in (("automatic", "On (automatic)"), ("pending", "Pending")):
        shown = curl.json(f"{root}/hosts?mdm_enrollment_status={asked}", token=known["secret"])["hosts"]
        assert {host["mdm"]["enrollment_status"] for host in shown} == {status_shown}
    assert curl.json(f"{root}/hosts?dep_profile_error=true", token=known["secret"])["hosts"] == []
    one = curl.json(f"{root}/hosts", token=known["secret"])["hosts"][0]["hardware_serial"]
    found = curl.json(f"/mdm/fleet-main/api/latest/fleet/hosts?query={one}", token=known["secret"])["hosts"]
    assert [host["hardware_serial"] for host in found] == [one]
    assert "simulated" in curl.json(f"{root}/version", token=known["secret"])["version"]
