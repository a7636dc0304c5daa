"""The family of products."""

from abm_lab.apple import products as told
from abm_lab.serve.products import discover


def test_every_product_is_told_by_the_case_and_names_its_listings() -> None:
    """A product would serve a listing that no export of the case has."""
    found = discover()
    assert found.keys() - {"generic"} == told.discover().keys() - {"nanomdm"}
    for product in found.values():
        paths = [path for listing in product.listings for path in listing.paths]
        paths += product.posted.paths if product.posted else ()
        assert len(paths) == len(set(paths)) > 0
        paging = product.paging
        assert [bool(way) for way in (paging.page, paging.cursor, paging.after)].count(True) == 1
