"""What a product's export holds of a unit."""

import json
from typing import Any

from abm_lab.apple.products import discover
from abm_lab.apple.unit import Unit


def rows(unit: Unit, until: int) -> list[dict[str, Any]]:
    """The records of the unit's product, in order."""
    return [json.loads(piece.content) for piece in discover()[unit.server.product](unit, until)]
