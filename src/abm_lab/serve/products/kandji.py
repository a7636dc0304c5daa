"""Kandji (Iru): its list of automated enrolment in numbered pages of 300, linked."""

from abm_lab.apple.server import Server
from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.products._interface import Listing, Paging, Product
from abm_lab.serve.world import World


def _refuse(refusal: Refusal) -> object:
    return {"detail": f"{refusal.detail} (simulated)"}


def _next(page: Page, following: str | None) -> dict[str, object]:
    return {"next": following}


def _tokens(world: World, server: Server) -> object:
    token = {"id": server.id.lower(), "server_name": server.name, "org_name": "Example Clinics (simulated)"}
    return {"results": [token], "next": None}


PRODUCT = Product(
    paging=Paging(page="page", first=1, size="page_size", default=300, most=300),
    listings=(
        Listing(
            (
                "/api/v1/integrations/apple/ade/devices",
                "/api/v1/integrations/apple/ade/{token}/devices",
            ),
            "ade-devices",
            "results",
            _next,
            serial="serial_number",
        ),
    ),
    refuse=_refuse,
    documents={"/api/v1/integrations/apple/ade": _tokens},
)
