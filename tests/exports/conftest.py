"""A small simulated case, traced once, for the golden files of the exports."""

import pytest

from abm_lab.case import write_case
from abm_trace.exports import Report
from abm_trace.pipeline.triage import Options, triage
from abm_trace.views import contrast


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a case of 24 devices, with a file that nothing reads."""
    folder = write_case(tmp_path_factory.mktemp("lab"), "chicago", 24, 3, 5, 2, jobs=1)
    (folder / "noise.bin").write_bytes(b"\x00\xff" * 200)
    found = triage(folder, Options(jobs=1, count_lines=True))
    reach = {side: found.context.side(side).until for side in ("apple", "mdm")}
    return Report(
        "case", found.verdicts, found.readings, found.skipped, found.as_of,
        found.case.zone, found.case.zone_name, found.case.simulated, reach,
        shared=contrast.sentences(contrast.by_cause(found.verdicts, found.devices), found.verdicts, found.case.zone),
    )  # fmt: skip
