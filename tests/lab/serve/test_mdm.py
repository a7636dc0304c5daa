"""The MDM servers, each asked as its product's clients do."""

import json
from urllib.parse import urlencode

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_an_old_token_and_a_wrong_secret_are_refused_in_the_products_words(mixed: Lab, curl: Curl) -> None:
    """A client's handling of 401 could not be tried."""
    status, body = curl.one("/mdm/jamf-main/api/v2/mobile-devices/detail", token="none")  # noqa: S106 - Meant so.
    assert (status, json.loads(body)["httpStatus"]) == (401, 401)
    assert curl.one("/mdm/jamf-main/api/v1/auth/token", "-X", "POST", "-u", "x:y")[0] == 401
    status, body = curl.one("/mdm/fleet-main/api/v1/fleet/hosts")
    assert (status, json.loads(body)["message"]) == (401, "Authentication required")


def test_a_listing_is_whole_in_numbered_pages(mixed: Lab, curl: Curl) -> None:
    """An inventory would be cut at its first page."""
    secret, world = curl.about["mdm"]["fleet-main"]["secret"], mixed.world
    hosts: list[str] = []
    for page in range(100):
        told = curl.json(f"/mdm/fleet-main/api/v1/fleet/hosts?per_page=7&page={page}", token=secret)["hosts"]
        hosts += [host["hardware_serial"] for host in told]
        if not told:
            break
    rows = world.mdm(world.servers["fleet-main"], world.mdm_until())["hosts"]
    assert hosts == [row.serial for row in rows]
    assert len(hosts) > 7


@pytest.mark.parametrize("query", ["page=-1", "page=x", "per_page=0", "per_page=x"])
def test_bad_pages_are_named(query: str, curl: Curl) -> None:
    """A client's mistake would end as a failure of the server."""
    secret = curl.about["mdm"]["fleet-main"]["secret"]
    status, body = curl.one(f"/mdm/fleet-main/api/v1/fleet/hosts?{query}", token=secret)
    assert (status, query.partition("=")[0] in body.decode()) == (400, True)


def test_the_guides_inventory_is_linked(mixed: Lab, curl: Curl) -> None:
    """The guide's MDM side would be missing."""
    secret = curl.about["mdm"]["mdm-main"]["secret"]
    following, serials = f"{curl.base}/mdm/mdm-main/api/v1/devices?{urlencode({'limit': 9})}", []
    while following:
        page = curl.json(following, token=secret)
        serials += [row["serial_number"] for row in page["devices"]]
        following = page["next"]
    assert serials == [row.serial for row in mixed.world.inventory(mixed.clock.end)]
    assert len(serials) > 9
