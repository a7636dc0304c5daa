"""The bytes of a capture."""

import random

import pytest

from abm_lab.captures import write_capture
from abm_lab.moments import MINUTE
from abm_lab.records import Capture, Speaker
from abm_lab.styles import BY_ID, Style

_BOOT_AT = 1_779_007_632_000_000
_SPEAKER = Speaker("teslad", "com.apple.CloudConfigurationDaemon", "default")


def _capture(ahead_us: int = 0) -> Capture:
    lines = [(_BOOT_AT + second * 1_000_000, "Default", _SPEAKER, f"fact {second}") for second in (9, 3)]
    return Capture(_BOOT_AT, _BOOT_AT + 10 * MINUTE, lines, ahead_us)


@pytest.mark.parametrize("style", BY_ID.values(), ids=lambda style: style.id)
def test_size_order_and_first_line(style: Style) -> None:
    """A log would miss its size by far, run backwards, or not begin at the boot that dates it."""
    stamped = write_capture(_capture(), style, -18_000, 20_000, random.Random(1))
    assert sum(len(line) for _, line in stamped) == pytest.approx(20_000, rel=0.12)
    instants = [at for at, _ in stamped]
    assert instants == sorted(instants)
    assert instants[0] == _BOOT_AT
    assert max(instants) <= _BOOT_AT + 10 * MINUTE
    facts = [line for _, line in stamped if b"fact " in line]
    assert b"fact 3" in facts[0]
    assert b"fact 9" in facts[-1]


def test_a_wrong_clock_moves_every_stamp() -> None:
    """Only some lines of a device with a wrong clock would show it."""
    right = write_capture(_capture(), BY_ID["article_utc"], 0, 3000, random.Random(2))
    wrong = write_capture(_capture(9_200_000), BY_ID["article_utc"], 0, 3000, random.Random(2))
    assert [at + 9_200_000 for at, _ in right] == [at for at, _ in wrong]
    assert wrong[0][1].startswith(b"2026-05-17T08:47:21.200Z")


def test_what_happens_after_the_end_is_not_recorded() -> None:
    """A capture that ends at as_of would tell of later things."""
    capture = _capture()
    capture.ends_at = _BOOT_AT + 5_000_000
    lines = b"".join(line for _, line in write_capture(capture, BY_ID["article"], 0, 2000, random.Random(3)))
    assert b"fact 3" in lines
    assert b"fact 9" not in lines
