"""Keeping many inputs."""

import io
from functools import partial
from pathlib import Path

from tests.evidence import building

from abm_trace.evidence.adding import Added, Input, add
from abm_trace.evidence.blobs import Binding
from abm_trace.evidence.errors import UnreadableError
from abm_trace.evidence.store import Writer


def refuse() -> io.BytesIO:
    """A file that cannot be opened."""
    raise UnreadableError("is no regular file")


def test_order_and_refusals(tmp_path: Path) -> None:
    """If this failed, an input that cannot be read would cost its neighbours, or go unnamed."""
    places = building.make(tmp_path)
    inputs = [Input(f"{n}", partial(io.BytesIO, building.line(n)), Binding(f"{n}")) for n in range(600)]
    inputs[7] = Input("7", refuse, Binding())
    inputs[9] = Input("9", lambda: io.FileIO(tmp_path / "nowhere"), Binding())
    with Writer(places) as writer:
        found = list(add(writer, inputs, kind="check", origin="test", now=building.START))
        assert writer.size == 600
    assert [each.name for each in found] == [str(n) for n in range(600)]
    assert found[7] == Added("7", None, "is no regular file")
    assert found[9] == Added("9", None, "cannot be read: No such file or directory")
    assert [each.record for each in found if each.record is not None] == list(range(2, 600))
    report = building.check(places)
    assert (report.problems, report.kept) == ([], 598)
