"""SimpleMDM."""

from collections.abc import Callable

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_each_page_begins_after_the_last_record(abm_lab_serve: Callable[..., Lab]) -> None:
    """A client of SimpleMDM's would see its first page alone, or one record twice."""
    curl = Curl(abm_lab_serve("apple-mixed", devices=600, seed=11))
    path, key = "/mdm/simplemdm-main/api/v1/devices", ("-u", f"{curl.about['mdm']['simplemdm-main']['secret']}:")
    assert curl.one(path, "-u", "wrong:")[0] == 401
    pages = [curl.json(f"{path}?limit=7", *key)]
    while pages[-1]["has_more"]:
        pages.append(curl.json(f"{path}?limit=7&starting_after={pages[-1]['data'][-1]['id']}", *key))
    ids = [row["id"] for page in pages for row in page["data"]]
    assert len(ids) == len(set(ids)) > 7
    serial = pages[0]["data"][0]["attributes"]["serial_number"]
    assert curl.json(f"{path}?search={serial}", *key)["data"] == pages[0]["data"][:1]
    assert curl.one(f"{path}?starting_after=none", *key)[0] == 400
