"""Microsoft Intune."""

from collections.abc import Callable

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_links_identities_and_settings(abm_lab_serve: Callable[..., Lab]) -> None:
    """A client of Graph could not follow its pages, or would not see the token's list."""
    lab = abm_lab_serve("apple-mixed", devices=600, seed=11)
    curl, root = Curl(lab), "/mdm/intune-eu"
    known = curl.about["mdm"]["intune-eu"]
    form = f"grant_type=client_credentials&client_id={known['user']}&client_secret={known['secret']}"
    token = curl.json(f"{root}/tenant-1/oauth2/v2.0/token", "-X", "POST", "-d", form)["access_token"]
    pages = [curl.json(f"{root}/v1.0/deviceManagement/managedDevices?$top=5", token=token)]
    while "@odata.nextLink" in pages[-1]:
        pages.append(curl.json(pages[-1]["@odata.nextLink"], token=token))
    serials = [row["serialNumber"] for page in pages for row in page["value"]]
    assert len(serials) == len(set(serials)) == pages[0]["@odata.count"] > 5
    setting = curl.json(f"{root}/beta/deviceManagement/depOnboardingSettings", token=token)["value"][0]
    path = f"{root}/beta/deviceManagement/depOnboardingSettings/{setting['id']}/importedAppleDeviceIdentities?$top=1000"
    identities = curl.json(path, token=token)["value"]
    assert len(identities) == setting["syncedDeviceCount"]
    asked = f"{root}/v1.0/deviceManagement/managedDevices?$filter=serialNumber%20eq%20%27{serials[0]}%27"
    assert [row["serialNumber"] for row in curl.json(asked, token=token)["value"]] == [serials[0]]
    assert curl.json(f"{root}/v1.0/deviceManagement/troubleshootingEvents", token=token)["value"] == []
