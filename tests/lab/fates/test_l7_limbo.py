"""L7 fates."""

from collections.abc import Callable

import pytest

from abm_lab.fates.l7_limbo import FATES
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES])
def test_apple_shows_pending(fate_id: str, tell: Callable[..., Story]) -> None:
    """L7 would be claimed although nothing says Pending."""
    story = tell(fate_id)
    listed = story.listed is not None and story.listed.status == "pending"
    lived = story.lifecycle is not None and story.lifecycle.registration_status.state == "pending"
    assert listed != lived


def test_an_accepted_device_is_named_by_the_answer(
    tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """An empty 202 would make it L2, which comes before L7."""
    answer = next(text for text in messages(tell("l7_accepted")) if text.startswith("ABM response: 202"))
    assert "device_id" in answer
