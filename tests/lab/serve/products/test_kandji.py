"""Kandji (Iru)."""

from collections.abc import Callable

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_pages_are_linked(abm_lab_serve: Callable[..., Lab]) -> None:
    """A client of Kandji's would see its first page alone."""
    curl, root = Curl(abm_lab_serve("apple-mixed", devices=600, seed=11)), "/mdm/kandji-main/api/v1/integrations/apple"
    token = curl.about["mdm"]["kandji-main"]["secret"]
    known = curl.json(f"{root}/ade", token=token)["results"][0]
    following, serials = f"{curl.base}{root}/ade/{known['id']}/devices?page_size=11", []
    while following:
        page = curl.json(following, token=token)
        serials += [row["serial_number"] for row in page["results"]]
        following = page["next"]
    everyone = curl.json(f"{root}/ade/devices", token=token)["results"]
    assert serials == [row["serial_number"] for row in everyone]
    assert len(serials) > 11
