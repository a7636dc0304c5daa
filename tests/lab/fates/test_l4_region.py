"""L4 fates."""

from collections.abc import Callable

import pytest

from abm_lab.fates.l4_region import FATES
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES])
def test_the_endpoint_is_a_foreign_one_and_nothing_is_recorded(
    fate_id: str, tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """L4 would be claimed at the token's own endpoint, or although ABM recorded the request."""
    story = tell(fate_id)
    url = next(text.split()[-1] for text in messages(story) if text.startswith("Sending enrollment request to "))
    assert story.device.site.endpoint not in url
    assert all(event.request_id is None for event in story.audit)
