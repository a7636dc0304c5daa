"""Fetches everything that the lab serves, and puts it into a case in the place of the exports that `case` wrote."""

import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from tests.lab.serve.client import Curl

from abm_lab.apple.server import Server
from abm_lab.moments import rfc3339
from abm_lab.serve.lab import Lab
from abm_lab.truth import read_truth

_LISTINGS = {
    "jamf": ("/api/v2/mobile-devices/detail", "/api/v3/computers-inventory", "/api/v1/device-enrollments/1/devices"),
    "intune": (
        "/v1.0/deviceManagement/managedDevices",
        "/beta/deviceManagement/depOnboardingSettings/1/importedAppleDeviceIdentities",
    ),
    "fleet": ("/api/v1/fleet/hosts",),
    "kandji": ("/api/v1/integrations/apple/ade/devices",),
    "simplemdm": ("/api/v1/devices",),
    "mosyle": ("ios", "mac"),
}
_FIRST = {
    "jamf": "page-size=50&page=0",
    "intune": "$top=50",
    "fleet": "per_page=50&page=0",
    "kandji": "page=1",
    "simplemdm": "limit=50",
}


def fetch_case(lab: Lab, case: Path) -> None:
    """Replace what ABM, DEP and the MDM servers exported by what they answer, page by page, as it came."""
    curl = Curl(lab)
    scenario = lab.world.plan.scenario
    shutil.rmtree(case / "abm")
    for path in (*case.glob("mdm/inventory*"), *case.glob("dep/*/account.json")):
        path.unlink()
    _guide(curl, lab, case)
    if scenario.servers and scenario.organisation:
        _business(curl, scenario.servers, case, rfc3339(lab.clock.end))
    for server in scenario.servers:
        if server.told and server.product in _LISTINGS:
            _mdm(curl, server, case)
    synced = [server for server in scenario.servers if server.name in curl.about["dep"] and not server.trouble]
    for server in synced:
        for path in (case / "dep" / server.name).glob("*.json"):
            path.unlink()
        _fetch(curl, server, case)
    _sync(curl, lab, [server for server in synced if server.dep in {"sync", "both", "webhooks"}], case)


def _guide(curl: Curl, lab: Lab, case: Path) -> None:
    serials = [device.serial for device in read_truth(case.parent / "truth.json").devices]
    for region, known in curl.about["abm"].items():
        root, token = f"/abm/{region}", known["token"]
        for name, first in (("audit", "/v1/audit/events?limit=500"), ("devices", "/v1/devices?limit=200")):
            for number, page in enumerate(_linked(curl, root, first, token)):
                if json.loads(page).get("events", json.loads(page).get("devices")):
                    _save(case / f"abm/{region}/{name}-{number:03d}.json", page)
        urls = [f"{curl.base}{root}/v2/devices/{serial}/lifecycle" for serial in serials]
        for serial, (status, body) in zip(serials, curl.many(urls, token=token), strict=True):
            assert status in {200, 404}
            if status == 200:
                _save(case / f"abm/{region}/lifecycle/{serial}.json", body)
    root, token = "/mdm/mdm-main", curl.about["mdm"]["mdm-main"]["secret"]
    for number, page in enumerate(_linked(curl, root, "/api/v1/devices?limit=300", token)):
        if json.loads(page)["devices"]:
            _save(case / f"mdm/inventory-{number:03d}.json", json.dumps(json.loads(page)["devices"]).encode())


def _linked(curl: Curl, root: str, first: str, token: str) -> list[bytes]:
    pages: list[bytes] = []
    following: str | None = first
    while following is not None:
        url = following if following.startswith("http") else f"{root}{following}"
        status, body = curl.one(url, token=token)
        assert status == 200, (url, body)
        pages.append(body)
        following = json.loads(body)["next"]
    return pages


def _business(curl: Curl, servers: list[Server], case: Path, until: str) -> None:
    token = curl.business_token(curl.assertion())[1]["access_token"]
    window = f"filter[startTimestamp]=2026-01-01T00:00:00Z&filter[endTimestamp]={until}"
    asked = {
        "org-devices": "/v1/orgDevices?limit=100",
        "mdm-servers": "/v1/mdmServers",
        "audit-events": f"/v1/auditEvents?limit=1000&{window}",
        **{f"{server.name}-devices": f"/v1/mdmServers/{server.id}/relationships/devices" for server in servers},
    }
    for name, path in asked.items():
        pages = (
            [curl.one(f"/business{path}", token=token)[1]]
            if name == "mdm-servers"
            else curl.business_pages(path, token)
        )
        for number, page in enumerate(pages):
            _save(case / f"abm/{name}-{number:03d}.json", page)


def _mdm(curl: Curl, server: Server, case: Path) -> None:
    for old in (case / "mdm" / server.name).glob("*.json"):
        old.unlink()
    root, token = f"/mdm/{server.name}", curl.about["mdm"][server.name]["secret"]
    pages = _mosyle_pages if server.product == "mosyle" else _pages
    for place, path in enumerate(_LISTINGS[server.product]):
        for number, page in enumerate(pages(curl, server.product, root, path, token)):
            _save(case / f"mdm/{server.name}/{place}-{number:03d}.json", json.dumps(page).encode())


def _pages(curl: Curl, product: str, root: str, path: str, token: str) -> Iterator[dict[str, Any]]:
    """The pages of a listing that hold something, each found as the product's clients find it."""
    first = f"{curl.base}{root}{path}?{_FIRST[product]}"
    number, following = 0, first
    while following:
        key = ("-u", f"{token}:") if product == "simplemdm" else ()
        page = curl.json(following, *key, token="" if key else token)
        records = page.get("results", page.get("value", page.get("hosts", page.get("data"))))
        if records:
            yield page
        number += 1
        following = page.get("@odata.nextLink", page.get("next", ""))
        if records and product in {"jamf", "fleet"}:
            following = f"{first[:-1]}{number}"
        elif page.get("has_more"):
            following = f"{first}&starting_after={records[-1]['id']}"


def _mosyle_pages(curl: Curl, product: str, root: str, system: str, token: str) -> Iterator[dict[str, Any]]:
    for number in count(1):
        asked = {"accessToken": token, "options": {"os": system, "page": number}}
        page = json.loads(curl.post(f"{root}/v2/listdevices", asked, token=token)[1])
        if not page["response"][0]["devices"]:
            break
        yield page


def _fetch(curl: Curl, server: Server, case: Path) -> None:
    session = curl.dep(server.name)
    status, account = session.ask("/account", None, "GET")
    assert status == 200
    _save(case / f"dep/{server.name}/account.json", json.dumps(account).encode())
    if server.dep != "sync":
        for number, page in enumerate(session.pages("/server/devices")):
            _save(case / f"dep/{server.name}/devices-{number:03d}.json", json.dumps(page).encode())


def _sync(curl: Curl, lab: Lab, servers: list[Server], case: Path) -> None:
    """What a syncer sees that has been there from the beginning on, six days before the end."""
    ends_at = lab.clock.end
    lab.clock.set(ends_at - 6 * 86_400_000_000)
    begun = {server.name: list(curl.dep(server.name).pages("/server/devices"))[-1]["cursor"] for server in servers}
    lab.clock.set(ends_at)
    for name, cursor in begun.items():
        for number, page in enumerate(curl.dep(name).pages("/devices/sync", cursor, limit=60)):
            _save(case / f"dep/{name}/sync-{number:03d}.json", json.dumps(page).encode())
        (case / f"dep/{name}/webhooks.ndjson").unlink(missing_ok=True)


def _save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
