"""Microsoft Intune, by Graph: managed devices and imported identities in linked pages."""

from abm_lab.apple.server import Server
from abm_lab.moments import DAY, rfc3339_whole
from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.products._interface import Listing, Login, Paging, Product
from abm_lab.serve.world import World

_GRAPH = "https://graph.microsoft.com/beta/$metadata#deviceManagement"
_SERIAL = "$filter=serialNumber eq '{}'"


def _refuse(refusal: Refusal) -> object:
    words = {401: "InvalidAuthenticationToken", 429: "TooManyRequests", 404: "ResourceNotFound"}
    error = {"code": words.get(refusal.status, refusal.code), "message": f"{refusal.detail} (simulated)"}
    return {"error": error | {"innerError": {"request-id": "00000000-0000-0000-0000-000000000000"}}}


def _devices(page: Page, following: str | None) -> dict[str, object]:
    head: dict[str, object] = {"@odata.context": f"{_GRAPH}/managedDevices", "@odata.count": page.total}
    return head if following is None else head | {"@odata.nextLink": following}


def _identities(page: Page, following: str | None) -> dict[str, object]:
    head: dict[str, object] = {"@odata.context": f"{_GRAPH}/depOnboardingSettings('1')/importedAppleDeviceIdentities"}
    return head if following is None else head | {"@odata.nextLink": following}


def _settings(world: World, server: Server) -> object:
    until = rfc3339_whole(world.mdm_until())
    setting = {
        "id": server.id.lower(),
        "appleIdentifier": "rollout@example.org",
        "tokenExpirationDateTime": rfc3339_whole(world.rollout.span[2] + 200 * DAY),
        "lastSuccessfulSyncDateTime": until,
        "lastSyncTriggeredDateTime": until,
        "lastSyncErrorCode": 0,
        "syncedDeviceCount": len(world.mdm(server, world.mdm_until()).get("imported-identities", ())),
        "tokenName": server.name,
        "tokenType": "dep",
    }
    return {"@odata.context": f"{_GRAPH}/depOnboardingSettings", "value": [setting]}


def _no_events(world: World, server: Server) -> object:
    return {"@odata.context": f"{_GRAPH}/troubleshootingEvents", "value": []}


PRODUCT = Product(
    paging=Paging(cursor="$skiptoken", size="$top"),
    listings=(
        Listing(
            ("/v1.0/deviceManagement/managedDevices", "/beta/deviceManagement/managedDevices"),
            "managed-devices",
            "value",
            _devices,
            _SERIAL,
        ),
        Listing(
            ("/beta/deviceManagement/depOnboardingSettings/{setting}/importedAppleDeviceIdentities",),
            "imported-identities",
            "value",
            _identities,
            _SERIAL,
        ),
    ),
    refuse=_refuse,
    logins=(
        Login(
            "/{tenant}/oauth2/v2.0/token",
            "client_credentials",
            lambda token: {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token},
        ),
    ),
    documents={
        "/beta/deviceManagement/depOnboardingSettings": _settings,
        "/v1.0/deviceManagement/troubleshootingEvents": _no_events,
    },
)
