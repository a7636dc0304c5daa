"""NanoMDM."""

import base64
import plistlib
from collections.abc import Callable

from tests.lab.apple.products.rows import rows

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit

Make = Callable[..., Unit]


def _messages(unit: Unit, until: int) -> list[tuple[str, int | None, dict[str, object]]]:
    told = []
    for event in rows(unit, until):
        inner = event["checkin_event"]
        body = plistlib.loads(base64.b64decode(inner["raw_payload"]))
        assert event["topic"] == f"mdm.{body['MessageType']}"
        told.append((event["topic"], inner.get("token_update_tally"), body))
    return told


def test_only_the_first_message_has_the_serial(make_unit: Make, as_of: int) -> None:
    """The serial would stand where devices do not send it."""
    unit = make_unit(Life(pushed_s=60, enrolled_s=120), "nanomdm")
    (first, tally, authenticate), (second, one, token) = _messages(unit, as_of)
    assert (first, tally, authenticate["SerialNumber"]) == ("mdm.Authenticate", None, "F9F00ABC11")
    assert (second, one, "SerialNumber" in token) == ("mdm.TokenUpdate", 1, False)
    assert authenticate["UDID"] == token["UDID"] == unit.device.udid


def test_the_end_of_setup_assistant(make_unit: Make, as_of: int) -> None:
    """The rung configured would have no proof, or every device would have it."""
    unit = make_unit(Life(pushed_s=60, enrolled_s=120, configured_s=240), "nanomdm")
    assert [body.get("AwaitingConfiguration") for _, _, body in _messages(unit, as_of)] == [None, True, False]


def test_a_check_in_that_broke_off(make_unit: Make, as_of: int) -> None:
    """checkin_incomplete would not be told."""
    unit = make_unit(Life(pushed_s=60, authenticated_s=90), "nanomdm")
    assert [topic for topic, _, _ in _messages(unit, as_of)] == ["mdm.Authenticate"]
