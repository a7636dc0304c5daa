"""Jamf Pro."""

from tests.lab.serve.client import Curl


def test_both_ways_to_sign_in_and_one_serial(curl: Curl) -> None:
    """A client of Jamf's could not sign in, or not look up one device."""
    root, known = "/mdm/jamf-main", curl.about["mdm"]["jamf-main"]
    basic = curl.json(f"{root}/api/v1/auth/token", "-X", "POST", "-u", f"{known['user']}:{known['secret']}")
    form = f"grant_type=client_credentials&client_id={known['user']}&client_secret={known['secret']}"
    oauth = curl.json(f"{root}/api/oauth/token", "-X", "POST", "-d", form)
    for token in (basic["token"], oauth["access_token"]):
        page = curl.json(f"{root}/api/v2/mobile-devices/detail?page-size=3", token=token)
        assert len(page["results"]) == 3 < page["totalCount"]
        serial = page["results"][1]["hardware"]["serialNumber"]
        asked = f"{root}/api/v2/mobile-devices/detail?filter=hardware.serialNumber%3D%3D%22{serial}%22"
        assert curl.json(asked, token=token)["results"] == [page["results"][1]]


def test_the_list_of_automated_enrolment(curl: Curl) -> None:
    """Jamf's own DEP side, which alone shows a push there, would be missing."""
    root, token = "/mdm/jamf-main/api/v1/device-enrollments", curl.about["mdm"]["jamf-main"]["secret"]
    assert curl.json(root, token=token)["results"][0]["serverName"] == "jamf-main"
    rows = curl.json(f"{root}/1/devices?page-size=2000", token=token)["results"]
    assert "PUSHED" in {row["profileStatus"] for row in rows}
    assert curl.json(f"{root}/1/syncs/latest", token=token)["syncState"] == "COMPLETED"
    assert "simulated" in curl.json("/mdm/jamf-main/api/v1/jamf-pro-version", token=token)["version"]
