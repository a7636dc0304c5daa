"""Misleading fates of Apple's own way."""

from collections.abc import Callable

from tests.lab.fates.telling import Told

from abm_lab.apple.server import Server
from abm_lab.fates import discover


def test_a_change_that_was_taken_back_is_not_the_last_word(told: Callable[..., Told]) -> None:
    """The device would truly be unassigned, and its truth would be wrong."""
    shown = told(discover()["ade_reassigned_silent"], Server("m", "fleet"))
    text = "".join(shown.contents)
    assert text.count('"op_type":"deleted"') == 1
    assert text.rindex('"op_type":"modified"') > text.rindex('"op_type":"deleted"')
    assert shown.assigned


def test_edges_lie_close_to_the_quarter_of_an_hour() -> None:
    """Thresholds would never be tried."""
    for name, push_s in (("boot", 0.0), ("push", 300.0)):
        opened, over = (discover()[f"ade_edge_{name}_{side}"].boots_before_s for side in ("open", "over"))
        assert opened is not None
        assert over is not None
        assert 860 < opened[0] - push_s < opened[1] - push_s < 900 < over[0] - push_s < over[1] - push_s < 945
