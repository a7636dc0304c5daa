"""Mosyle."""

import json
import re
from collections.abc import Callable

from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab


def test_lists_by_system_and_page(abm_lab_serve: Callable[..., Lab]) -> None:
    """A client of Mosyle's could not sign in, or would see one list for the other."""
    lab = abm_lab_serve("apple-mixed", devices=600, seed=11)
    curl, root = Curl(lab), "/mdm/mosyle-main"
    known = curl.about["mdm"]["mosyle-main"]
    given = {"email": known["user"], "password": known["secret"]}
    assert curl.post(f"{root}/v1/login", given)[0] == 401
    status, body = curl.post(f"{root}/v1/login", given, "-i", "-H", f"accessToken: {known['secret']}")
    (token,) = re.findall(r"authorization: Bearer (\S+)", body.decode(), re.IGNORECASE)
    assert status == 200
    world = lab.world
    for system, name in (("ios", "ios-devices"), ("mac", "mac-devices")):
        asked = {"accessToken": known["secret"], "options": {"os": system, "page": 1}}
        told = json.loads(curl.post(f"{root}/v2/listdevices", asked, token=token)[1])["response"][0]
        rows = world.mdm(world.servers["mosyle-main"], world.mdm_until())[name]
        assert [row["serial_number"] for row in told["devices"]] == [row.serial for row in rows[:50]]
        assert (told["rows"], told["page"]) == (str(len(rows)), "1")
        asked["options"] = {"os": system, "page": 9}
        assert json.loads(curl.post(f"{root}/v1/listdevices", asked, token=token)[1])["response"][0]["devices"] == []
    assert (
        curl.post(f"{root}/v1/listdevices", {"accessToken": "wrong", "options": {"os": "ios"}}, token=token)[0] == 401
    )
    bad = {"accessToken": known["secret"], "options": {"os": "tv"}}
    assert curl.post(f"{root}/v1/listdevices", bad, token=token)[0] == 400
