"""L3 fates."""

from collections.abc import Callable

import pytest

from abm_lab.story import Story

_LIMIT_S = 5.79


@pytest.mark.parametrize("fate_id", ["l3_sample", "l3_log", "l3_sntp", "l3_chrony"])
@pytest.mark.parametrize("seed", range(6))
def test_the_written_offset_is_that_of_the_stamps(
    fate_id: str, seed: int, tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """A measurement would contradict the log that it explains, or stay below the limit."""
    story = tell(fate_id, seed)
    ahead_s = story.captures[0].ahead_us / 1_000_000
    assert abs(ahead_s) > _LIMIT_S
    if fate_id == "l3_sample":
        written = float(story.clocks[0].offset_seconds)
    elif fate_id == "l3_log":
        written = float(next(text for text in messages(story) if text.startswith("Clock offset: ")).split()[2])
    elif fate_id == "l3_sntp":
        # sntp prints the correction, not the offset.
        written = -float(next(iter(story.files.values())).split()[3])
    else:
        words = next(
            line for line in next(iter(story.files.values())).splitlines() if line.startswith(b"System")
        ).split()
        written = float(words[3]) * (1 if b"fast" in words else -1)
    assert written == pytest.approx(ahead_s, abs=0.001)


def test_a_refused_handshake_tells_no_identity(
    tell: Callable[..., Story], messages: Callable[[Story], list[str]]
) -> None:
    """The refusal would not come before the identity, and would be no proof of L3."""
    said = messages(tell("l3_handshake"))
    assert not any(text.startswith("deviceIdentifier=") for text in said)
    assert said[-1].startswith("TLS handshake failed: certificate")
