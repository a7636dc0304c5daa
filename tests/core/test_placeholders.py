"""Placeholders: what stands where an identifier was left out is nobody's, and what a device bears stays its own."""

import pytest

from abm_trace.core.placeholders import is_placeholder


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "--", "?", "0", "000000000000000", "00000000-0000-0000-0000-000000000000", "<00000000 00000000>",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "XXXXXXXXXXXX", "-1", "N/A", "n/a", "NA", "nan", "null", "<null>",
        "(none)", "None", "nil", "Unknown", "undefined", "Not Available", "NOT_SET", "[REDACTED]", "redacted",
        "{{udid}}", "${UDID}", "%udid%", "$UDID", "string", "To Be Filled By O.E.M.",
    ],
)  # fmt: skip
def test_what_says_that_there_is_none(text: str) -> None:
    """If this failed, an export that writes a dash for each UDID it lacks would make one device of half a fleet."""
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "00008103-000A11112222001E", "000081030000000000000001", "E6058196-2052-5C53-9225-7A508E7B6073",
        "{E6058196-2052-5C53-9225-7A508E7B6073}", "<9c1e0000 00000000>", "1", "12", "req_1", "r", "F", "X", "FFFFFFF1",
        "[device 0123456789abcdef]", "NAOMI", "UNKNOWN-7", "353900000000001",
    ],
)  # fmt: skip
def test_what_a_device_bears(text: str) -> None:
    """If this failed, a row that names a device by its number, or by a UUID in braces, would be nobody's."""
    assert not is_placeholder(text)
