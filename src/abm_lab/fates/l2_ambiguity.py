"""L2: ABM answers 202 without a device, and no registration follows."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_TRUTH = Truth("vanished", "accepted", "L2")
_ASKED = Truth("vanished", "requested")


def empty(story: Story) -> None:
    """One request, one empty 202, silence."""
    story.synced()
    story.open()
    request = story.request(story.rng.uniform(5, 9))
    story.answer_empty(11, request)


def without_devices(story: Story) -> None:
    """The 202 has no `devices` at all."""
    story.synced()
    story.open()
    request = story.request(6)
    story.answer(8, f'202 {{"status":"accepted","requestId":"{request.id}"}}')


def retried(story: Story) -> None:
    """Two requests with the same identifier, two empty answers: the retry anti-pattern."""
    story.synced()
    story.open()
    story.answer_empty(9, story.request(6))
    story.answer_empty(48, story.request(45))


def captured(story: Story) -> None:
    """The empty 202 stands in the staging Mac's capture alone."""
    story.synced()
    story.open()
    request = story.request(6, audited=False)
    story.exchange(6.5, request, 202, {"status": "accepted", "requestId": request.id, "devices": []})


def miswritten(story: Story) -> None:
    """The empty 202, with a serial that no two families spell alike."""
    serial = story.device.serial
    story.spellings = {
        "manifest": serial.lower(),
        "audit": f"S{serial}",
        "mdm": f" {serial.replace('0', 'O')}",
        "log": serial.replace("1", "I"),
    }
    empty(story)


FATES = (
    Fate("l2_empty", "empty 202 in the log", _TRUTH, _ASKED, empty),
    Fate("l2_without_devices", "202 without devices in the log", _TRUTH, _ASKED, without_devices),
    Fate("l2_retried", "two empty 202", _TRUTH, _ASKED, retried),
    Fate("l2_miswritten", "empty 202, serial spelled in four ways", _TRUTH, _ASKED, miswritten),
    Fate("l2_captured", "empty 202 in a capture", _TRUTH, NOT_STARTED, captured),
)
