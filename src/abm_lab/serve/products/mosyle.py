"""Mosyle: all lists at one address, asked for with a JSON body; signing in gives a bearer token in a header."""

from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.products._interface import Paging, Posted, Product

_SIZE = 50


def _refuse(refusal: Refusal) -> object:
    return {"status": refusal.code.upper(), "error": f"{refusal.detail} (simulated)"}


def _rows(page: Page) -> dict[str, object]:
    return {"rows": str(page.total), "page_size": str(_SIZE), "page": str(page.offset // _SIZE + 1)}


PRODUCT = Product(
    paging=Paging(page="page", first=1),
    listings=(),
    refuse=_refuse,
    posted=Posted(
        paths=("/v1/listdevices", "/v2/listdevices"),
        login="/v1/login",
        names={"ios": "ios-devices", "mac": "mac-devices", "osx": "mac-devices"},
        size=_SIZE,
        wrap=_rows,
    ),
)
