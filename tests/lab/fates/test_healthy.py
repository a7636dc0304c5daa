"""Devices that arrive."""

from collections.abc import Callable

import pytest

from abm_lab.story import Story

Tell = Callable[..., Story]


def test_errors_come_before_the_success(tell: Tell, messages: Callable[[Story], list[str]]) -> None:
    """An error after the registration would not be overcome, and the device would not be plainly healthy."""
    kinds = set()
    for seed in range(30):
        said = messages(tell("healthy_after_errors", seed))
        kinds.add(said[said.index(next(text for text in said if text.startswith("Sending"))) + 1].split(":")[0])
        assert said[-4:] == [
            "ABMRegistrationSucceeded",
            "ABMDeviceRegistered",
            "MDMProfileAssigned",
            "DEPDeviceEnrolled",
        ]
    assert kinds == {"ABMRegistrationFailedWithErrorDomain", "TLS handshake failed", "ABM response"}


def test_a_miswritten_serial_is_spelled_differently_by_each_family(tell: Tell) -> None:
    """Serial hygiene would not be tried."""
    story = tell("healthy_miswritten")
    spellings = [story.spelled(family) for family in ("manifest", "audit", "abm", "mdm", "log")]
    assert len(set(spellings)) == 5
    assert spellings[0] == f"S{story.device.serial}"


@pytest.mark.parametrize("fate_id", ["closing_healthy", "closing_registered"])
def test_closing_devices_have_an_event_exactly_at_the_end(fate_id: str, tell: Tell) -> None:
    """Nothing would bear out as_of, and the default as_of would fall on another instant."""
    for seed in range(20):
        assert max(event.occurred_at for event in tell(fate_id, seed).audit) == "2026-05-17T08:47:00.000Z"


def test_the_runaway_clock_shows_in_its_log_alone(tell: Tell) -> None:
    """The clock that must not move as_of would not run ahead of it."""
    story = tell("runaway_clock")
    assert story.captures[0].ahead_us == 4 * 3600 * 1_000_000
    assert not story.clocks


def test_a_device_in_its_box_has_no_log(tell: Tell) -> None:
    """The first line of a log is a boot: the device would have been started."""
    assert not tell("not_started").captures
