"""L6 fates."""

from collections.abc import Callable

from abm_lab.story import REJECTED_4001, Story


def test_each_fate_has_its_proof(tell: Callable[..., Story], messages: Callable[[Story], list[str]]) -> None:
    """L6 would be claimed without Code=4001 and without a second identifier."""
    proofs = {}
    for fate_id in ("l6_4001", "l6_identifiers", "l6_duplicate"):
        story = tell(fate_id)
        identifiers = {event.device_identifier for event in story.audit if event.request_id}
        proofs[fate_id] = (REJECTED_4001 in messages(story), len(identifiers))
    assert proofs == {"l6_4001": (True, 1), "l6_identifiers": (False, 2), "l6_duplicate": (True, 2)}
