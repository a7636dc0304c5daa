"""Causes that a record states."""

from abm_lab.fates import discover


def test_a_stated_cause_stands_in_a_record_or_in_what_the_device_prints() -> None:
    """The truth would name a state that no source tells."""
    for fate_id, cause in (
        ("ade_released", "released"),
        ("ade_unassigned", "not_assigned"),
        ("ade_absent", "not_assigned"),
        ("ade_empty", "no_profile"),
        ("ade_null", "no_profile"),
        ("ade_removed", "profile_removed"),
        ("ade_throttled", "throttled"),
        ("ade_too_soon", "throttled"),
    ):
        fate = discover()[fate_id]
        assert fate.truth.cause == cause
        assert fate.life is not None
        assert fate.life.prints or fate.life.org != "assigned" or fate.life.profile != "assigned"
