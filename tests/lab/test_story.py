"""The verbs of a story."""

from collections.abc import Callable

from abm_lab.story import Story


def test_log_and_audit_of_a_request_stay_within_a_second(tell: Callable[..., Story]) -> None:
    """One request would count as two attempts where its log has whole seconds only."""
    for seed in range(40):
        story = tell("silent", seed)
        sent = next(at for at, _, _, text in story.captures[0].lines if "Sending enrollment request" in text)
        recorded = next(event.occurred_at for event in story.audit if event.request_id)
        fraction_s = sent % 1_000_000 / 1e6
        assert 0.1 <= fraction_s < 0.3
        assert fraction_s < float(recorded[20:23]) / 1000 < 0.8


def test_other_region_is_another_one(tell: Callable[..., Story]) -> None:
    """A foreign endpoint would be the device's own."""
    story = tell("healthy")
    assert story.device.site.region not in {story.other_region() for _ in range(20)}
