"""`abm-lab grade`: grade verdicts against the truth."""

from pathlib import Path
from typing import BinaryIO

import click

_EPILOG = """\b
For example:
  abm-trace triage /tmp/chicago/case --format ndjson --out /tmp/verdicts
  abm-lab grade /tmp/chicago/truth.json /tmp/verdicts \\
                --case /tmp/chicago/case --min-f1 0.99

\b
Exit code:
  0  graded
  1  below --min-f1 or --min-f1-causes, or a citation is wrong
  2  bad usage, or unreadable input
"""


@click.command("grade", epilog=_EPILOG)
@click.argument("truth", type=click.Path(path_type=Path))
@click.argument("verdicts", type=click.File("rb"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--min-f1",
    type=click.FloatRange(0, 1),
    help="Exit with 1 where the macro-F1 over (verdict, layer) is below it.",
)
@click.option(
    "--min-f1-causes",
    type=click.FloatRange(0, 1),
    help="Exit with 1 where the macro-F1 over (verdict, layer, cause) is below it.",
)
@click.option(
    "--case",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The case folder: recompute the digest of everything that the verdicts cite; a wrong one exits with 1.",
)
def command(
    *, truth: Path, verdicts: BinaryIO, form: str, min_f1: float | None, min_f1_causes: float | None, case: Path | None
) -> None:
    """Grade VERDICTS, the NDJSON of `abm-trace triage`, against TRUTH, the truth.json of `abm-lab case`.

    VERDICTS may be - for standard input. Lines that are no verdicts are skipped.
    """
    import msgspec

    from abm_lab.grade import GradeError, grade
    from abm_lab.grade_text import render
    from abm_lab.truth import TruthError, read_truth

    try:
        result = grade(read_truth(truth), verdicts, case)
    except (GradeError, TruthError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(render(result) if form == "text" else msgspec.json.encode(result).decode(), nl=form == "json")
    low = min_f1 is not None and result.macro_f1 < min_f1
    low = low or (min_f1_causes is not None and result.macro_f1_with_causes < min_f1_causes)
    if low or result.citations_wrong:
        raise SystemExit(1)
