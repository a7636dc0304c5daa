"""A whole MDM server in trouble: its devices that it never synced, and those of a server that is well again."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import silent
from abm_lab.fates._interface import Fate, Truth, ade
from abm_lab.fates._servers import ails

_ASSIGNED = Truth("not_started", "assigned")
_UNSYNCED = Life(profile="unsynced", says=silent(20, 60))
_HOUR_S = 3600.0
_AFTER = (1 * _HOUR_S, 20 * _HOUR_S)


def _never_synced(trouble: str, title: str, cause: str) -> Fate:
    truth = Truth("vanished", "requested", "L0", cause)
    return ade(f"ade_{trouble}", title, truth, _ASSIGNED, _UNSYNCED, servers=ails(trouble), boots_before_s=_AFTER)


FATES = (
    _never_synced("terms", "never synced: terms not accepted", "terms_not_accepted"),
    _never_synced("token", "never synced: the server's token is dead", "token_expired"),
    _never_synced("cursor", "never synced: the server's cursor is stuck", "cursor_expired"),
    ade(
        "ade_dropped",
        "never synced by a server that is well again",
        Truth("vanished", "requested"),
        _ASSIGNED,
        _UNSYNCED,
        servers=ails("recovered"),
    ),
)
