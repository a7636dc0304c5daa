"""Files of the MDM servers."""

import json
from zoneinfo import ZoneInfo

from abm_lab.apple.server import TROUBLE_BEFORE, Server
from abm_lab.apple.server_files import account, files, mdm_servers, server_token, syncer_log
from abm_lab.moments import DAY, HOUR, rfc3339_whole

_AS_OF = 1_779_007_620_000_000  # 2026-05-17 08:47:00 UTC
_START = _AS_OF - 5 * DAY
_ZONE = ZoneInfo("America/Chicago")


def _log(trouble: str) -> list[str]:
    return syncer_log(Server("m", "fleet", trouble=trouble), _START, _AS_OF, _AS_OF, _ZONE).decode().splitlines()


def test_a_syncer_logs_as_nanodep_does() -> None:
    """The log would be in another format, or in another zone than the case's."""
    assert _log("")[-1].startswith("2026/05/17 03:46:00 level=info component=syncer name=m msg=device sync phase=sync ")
    assert _log("")[-1].endswith("fetched_until=2026-05-17 03:46:00 -0500 CDT")
    assert _log("terms")[-1].endswith('err=DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"')
    assert _log("cursor")[-1].endswith('err=DEP HTTP error: 400 Bad Request: "EXPIRED_CURSOR"')
    assert "401 Unauthorized" in _log("token")[-1]


def test_trouble_begins_late_and_may_end() -> None:
    """Devices that were synced before would count as never synced, or a mended server as broken."""
    assert "T_C_NOT_SIGNED" not in _log("terms")[0]
    recovered = ["T_C_NOT_SIGNED" in line for line in _log("recovered")]
    assert (recovered[0], recovered[-1]) == (True, False)


def test_only_a_dead_token_is_past_its_expiry() -> None:
    """The cause token_expired would lack its proof, or a good token would give it."""
    dead = server_token(Server("m", "fleet", trouble="token"), _AS_OF)["access_token_expiry"]
    assert dead == rfc3339_whole(_AS_OF - TROUBLE_BEFORE)
    assert server_token(Server("m", "fleet"), _AS_OF)["access_token_expiry"] > rfc3339_whole(_AS_OF + 100 * DAY)


def test_nothing_is_written_of_an_untold_server() -> None:
    """A server of which nothing was saved would have a token or an account in the case."""
    servers = [Server("m", "fleet"), Server("elsewhere", "jamf", told=False)]
    names = [name for name, _ in files(servers, _START, _AS_OF, _AS_OF, _ZONE)]
    assert names == [
        "tokens/m.json",
        "dep/m/account.json",
        "dep/m/depsyncer.log",
        "dep/m/webhooks.ndjson",
    ]
    page = mdm_servers(servers, _AS_OF, _AS_OF)
    assert [row["attributes"]["serverName"] for row in json.loads(json.dumps(page))["data"]] == ["m", "elsewhere"]
    assert account(servers[0])["server_name"] == "m"


def test_a_server_in_trouble_says_no_more_that_it_was_read() -> None:
    """Its silence would count as read to the end."""
    names = [name for name, _ in files([Server("m", "fleet", trouble="terms")], _START, _AS_OF, _AS_OF, _ZONE)]
    assert "dep/m/webhooks.ndjson" not in names
    page = json.loads(json.dumps(mdm_servers([Server("m", "fleet", trouble="terms")], _AS_OF, _AS_OF)))
    assert page["data"][0]["attributes"]["lastConnectedDateTime"] <= rfc3339_whole(_AS_OF - 26 * HOUR)
