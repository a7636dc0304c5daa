"""A planted cause: nearly all that fail share it, and none of the others does."""

import random
from collections import Counter
from pathlib import Path

import pytest

from abm_lab.case import CaseError, write_case
from abm_lab.fates import discover
from abm_lab.fleet import make_device, make_sites
from abm_lab.plant import FAILING, plant

PLANTED = {"model": "iPad16,3", "os_version": "18.4.1"}


def test_the_failing_share_it_and_the_others_do_not() -> None:
    """If this failed, a test of the contrast would have nothing to find, or something false."""
    seen: Counter[tuple[bool, bool]] = Counter()
    fates = discover()
    for number in range(2000):
        fate = fates["l3_sample" if number % 2 else "healthy"]
        device = make_device(random.Random(number), f"F9F{number:07d}", make_sites(3)[0], "mac", 10**15)
        shown = plant(device, fate, PLANTED, number)
        seen[fate.truth.verdict in FAILING, (shown.model, shown.os_version) == ("iPad16,3", "18.4.1")] += 1
        assert shown == plant(device, fate, PLANTED, number)
        assert plant(device, fate, {}, number) == device
    assert 0.95 < seen[True, True] / 1000 < 0.99
    assert seen[False, True] == 0


def test_what_cannot_be_planted_is_said(tmp_path: Path) -> None:
    """If this failed, a misspelled column would plant nothing, silently."""
    with pytest.raises(CaseError, match="colour cannot be planted"):
        write_case(tmp_path, devices=1, planted={"colour": "red"})
