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


def test_the_text_tells_causes_where_there_are_some() -> None:
    """A reader would not see which cause was taken for which."""
    device = DeviceTruth("F9F0000001", "c", "ade_34000", True, "vanished", "L0", "network_blocked", "requested")
    truth = CaseTruth(SCHEMA, True, "hand", "by hand", 1, "2026-05-17T08:47:00.000Z", [device])
    line = (
        b'{"schema":"abm-trace/verdict/1","serial":"F9F0000001","verdict":"vanished","layer":"L0","cause":"throttled"}'
    )
    text = render(grade(truth, [line]))
    assert "causes right                     0.0000" in text
    confused = text.split("causes confused")[1].splitlines()[1].split()
    assert confused == ["vanished", "L0", "network_blocked", "vanished", "L0", "throttled", "1"]
