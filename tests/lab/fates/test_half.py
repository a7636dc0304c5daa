"""Fates that one side confirms."""

from collections.abc import Callable

import pytest

from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", ["half_by_hand", "half_by_hand_registered"])
def test_a_record_made_by_hand_names_neither_abm_nor_a_token(fate_id: str, tell: Callable[..., Story]) -> None:
    """An enrolment by hand would look like an automated one, and the device like a confirmed one."""
    row = tell(fate_id).inventoried
    assert row is not None
    assert row.enrolled_at is not None
    assert (row.enrollment_method, row.abm_token_id) == ("manual", None)


def test_the_mdm_alone_says_enrolled(tell: Callable[..., Story], messages: Callable[[Story], list[str]]) -> None:
    """Apple's side would not be absent."""
    story = tell("half_mdm")
    assert {event.event_type for event in story.audit} == {"dep_device_synced", "device_enrollment_requested"}
    assert "ABMDeviceRegistered" not in messages(story)
