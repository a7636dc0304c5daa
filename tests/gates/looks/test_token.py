"""Tokens as looks; the command's test has the whole of it."""

import pytest

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin
from abm_trace.gates.looks import token
from abm_trace.net.http import Way

NOW = instants.parse("2026-11-26T12:00:00Z")
HERE = Origin("f.json", "x", line=2)


OLD = {"token_id": "t", "expires_at": "2020-01-01T00:00:00Z"}
GOOD = {"expires_at": "2027-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("fact", "name", "state"),
    [
        (Fact("token", None, "token", "t", OLD, HERE), "t", "bad"),
        (Fact("server_token", None, "token", "ab12", GOOD, HERE), "DEP server token …ab12", "good"),
        (Fact("account", None, "dep", "MDM", {"server": "MDM"}, HERE), "account", "good"),
        (Fact("coverage", NOW - 30 * 86_400_000_000, "dep", "dep", {}, HERE), "DEP sync", "bad"),
    ],
)
def test_saved(fact: Fact, name: str, state: str) -> None:
    """If this failed, a saved token, account or page would be told as something else."""
    found = token.told(fact, NOW)
    assert (found.name, found.state) == (f"{name} (f.json:2)", state)


@pytest.mark.parametrize("data", [b"", b"{}", b"-----BEGIN MESSAGE-----", b"\x00" * 100])
def test_what_is_no_server_token(data: bytes) -> None:
    """If this failed, noise out of a wrong key would pass for a token."""
    (found,) = token.dep_look(data, "x", NOW, None, Way())
    assert found.state == "open"
