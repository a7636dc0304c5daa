"""Jamf Pro: inventories in numbered pages, its list of automated enrolment, two ways to sign in."""

from abm_lab.apple.server import Server
from abm_lab.moments import DAY, HOUR, rfc3339, rfc3339_whole
from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.clock import real_now
from abm_lab.serve.products._interface import Listing, Login, Paging, Product
from abm_lab.serve.world import World

_SERIAL = 'filter=hardware.serialNumber=="{}"'


def _refuse(refusal: Refusal) -> object:
    error = {"code": refusal.code, "description": f"{refusal.detail} (simulated)", "id": "0", "field": None}
    return {"httpStatus": refusal.status, "errors": [error]}


def _total(page: Page, following: str | None) -> dict[str, object]:
    return {"totalCount": page.total}


def _instances(world: World, server: Server) -> object:
    instance = {
        "id": "1",
        "name": server.name,
        "serverName": server.name,
        "serverUuid": server.id,
        "orgName": "Example Clinics (simulated)",
        "tokenExpirationDate": rfc3339_whole(world.rollout.span[2] + 200 * DAY)[:10],
    }
    return {"totalCount": 1, "results": [instance]}


def _latest_sync(world: World, server: Server) -> object:
    return {"syncState": "COMPLETED", "instanceId": "1", "timestamp": rfc3339_whole(world.mdm_until())}


PRODUCT = Product(
    paging=Paging(page="page", size="page-size", most=2000),
    listings=(
        Listing(("/api/v2/mobile-devices/detail",), "mobile-devices", "results", _total, _SERIAL),
        Listing(
            ("/api/v3/computers-inventory", "/api/v1/computers-inventory"),
            "computers-inventory",
            "results",
            _total,
            _SERIAL,
        ),
        Listing(("/api/v1/device-enrollments/1/devices",), "device-enrollments", "results", _total),
    ),
    refuse=_refuse,
    logins=(
        Login(
            "/api/v1/auth/token",
            "basic",
            lambda token: {"token": token, "expires": rfc3339(real_now() + HOUR)},
        ),
        Login(
            "/api/oauth/token",
            "client_credentials",
            lambda token: {"access_token": token, "token_type": "Bearer", "expires_in": 3599, "scope": "api-role:1"},
        ),
    ),
    documents={
        "/api/v1/device-enrollments": _instances,
        "/api/v1/device-enrollments/1/syncs/latest": _latest_sync,
        "/api/v1/jamf-pro-version": lambda world, server: {"version": "11.32.0-simulated"},
    },
)
