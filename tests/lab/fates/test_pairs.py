"""Fates with two causes."""

from itertools import pairwise

from abm_lab.fates.pairs import FATES

_ORDER = ("L5", "L3", "L1", "L4", "L6", "L0", "L2", "L7")


def test_every_pair_of_neighbours_is_tried_and_the_earlier_one_wins() -> None:
    """Two neighbours of the blocking order could be swapped unseen."""
    wanted = {(f"pair_{first}_{second}".lower(), first) for first, second in pairwise(_ORDER)}
    assert {(fate.id, fate.truth.layer) for fate in FATES} >= wanted
