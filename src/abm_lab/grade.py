"""Grades verdicts against the truth: confusion, F1, calibration, and claims without evidence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from abm_lab.citations import Citations, Evidence
from abm_lab.truth import CaseTruth, DeviceTruth

VERDICT_SCHEMA = "abm-trace/verdict/1"
_BINS = 10
_FOLD = str.maketrans("OI", "01")


class GradeError(Exception):
    """Verdicts that cannot be read; the text says where and why."""


class Finding(msgspec.Struct, frozen=True):
    """A finding of a verdict, as far as the grade looks at it."""

    layer: str | None = None
    evidence: list[Evidence] = []


class VerdictLine(msgspec.Struct, frozen=True):
    """One line of the tracer's NDJSON, as far as the grade looks at it; lines of another schema are skipped."""

    schema: str = ""
    serial: str = ""
    verdict: str = ""
    last_rung: str | None = None
    layer: str | None = None
    cause: str | None = None
    contributing: list[str] = []
    confidence: float = 0.0
    attempts: int = 0
    findings: list[Finding] = []


class ClassScore(msgspec.Struct, frozen=True):
    """Precision, recall and F1 of one class, and how many devices truly belong to it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class Grade(msgspec.Struct, frozen=True):
    """The whole grade. Rates and scores lie between 0 and 1."""

    scenario: str
    devices: int
    macro_f1: float
    macro_f1_with_causes: float
    accuracy: float
    classes: list[ClassScore]
    verdict_confusion: list[tuple[str, str, int]]
    class_confusion: list[tuple[str, str, int]]
    healthy_called_vanished: list[str]
    invented: list[str]
    missing: list[str]
    layers_without_evidence: list[str]
    brier: float
    expected_calibration_error: float
    last_rung_accuracy: float
    attempts_accuracy: float
    contributing_accuracy: float
    citations_checked: int
    citations_wrong: list[str]
    macro_f1_of_causes: float = 0.0
    """Over the classes (verdict, layer, cause) whose truth names a cause; 0 where none does."""
    cause_accuracy: float = 0.0
    """Share that is right with layer and cause, of the devices with a verdict whose truth names a cause."""
    cause_classes: list[ClassScore] = []
    """Scores of every (verdict, layer, cause) that is true or claimed somewhere and names a cause."""
    cause_confusion: list[tuple[str, str, int]] = []
    schema: str = "abm-lab/grade/1"


@dataclass(slots=True)
class _Tally:
    """Pairs of true and claimed classes; a class is a tuple of words."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def scores(self) -> list[ClassScore]:
        """Scores of every class that is true or claimed somewhere; a missing or invented device counts against it."""
        labels = sorted({label for pair in self.pairs for label in pair} - {_NOBODY})
        return [self._score(label) for label in labels]

    def _score(self, label: str) -> ClassScore:
        right = self.pairs[label, label]
        support = sum(count for (true, _), count in self.pairs.items() if true == label)
        claimed = sum(count for (_, claim), count in self.pairs.items() if claim == label)
        precision = right / claimed if claimed else 0.0
        recall = right / support if support else 0.0
        f1 = 2 * right / (support + claimed)
        return ClassScore(label, precision, recall, f1, support)


_NOBODY = "(none)"


def fold(serial: str) -> str:
    """A serial without what hands and scanners do to it: blanks, lower case, O for 0, I for 1, a barcode's S.

    No serial of the lab begins with S, so that one can always go.
    """
    upper = "".join(serial.split()).upper().translate(_FOLD)
    return upper.removeprefix("S")


def read_verdicts(lines: Iterable[bytes]) -> Iterable[VerdictLine]:
    """The verdicts among the lines of an NDJSON; raises GradeError with the line's number where one is no JSON."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            verdict = msgspec.json.decode(line, type=VerdictLine)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise GradeError(
                f"line {number} is no verdict ({error}); give what `abm-trace triage --format ndjson` wrote"
            ) from error
        if verdict.schema == VERDICT_SCHEMA:
            yield verdict


def grade(truth: CaseTruth, verdict_lines: Iterable[bytes], case: Path | None = None) -> Grade:
    """The grade of the verdicts (NDJSON lines) against the truth; with `case` every cited digest is recomputed."""
    true_by_serial = {fold(device.serial): device for device in truth.devices}
    verdicts, classes, causes = _Tally(), _Tally(), _Tally()
    seen: set[str] = set()
    invented, healthy_called_vanished, unproved = [], [], []
    calibration: list[tuple[float, bool]] = []
    rungs = attempts = contributing = 0
    caused: list[bool] = []
    citations = Citations(case) if case is not None else None
    for claim in read_verdicts(verdict_lines):
        key = fold(claim.serial)
        if claim.layer is not None and not _proved(claim):
            unproved.append(claim.serial)
        if citations is not None:
            citations.check(claim.serial, [item for finding in claim.findings for item in finding.evidence])
        device = true_by_serial.get(key)
        if device is None or key in seen:
            invented.append(claim.serial)
            _count(verdicts, classes, causes, None, claim)
            continue
        seen.add(key)
        _count(verdicts, classes, causes, device, claim)
        correct = (claim.verdict, claim.layer) == (device.verdict, device.layer)
        calibration.append((claim.confidence, correct))
        if device.cause is not None:
            caused.append(correct and claim.cause == device.cause)
        rungs += claim.last_rung == device.last_rung
        attempts += claim.attempts == device.attempts
        contributing += sorted(claim.contributing) == sorted(device.contributing)
        if device.verdict == "confirmed" and claim.verdict == "vanished":
            healthy_called_vanished.append(claim.serial)
    missing = [device.serial for key, device in true_by_serial.items() if key not in seen]
    for serial in missing:
        _count(verdicts, classes, causes, true_by_serial[fold(serial)], None)
    scores, cause_scores = classes.scores(), causes.scores()
    named = {_label(device, 3) for device in truth.devices if device.cause is not None}
    count = len(calibration)
    return Grade(
        scenario=truth.scenario,
        devices=len(true_by_serial),
        macro_f1=_mean([score.f1 for score in scores]),
        macro_f1_with_causes=_mean([score.f1 for score in cause_scores]),
        accuracy=sum(correct for _, correct in calibration) / max(1, len(true_by_serial) + len(invented)),
        classes=scores,
        verdict_confusion=_cells(verdicts),
        class_confusion=_cells(classes),
        healthy_called_vanished=healthy_called_vanished,
        invented=invented,
        missing=missing,
        layers_without_evidence=unproved,
        brier=_mean([(confidence - correct) ** 2 for confidence, correct in calibration]),
        expected_calibration_error=expected_calibration_error(calibration),
        last_rung_accuracy=rungs / max(1, count),
        attempts_accuracy=attempts / max(1, count),
        contributing_accuracy=contributing / max(1, count),
        citations_checked=0 if citations is None else citations.checked,
        citations_wrong=[] if citations is None else citations.wrong,
        macro_f1_of_causes=_mean([score.f1 for score in cause_scores if score.label in named]),
        cause_accuracy=sum(caused) / max(1, len(caused)),
        cause_classes=[score for score in cause_scores if len(score.label.split()) == 3],
        cause_confusion=_cells(causes),
    )


def expected_calibration_error(claims: list[tuple[float, bool]]) -> float:
    """Mean distance between confidence and the share that was right, over ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, correct in claims:
        bins.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, correct))
    gaps = (abs(sum(confidence - correct for confidence, correct in members)) for members in bins.values())
    return sum(gaps) / max(1, len(claims))


def _proved(claim: VerdictLine) -> bool:
    return any(finding.layer == claim.layer and finding.evidence for finding in claim.findings)


def _count(
    verdicts: _Tally, classes: _Tally, causes: _Tally, device: DeviceTruth | None, claim: VerdictLine | None
) -> None:
    verdicts.pairs[_label(device, 1), _label(claim, 1)] += 1
    classes.pairs[_label(device, 2), _label(claim, 2)] += 1
    causes.pairs[_label(device, 3), _label(claim, 3)] += 1


def _label(judged: DeviceTruth | VerdictLine | None, words: int) -> str:
    """`vanished L3` and the like: verdict, layer, cause, as many of them as asked, empty ones left out."""
    if judged is None:
        return _NOBODY
    parts = (judged.verdict, judged.layer, judged.cause)[:words]
    return " ".join(part for part in parts if part)


def _cells(tally: _Tally) -> list[tuple[str, str, int]]:
    return [(true, claimed, count) for (true, claimed), count in sorted(tally.pairs.items())]


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
