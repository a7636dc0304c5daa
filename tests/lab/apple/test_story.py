"""The device's own part of an Apple life."""

import random

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import FAILED, UCRT, UCRT_DONE, UNAVAILABLE, asking
from abm_lab.apple.server import Server
from abm_lab.apple.story import AppleStory
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import HOUR, SECOND

_AS_OF = 1_779_007_620_000_000
_BOOT_AT = _AS_OF - 12 * HOUR


def _story(life: Life) -> AppleStory:
    rng, site = random.Random(3), make_sites(3)[0]
    device = make_device(rng, "F9F00ABC11", site, "host", _BOOT_AT)
    return AppleStory(device, life, Server("m", "fleet"), _BOOT_AT, as_of=_AS_OF, rng=rng)


def test_two_journeys_are_two_captures() -> None:
    """The earlier journey would be told as part of the last."""
    story = _story(Life(says=asking(FAILED, 20), earlier=Life(says=asking(UNAVAILABLE, 20, 60)), gap_h=60))
    assert [capture.boot_at for capture in story.captures] == [_BOOT_AT - 60 * HOUR, _BOOT_AT]
    assert [len(capture.lines) for capture in story.captures] == [4, 2]
    assert story.attempts_logged == 1


def test_a_device_in_its_box_has_no_log() -> None:
    """It would have booted."""
    assert _story(Life(boots=False)).captures == []


def test_a_wrong_clock_is_measured() -> None:
    """No sample would prove the wrong clock."""
    (sample,) = _story(Life(clock_s=9.3)).clocks
    assert (sample.serial, sample.offset_seconds) == ("F9F00ABC11", "+9.300")


def test_a_last_step_keeps_its_instant() -> None:
    """The default as_of would not be the truth's."""
    story = _story(Life(says=((300, FAILED),), until_end=True))
    assert story.captures[0].lines[0][0] == _BOOT_AT + 300 * SECOND
    assert (story.precise, story.captures[0].ahead_us) == (True, 0)


def test_a_serial_in_three_spellings() -> None:
    """A reader that takes spellings for devices would never be tried."""
    story = _story(Life(miswritten=True))
    assert (story.spelled("manifest"), story.spelled("log"), story.device.serial) == (
        "SF9F00ABC11",
        "f9foOabcii".lower(),
        "F9F00ABC11",
    )


def test_what_a_sysdiagnose_holds_beside_the_log() -> None:
    """The text log of mobileactivationd would be in another format, or begin elsewhere than at the boot."""
    story = _story(Life(says=((20, UCRT), (80, UCRT_DONE)), until_end=True))
    lines = story.saved(-5 * 3600)["mobileactivationd.log"].splitlines()
    assert [line.partition(") ")[2][:12] for line in lines[1:]] == ["Performing U", "Successfully"]
    assert lines[0].startswith("Sat May 16 15:47:00 2026 [69] <debug> (0x16bf9b000) MA: main: ")
    assert _story(Life(prints="{\n}\n")).saved(0) == {"profiles-show.txt": "{\n}\n"}
