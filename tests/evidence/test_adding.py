"""Keeping many inputs."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.evidence import keys, redaction
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


@pytest.mark.parametrize("change", [lambda pem: pem, lambda pem: b"# a copy\n" + pem + b"\n\n", lambda pem: pem * 2])
def test_its_own_key(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """If this failed, a copy of the log's signing key would be kept, and go into bundles."""
    places = building.make(tmp_path)
    data = change(next(places.keys.glob("*.pem")).read_bytes())
    other = keys.create(tmp_path / "other", "another.log")
    foreign = (tmp_path / "other" / f"{other.id.hex()}.pem").read_bytes()
    inputs = [Input(name, partial(io.BytesIO, each), Binding(name)) for name, each in (("a", data), ("b", foreign))]
    with Writer(places) as writer:
        found = list(add(writer, inputs, kind="raw", origin="x", now=building.START))
    assert [each.record for each in found] == [None, 2]
    assert "a signing key of this log" in found[0].reason
    assert len(list((places.store / "raw").rglob("*.zst"))) == 1


def test_the_key_of_a_redaction(tmp_path: Path) -> None:
    """If this failed, an open bundle would hold what undoes the pseudonyms of a redacted one."""
    places = building.make(tmp_path)
    path = tmp_path / "redaction.key"
    redaction.key_of(path, bytes)
    digests = partial(io.BytesIO, b"0" * 64 + b"  x\n")
    inputs = [Input("key", lambda: path.open("rb"), Binding()), Input("digests", digests, Binding())]
    with Writer(places) as writer:
        found = list(add(writer, inputs, kind="raw", origin="x", now=building.START))
    assert [each.record for each in found] == [None, 2]
    assert "key of a redaction" in found[0].reason
