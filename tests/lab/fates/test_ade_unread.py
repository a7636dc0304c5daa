"""Devices that nobody has read."""

from collections.abc import Callable

from tests.lab.fates.telling import Told

from abm_lab.apple.server import Server
from abm_lab.fates import discover


def test_the_night_is_not_in_the_exports(told: Callable[..., Told]) -> None:
    """The exports would already show what happened after them, or not even the assignment before."""
    for fate_id in ("ade_night_arrives", "ade_night_closing"):
        shown = told(discover()[fate_id], Server("m", "fleet"))
        assert (shown.pushed, shown.automated) == (False, False)
        assert any('"profile_status":"assigned"' in content for content in shown.contents)


def test_of_another_server_abm_alone_tells(told: Callable[..., Told]) -> None:
    """A side of such a device would be read."""
    shown = told(discover()["ade_elsewhere"], Server("elsewhere", "jamf", told=False))
    assert all('"type":"' in content and "profile_status" not in content for content in shown.contents)
