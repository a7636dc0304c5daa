"""The MDM server of the guide's devices: no product, but the fields that the guide asks for."""

from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.products._interface import Listing, Paging, Product


def _refuse(refusal: Refusal) -> object:
    return {"error": {"code": refusal.code, "message": refusal.detail, "simulated": True}}


def _next(page: Page, following: str | None) -> dict[str, object]:
    return {"next": following}


PRODUCT = Product(
    paging=Paging(cursor="cursor"),
    listings=(Listing(("/api/v1/devices",), "devices", "devices", _next, serial="serial_number"),),
    refuse=_refuse,
)
