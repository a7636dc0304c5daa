"""The grade as text."""

from abm_lab.grade import grade
from abm_lab.grade_text import render
from abm_lab.truth import SCHEMA, CaseTruth, DeviceTruth


def test_the_text_names_what_went_wrong() -> None:
    """A reader would see a figure and not the device behind it."""
    device = DeviceTruth("F9F0000001", "c", "healthy", True, "confirmed", None, None, "enrolled")
    truth = CaseTruth(SCHEMA, True, "hand", "by hand", 1, "2026-05-17T08:47:00.000Z", [device])
    line = b'{"schema":"abm-trace/verdict/1","serial":"F9F0000001","verdict":"vanished","layer":"L2"}'
    text = render(grade(truth, [line]))
    assert "hand (simulated), 1 devices" in text
    assert "healthy called vanished          1 (F9F0000001)" in text
    assert "layers without evidence          1 (F9F0000001)" in text
    assert text.count("vanished L2") == 2
