"""Fates that prove no layer."""

from collections.abc import Callable

import pytest

from abm_lab.fates.silence import FATES
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES])
def test_nothing_that_is_written_proves_a_layer(
    fate_id: str, tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """A device without a layer in truth would carry a proof of one."""
    for seed in range(6):
        story = tell(fate_id, seed)
        said = messages(story)
        assert not any(text.startswith(("ABM response", "ABMRegistrationFailed")) for text in said)
        assert all("reset" in text for text in said if text.startswith("TLS handshake failed"))
        assert all(abs(float(sample.offset_seconds)) <= 5.79 for sample in story.clocks)
        assert story.listed is None
