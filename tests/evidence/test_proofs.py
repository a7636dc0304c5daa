"""Proofs in a file: they convince of what is so, and of nothing else."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.evidence import building

from abm_trace.evidence import alone, proofs
from abm_trace.evidence.entry import encode
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import Published


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, VerifierKey]:
    """A log of 300 records, a checkpoint every 50 kept beside it, and its key."""
    places = building.make(tmp_path_factory.mktemp("grown"))
    for size in range(50, 301, 50):
        building.add(places, range(max(0, size - 52), size - 2))
        (places.store.parent / f"at-{size}").write_bytes((places.store / "checkpoint").read_bytes())
    return Published(Folder(places.store)), building.check(places, raw=False).signers[0]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 299])
def test_a_record_is_in_it(index: int, log: tuple[Published, VerifierKey]) -> None:
    """If this failed, a proof would not hold without the log, or for another record."""
    published, key = log
    proof, entry = published.proof(index), encode(published.entry(index))
    assert f"record {index} is in {building.ORIGIN}, of 300 records" in proofs.check_inclusion(proof, [key], entry)
    for other in (entry + b" ", encode(published.entry((index + 1) % 300)), b""):
        with pytest.raises(RefusedError):
            proofs.check_inclusion(proof, [key], other)


@pytest.mark.parametrize("size", [50, 200, 250, 300])
def test_it_only_grew(size: int, log: tuple[Published, VerifierKey]) -> None:
    """If this failed, somebody who holds an earlier checkpoint would have to get the whole log."""
    published, key = log
    earlier = (published.folder.root.parent / f"at-{size}").read_bytes()
    proof = proofs.growth(published, earlier)
    assert f"grew from {size} to 300 records" in proofs.check_growth(proof, [key], earlier)
    other = (published.folder.root.parent / "at-100").read_bytes()
    with pytest.raises(RefusedError):
        proofs.check_growth(proof, [key], other)


@settings(max_examples=300)
@given(at=some.integers(0, 2000), bit=some.integers(0, 7))
def test_any_bit(at: int, bit: int, log: tuple[Published, VerifierKey]) -> None:
    """If this failed, a proof could be changed and would still convince (R16)."""
    published, key = log
    entry, earlier = encode(published.entry(7)), (published.folder.root.parent / "at-150").read_bytes()
    for check, proof, asked in (
        (proofs.check_inclusion, published.proof(7), entry),
        (proofs.check_growth, proofs.growth(published, earlier), earlier),
    ):
        damaged = bytearray(proof)
        damaged[at % len(proof)] ^= 1 << bit
        with pytest.raises(EvidenceError):
            check(bytes(damaged), [key], asked)


def test_a_log_that_was_made_anew(log: tuple[Published, VerifierKey], tmp_path: Path) -> None:
    """If this failed, a second history of the same name would be proved to go on from the first."""
    published, key = log
    other = building.make(tmp_path, 60)
    earlier = (published.folder.root.parent / "at-50").read_bytes()
    proof = proofs.growth(Published(Folder(other.store)), earlier)
    keys = [key, *building.check(other).signers]
    with pytest.raises(RefusedError, match="does not prove"):
        proofs.check_growth(proof, keys, earlier)
    with pytest.raises(RefusedError, match="does not go on"):
        proofs.growth(Published(Folder(other.store)), (published.folder.root / "checkpoint").read_bytes())


def test_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a proof could be made, and checked by nothing that we ship."""
    places: Places = building.make(tmp_path, 3)
    published = Published(Folder(places.store))
    key = str(building.check(places).signers[0])
    for name, data in (
        ("proof", published.proof(3)),
        ("entry", encode(published.entry(3))),
        ("other", encode(published.entry(2))),
        ("early", (places.store / "checkpoints/2").read_bytes()),
        ("growth", proofs.growth(published, (places.store / "checkpoints/2").read_bytes())),
    ):
        (tmp_path / name).write_bytes(data)
    at = {each.name: str(each) for each in tmp_path.iterdir()}
    assert alone.main([at["proof"], "--key", key, "--entry", at["entry"]]) == alone.WHOLE
    assert alone.main([at["growth"], "--key", key, "--since", at["early"]]) == alone.WHOLE
    assert capsys.readouterr().out.count("PROVED: ") == 2
    assert alone.main([at["proof"], "--key", key, "--entry", at["other"]]) == alone.BROKEN
    assert "NOT PROVED" in capsys.readouterr().out
    assert alone.main([at["growth"], "--key", key]) == alone.MISUSED
    assert alone.main([at["proof"], "--entry", at["entry"]]) == alone.MISUSED
