"""L5 fates."""

from collections.abc import Callable

import pytest

from abm_lab.fates.l5_payload import FATES
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES])
def test_no_request_is_ever_sent(
    fate_id: str, tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """L5 would be claimed of a device that asked."""
    story = tell(fate_id)
    assert not any(text.startswith(("Sending", "ABMRegistration")) for text in messages(story))
    proved = story.device.site.shares_payload or story.files or "enrollmentMethod=none" in messages(story)
    assert proved
