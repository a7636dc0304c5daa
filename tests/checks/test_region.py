"""A region that is well, and whose tokens are used there."""

import pytest

from abm_trace.checks import region
from abm_trace.core.nouns import Origin

HERE = Origin("x", "region")


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"status":"ok","region":"eu-west","version":"3.2.1"}', []),
        (200, b'{"status":"ok"}', []),
        (200, b'{"status":"degraded","region":"eu-west"}', ["region-unwell"]),
        (200, b'{"status":"ok","region":"us-east"}', ["region-other"]),
        (200, b"<html>", ["region-unwell"]),
        (200, b'{"status":1}', ["region-unwell"]),
        (503, b'{"status":"ok"}', ["region-unwell"]),
        (204, b"", ["region-unwell"]),
    ],
)
def test_health(status: int, body: bytes, found: list[str]) -> None:
    """If this failed, devices would be staged in a region that is not well, or a page be taken for its health."""
    assert [each.id for each in region.health("eu-west", status, body, HERE)] == found


@pytest.mark.parametrize(
    ("of", "found"), [("eu-west", []), ("EU-West", []), ("us-east", ["region-differs"]), ("", ["region-of-no-token"])]
)
def test_the_region_of_a_token(of: str, found: list[str]) -> None:
    """If this failed, a token would be used where it gets 204 and nothing more (L4)."""
    said = region.matches("tok_1", "eu-west", of, HERE)
    assert [each.id for each in said] == found
    assert all(each.id in region.DO for each in said)
