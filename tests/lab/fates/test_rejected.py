"""Fates that ABM itself rejected."""

from collections.abc import Callable

from abm_lab.story import Story


def _forms(story: Story) -> tuple[bool, bool]:
    event = any(event.event_type == "device_enrollment_rejected" and event.reason for event in story.audit)
    lived = story.lifecycle is not None and story.lifecycle.registration_status.reason is not None
    return event, lived


def test_the_rejection_stands_in_either_export_or_in_both(tell: Callable[..., Story]) -> None:
    """One of the two records of a rejection would never be tried."""
    forms = {_forms(tell("rejected_clock", seed)) for seed in range(30)}
    assert forms == {(True, False), (False, True), (True, True)}


def test_a_registration_follows_where_it_is_overcome(tell: Callable[..., Story]) -> None:
    """A rejection that came last would still be the verdict."""
    kinds = [event.event_type for event in sorted(tell("rejected_overcome").audit, key=lambda event: event.occurred_at)]
    assert kinds.index("device_enrollment_rejected") < kinds.index("device_registered")
