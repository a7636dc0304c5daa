"""Rejections that ABM itself recorded (v2): the reason names the layer."""

from collections.abc import Callable

from abm_lab.fates._interface import CONFIRMED, Fate, Truth
from abm_lab.story import Story

# A reason's layer as the specification tables it; what no group knows is L0 `rejected`.
_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "clock": ("L3", ("clock_drift_exceeded",)),
    "trust": ("L1", ("certificate_expired", "certificate_chain_invalid", "tls_handshake_failed")),
    "region": ("L4", ("region_mismatch", "token_region_mismatch")),
    "identity": ("L6", ("identifier_unstable", "duplicate_identifier")),
    "payload": ("L5", ("payload_invalid", "profile_invalid")),
    "unknown": ("L0", ("manual_review", "quota_exceeded")),
}


def reject(story: Story, second: float, reason: str) -> None:
    """The record of the rejection: an audit event, a lifecycle, or both."""
    form = story.rng.randrange(3)
    if form != 1:
        story.event(second, "device_enrollment_rejected", reason=reason)
    if form != 0:
        story.live_as("rejected", second, reason)


def _rejected(reasons: tuple[str, ...]) -> Callable[[Story], None]:
    def write(story: Story) -> None:
        """A request, and ABM's no."""
        story.synced()
        story.open()
        story.request(6)
        reject(story, 8, story.rng.choice(reasons))

    return write


def overcome(story: Story) -> None:
    """Rejected at first, registered at the second request."""
    story.synced()
    story.open()
    story.request(6)
    story.event(8, "device_enrollment_rejected", reason="clock_drift_exceeded")
    request = story.request(60)
    story.answer_accepted(62, request)
    story.settle(65, request)


def _truth(layer: str) -> Truth:
    return Truth("rejected", "requested", layer, "rejected" if layer == "L0" else None)


FATES = (
    *(
        Fate(f"rejected_{group}", f"rejected for a reason of {layer}", _truth(layer), _truth(layer), _rejected(reasons))
        for group, (layer, reasons) in _GROUPS.items()
    ),
    Fate("rejected_overcome", "rejected, then registered", CONFIRMED, CONFIRMED, overcome),
)
