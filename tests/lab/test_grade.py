"""The grade, against numbers computed by hand."""

import json

import pytest

from abm_lab.grade import Grade, GradeError, expected_calibration_error, fold, grade
from abm_lab.truth import SCHEMA, CaseTruth, DeviceTruth

_TRUTH = CaseTruth(
    schema=SCHEMA,
    simulated=True,
    scenario="hand",
    proportions="by hand",
    seed=1,
    as_of="2026-05-17T08:47:00.000Z",
    devices=[
        DeviceTruth("F9F0000001", "c", "healthy", True, "confirmed", None, None, "enrolled", attempts=1),
        DeviceTruth("F9F0000002", "c", "healthy", True, "confirmed", None, None, "enrolled", attempts=2),
        DeviceTruth("F9F0000003", "c", "l3_sample", True, "vanished", "L3", None, "requested", ["L1"], attempts=1),
        DeviceTruth("F9F0000004", "c", "half_by_hand", True, "half_confirmed", "L0", "enrolled_by_hand", "requested"),
    ],
)


def _line(device: DeviceTruth, **changed: object) -> dict[str, object]:
    proof = {"id": "x", "layer": device.layer, "evidence": [{"path": "a", "line": 1, "sha256": "0"}]}
    line = {
        "schema": "abm-trace/verdict/1",
        "serial": device.serial,
        "verdict": device.verdict,
        "layer": device.layer,
        "cause": device.cause,
        "last_rung": device.last_rung,
        "contributing": device.contributing,
        "attempts": device.attempts,
        "confidence": 1.0,
        "findings": [proof],
    }
    return line | changed


def _grade(*lines: dict[str, object]) -> Grade:
    return grade(_TRUTH, [json.dumps(line).encode() for line in lines])


def _perfect() -> list[dict[str, object]]:
    return [_line(device) for device in _TRUTH.devices]


def test_perfect_verdicts() -> None:
    """Right verdicts would not get the full grade, or a line that is no verdict would count."""
    result = _grade(*_perfect(), {"schema": "abm-trace/skipped/1", "path": "x", "reason": "y"})
    assert (result.macro_f1, result.macro_f1_with_causes, result.accuracy) == (1, 1, 1)
    assert (result.brier, result.expected_calibration_error) == (0, 0)
    assert (result.last_rung_accuracy, result.attempts_accuracy, result.contributing_accuracy) == (1, 1, 1)
    named = (result.invented, result.missing, result.layers_without_evidence, result.healthy_called_vanished)
    assert named == ([], [], [], [])


def test_one_wrong_verdict() -> None:
    """A healthy device called vanished would be hidden in an average."""
    lines = _perfect()
    lines[0] |= {"verdict": "vanished", "layer": "L3", "confidence": 0.6, "attempts": 3, "last_rung": "booted"}
    lines[0]["findings"] = [{"id": "x", "layer": "L3", "evidence": [{"path": "a", "line": 1}]}]
    result = _grade(*lines)
    assert result.healthy_called_vanished == ["F9F0000001"]
    # confirmed: 2 · 1 / (2 + 1); vanished L3: 2 · 1 / (1 + 2); half_confirmed L0: 1.
    assert result.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert result.brier == pytest.approx(0.6**2 / 4)
    assert ("confirmed", "vanished", 1) in result.verdict_confusion
    assert ("confirmed", "vanished L3", 1) in result.class_confusion
    assert (result.last_rung_accuracy, result.attempts_accuracy) == (0.75, 0.75)


def test_a_wrong_cause_counts_only_with_causes() -> None:
    """Causes would not be graded, or would spoil the grade of layers."""
    lines = _perfect()
    lines[3]["cause"] = "rejected"
    result = _grade(*lines)
    assert result.macro_f1 == 1
    # confirmed and vanished are right; the true cause and the claimed one are classes of their own, both wrong.
    assert result.macro_f1_with_causes == pytest.approx(2 / 4)


def test_figures_of_causes() -> None:
    """A wrong cause would drown among the devices that have none."""
    perfect = _grade(*_perfect())
    assert (perfect.macro_f1_of_causes, perfect.cause_accuracy) == (1, 1)
    assert [score.label for score in perfect.cause_classes] == ["half_confirmed L0 enrolled_by_hand"]
    lines = _perfect()
    lines[3]["cause"] = "rejected"
    wrong = _grade(*lines)
    assert (wrong.macro_f1_of_causes, wrong.cause_accuracy) == (0, 0)
    assert ("half_confirmed L0 enrolled_by_hand", "half_confirmed L0 rejected", 1) in wrong.cause_confusion
    assert [score.f1 for score in wrong.cause_classes] == [0, 0]


def test_invented_and_missing_devices() -> None:
    """A device out of nowhere, a device told twice, or a device left out would cost nothing."""
    lines = _perfect()[:3]
    lines += [lines[2] | {"serial": "F9FZZZZZZZ"}, lines[1]]
    result = _grade(*lines)
    assert result.invented == ["F9FZZZZZZZ", "F9F0000002"]
    assert result.missing == ["F9F0000004"]
    # confirmed: 2 · 2 / (2 + 3); vanished L3: 2 · 1 / (1 + 2); half_confirmed L0: 0.
    assert result.macro_f1 == pytest.approx((4 / 5 + 2 / 3 + 0) / 3)


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [{"id": "x", "layer": "L3", "evidence": []}],
        [{"id": "x", "layer": "L1", "evidence": [{"path": "a", "line": 1}]}],
    ],
)
def test_a_layer_needs_evidence_of_its_own(findings: list[object]) -> None:
    """A layer could be claimed out of thin air, or on the evidence of another layer."""
    lines = _perfect()
    lines[2]["findings"] = findings
    assert _grade(*lines).layers_without_evidence == ["F9F0000003"]


def test_calibration_by_hand() -> None:
    """The calibration error would not be the mean gap between confidence and success."""
    # 0.85 and 0.89 share a bin, one of them right: |1.74 − 1| = 0.74; 0.15: |0.15 − 0| = 0.15; 1.0 right: 0.
    claims = [(0.85, True), (0.89, False), (0.15, False), (1.0, True)]
    assert expected_calibration_error(claims) == pytest.approx((0.74 + 0.15 + 0) / 4)


def test_serials_are_compared_as_hands_write_them() -> None:
    """A tracer that keeps the manifest's spelling would seem to invent devices."""
    assert fold(" sf9fo0i1ab ") == "F9F0011AB"


def test_a_line_that_is_no_json_is_named() -> None:
    """A cut verdict file would give a grade of its first part."""
    with pytest.raises(GradeError, match="line 2"):
        grade(_TRUTH, [b'{"schema":"other"}', b"{cut"])
