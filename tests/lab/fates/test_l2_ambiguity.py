"""L2 fates."""

from collections.abc import Callable

import pytest

from abm_lab.fates.l2_ambiguity import FATES
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES])
def test_a_202_without_a_device_is_written(
    fate_id: str, tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """L2 would be claimed without its 202, or of a 202 that names the device."""
    story = tell(fate_id)
    answers = [text for text in messages(story) if text.startswith("ABM response: 202 ")]
    captured = [exchange.response for exchange in story.exchanges if exchange.status == 202]
    assert answers or captured
    assert all("device_id" not in str(answer) for answer in [*answers, *captured])


def test_a_retry_keeps_its_identifier(tell: Callable[..., Story]) -> None:
    """Two identifiers would be a proof of L6, which comes before L2."""
    identifiers = {event.device_identifier for event in tell("l2_retried").audit if event.request_id}
    assert len(identifiers) == 1
