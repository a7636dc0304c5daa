"""Lives of devices."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import UNAVAILABLE, asking


def test_another_pace_keeps_the_order_of_the_steps() -> None:
    """An error that a push overcomes would come after the push, and the truth would be another."""
    life = Life(says=asking(UNAVAILABLE, 20, 50), pushed_s=60, enrolled_s=120, earlier=Life(pushed_s=30), gap_h=60)
    slow = life.stretched(1.25)
    assert [second for second, _ in slow.says] == [25, 25.75, 62.5, 63.25]
    assert (slow.pushed_s, slow.enrolled_s, slow.configured_s) == (75, 150, None)
    assert slow.earlier is not None
    assert (slow.earlier.pushed_s, slow.gap_h) == (37.5, 60)
