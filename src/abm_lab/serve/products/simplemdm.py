"""SimpleMDM: its devices, each page after the last record of the one before; the key is a user name."""

from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.products._interface import Listing, Paging, Product


def _refuse(refusal: Refusal) -> object:
    words = {401: "unauthorized", 404: "object not found"}
    return {"errors": [{"title": f"{words.get(refusal.status, refusal.code)} (simulated)"}]}


def _more(page: Page, following: str | None) -> dict[str, object]:
    return {"has_more": page.next is not None}


PRODUCT = Product(
    paging=Paging(after="starting_after", size="limit", default=10, most=100),
    listings=(Listing(("/api/v1/devices",), "devices", "data", _more, serial="search"),),
    refuse=_refuse,
    basic_key=True,
)
