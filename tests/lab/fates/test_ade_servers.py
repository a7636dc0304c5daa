"""Causes of a whole MDM server."""

from abm_lab.apple.server import Server
from abm_lab.fates import discover


def test_a_servers_cause_hits_its_own_devices_only() -> None:
    """A device of a well server would be planted with a cause that its server does not have."""
    servers = {trouble: Server("m", "fleet", trouble=trouble) for trouble in ("", "terms", "token", "cursor")}
    for fate_id in ("ade_terms", "ade_token", "ade_cursor"):
        hit = {trouble for trouble, server in servers.items() if discover()[fate_id].servers(server)}
        assert hit == {fate_id.removeprefix("ade_")}
    assert not discover()["ade_healthy"].servers(servers["terms"])
    assert discover()["ade_early"].servers(servers["terms"])
