"""The laws that every product keeps."""

import json
from collections.abc import Callable

import pytest

from abm_lab.apple.life import Life
from abm_lab.apple.pieces import Page
from abm_lab.apple.products import discover
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]


def test_the_seven_products_are_there() -> None:
    """A product would never be tried."""
    assert set(discover()) == {"fleet", "intune", "jamf", "kandji", "mosyle", "nanomdm", "simplemdm"}


@pytest.mark.parametrize("product", sorted(discover()))
@pytest.mark.parametrize("mac", [False, True])
def test_exports_are_json_and_name_the_device(product: str, mac: bool, make_unit: Make, as_of: int) -> None:
    """An export would be no JSON in its wrapper, or nobody's."""
    unit = make_unit(Life(pushed_s=60, enrolled_s=120), product, "list", mac=mac)
    pieces = list(discover()[product](unit, as_of))
    assert pieces
    for piece in pieces:
        if piece.wrap is None:
            json.loads(piece.content)
        else:
            head, tail = piece.wrap(Page(0, is_last=True, count=1))
            assert "F9F00ABC11" in json.dumps(json.loads(head + piece.content.decode() + tail))


@pytest.mark.parametrize("product", sorted(discover()))
def test_an_export_holds_nothing_that_came_after_it(product: str, make_unit: Make, boot_at: int) -> None:
    """An old export would already know the enrolment."""
    unit = make_unit(Life(pushed_s=60, enrolled_s=120), product, "none")
    told = b"".join(piece.content for piece in discover()[product](unit, boot_at))
    assert unit.device.udid.encode() not in told
    assert b"On (automatic)" not in told
    assert b'"is_enrolled":true' not in told
