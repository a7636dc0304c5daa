"""Errors of the MDM's step."""

from abm_lab.fates import discover


def test_errors_of_the_mdm_follow_the_push() -> None:
    """The push would overcome the error, and the truth would name a cause that proves nothing."""
    found = [fate for fate in discover().values() if fate.truth.cause in {"mdm_refused", "mdm_unreachable"}]
    assert len(found) >= 6
    for fate in found:
        assert fate.life is not None
        assert fate.life.pushed_s is not None
        assert all(second > fate.life.pushed_s for second, _ in fate.life.says)


def test_every_cause_of_l0_has_a_fate() -> None:
    """A cause of the closed list would never be tried."""
    causes = {truth.cause for fate in discover().values() for truth in (fate.truth, fate.unlogged)}
    assert causes - {None} == {
        "not_assigned",
        "released",
        "no_profile",
        "profile_removed",
        "terms_not_accepted",
        "token_expired",
        "cursor_expired",
        "throttled",
        "apple_unavailable",
        "network_blocked",
        "mdm_refused",
        "mdm_unreachable",
        "push_unavailable",
        "profile_rejected",
        "not_activated",
        "identity_certificate",
        "checkin_incomplete",
        "enrolled_by_hand",
        "rejected",
    }
