"""The grade as text for people."""

from abm_lab.grade import Grade

_NAMED = 5


def render(grade: Grade) -> str:
    """The figures that decide first, then the classes, then what was confused with what."""
    lines = [
        f"{grade.scenario} (simulated), {grade.devices} devices",
        f"  macro-F1 over (verdict, layer)   {grade.macro_f1:.4f}",
        f"  macro-F1 with causes             {grade.macro_f1_with_causes:.4f}",
        *(
            (
                f"  macro-F1 of causes               {grade.macro_f1_of_causes:.4f}",
                f"  causes right                     {grade.cause_accuracy:.4f}",
            )
            if grade.cause_classes
            else ()
        ),
        f"  right                            {grade.accuracy:.4f}",
        f"  last rung right                  {grade.last_rung_accuracy:.4f}",
        f"  attempts right                   {grade.attempts_accuracy:.4f}",
        f"  contributing layers right        {grade.contributing_accuracy:.4f}",
        f"  Brier score of the confidence    {grade.brier:.4f}",
        f"  expected calibration error       {grade.expected_calibration_error:.4f}",
        _named("healthy called vanished", grade.healthy_called_vanished),
        _named("devices invented", grade.invented),
        _named("devices missing", grade.missing),
        _named("layers without evidence", grade.layers_without_evidence),
    ]
    if grade.citations_checked:
        lines.append(_named(f"wrong of {grade.citations_checked} citations", grade.citations_wrong))
    lines += ["", f"  {'class':<32} {'precision':>9} {'recall':>9} {'F1':>9} {'devices':>9}"]
    lines += [
        f"  {score.label:<32} {score.precision:>9.4f} {score.recall:>9.4f} {score.f1:>9.4f} {score.support:>9}"
        for score in grade.classes
    ]
    if grade.cause_classes:
        lines += ["", f"  {'(verdict, layer, cause)':<45} {'precision':>9} {'recall':>9} {'F1':>9} {'devices':>9}"]
        lines += [
            f"  {score.label:<45} {score.precision:>9.4f} {score.recall:>9.4f} {score.f1:>9.4f} {score.support:>9}"
            for score in grade.cause_classes
        ]
    lines += _confusion("verdicts: true, claimed, devices", grade.verdict_confusion)
    wrong = [cell for cell in grade.class_confusion if cell[0] != cell[1]]
    lines += _confusion("(verdict, layer) confused: true, claimed, devices", wrong)
    wrong = [cell for cell in grade.cause_confusion if cell[0] != cell[1] and cell not in grade.class_confusion]
    if wrong:
        lines += _confusion("causes confused: true, claimed, devices", wrong)
    return "\n".join(lines) + "\n"


def _named(title: str, serials: list[str]) -> str:
    names = ", ".join(serials[:_NAMED]) + (", …" if len(serials) > _NAMED else "")
    return f"  {title:<32} {len(serials)}{f' ({names})' if names else ''}"


def _confusion(title: str, cells: list[tuple[str, str, int]]) -> list[str]:
    rows = [f"  {true:<32} {claimed:<32} {count:>9}" for true, claimed, count in cells]
    return ["", f"  {title}", *(rows or ["  none"])]
