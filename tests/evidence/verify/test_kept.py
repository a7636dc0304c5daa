"""What the records keep: whatever is changed, or missing without a purge, is named."""

import io
import os
import re
import time
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.building import START, check, where
from tests.evidence.verify.damage import flipped

from abm_trace.evidence import blobs
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def test_one_byte_of_each_private_line_and_kept_file(log: Places) -> None:
    """If this failed, what an entry was bound to, or the input itself, could be changed."""
    path = log.store / blobs.private_path(1)
    start = 0
    for at, line in enumerate(path.read_bytes().splitlines()):
        report = flipped(path, start + at % len(line), lambda: check(log))
        assert f"record {256 + at}" in where(report), at
        start += len(line) + 1
    lines = (log.store / blobs.private_path(0)).read_text().splitlines()
    for index in range(2, 40):
        secret = blobs.Secret.parse(lines[index])
        assert secret is not None
        kept = log.store / blobs.path_of(secret.sha256)
        report = flipped(kept, index % kept.stat().st_size, lambda: check(log))
        assert where(report) == {f"record {index}"}, index


def test_kept_files_lost_and_strange(log: Places) -> None:
    """If this failed, an input could be deleted without a purge, or something be slipped in."""
    path = next((log.store / "raw").rglob("*.zst"))
    path.rename(path.with_name("0" * 64 + ".zst"))
    (log.store / "tile/0/999").write_bytes(bytes(32))
    (log.store / "tile/readme").write_text("x")
    report = check(log)
    assert {"tile/0/999", "tile/readme"} < where(report)
    assert any(re.fullmatch(r"record \d+", each) for each in where(report))
    assert any("no purge entry says so" in each.text for each in report.problems)
    lines = (log.store / "private/000").read_text().splitlines()
    lines[5] = "-"
    (log.store / "private/000").write_text("".join(f"{line}\n" for line in lines))
    assert "record 5" in where(check(log))


def test_a_large_size_that_a_stranger_claims(tmp_path: Path) -> None:
    """If this failed, a small log from a stranger would keep the check busy for as long as it likes."""
    places = building.make(tmp_path)
    with Writer(places) as writer:
        large = io.BytesIO(bytes(300 * 1024 * 1024))
        writer.append([writer.keep("raw", large, now=START, origin="x", binding=blobs.Binding("x"))])
        writer.append([building.keep(writer, 1)])
        writer.checkpoint()
    began = time.process_time()
    report = check(places)
    assert time.process_time() - began < 0.5
    assert (report.problems, report.kept) == ([], 1)
    assert any("record 2: 314,572,800 bytes out of" in each for each in report.remarks)
    report = check(places, keys=report.signers)
    assert (report.problems, report.kept) == ([], 2)


@pytest.mark.parametrize("is_known", [False, True])
def test_kept_bytes_replaced_by_what_expands_far(is_known: bool, tmp_path: Path) -> None:
    """If this failed, 175 bytes in the place of any kept input of some MB would pass without a key (R16)."""
    places = building.make(tmp_path)
    data = os.urandom(3_000_000)
    with Writer(places) as writer:
        writer.append([writer.keep("raw", io.BytesIO(data), now=START, origin="x", binding=blobs.Binding("x"))])
        writer.checkpoint()
    keys = check(places).signers if is_known else []
    for size in (len(data), len(data) + 1, len(data) - 1, 300_000_000, 0):
        path = next((places.store / "raw").rglob("*.zst"))
        path.write_bytes(b"".join(blobs.Packer().pack([bytes(size)])))
        assert where(check(places, keys=keys)) == {"record 2"}, size


def test_a_nonce_that_was_used_twice(tmp_path: Path) -> None:
    """If this failed, who is given one record could open another, and nobody would say so."""
    places = building.make(tmp_path)
    with Writer(places, random=bytes) as writer:
        writer.append([building.keep(writer, number) for number in range(2)])
        writer.checkpoint()
    report = check(places)
    assert not report.problems
    assert any("Nonces that were used before: 1" in each for each in report.remarks)


@pytest.mark.parametrize("begins", ["as it was", "empty blocks"])
def test_a_kept_file_without_end(begins: str, log: Places) -> None:
    """If this failed, one sparse file would keep the check busy for hours."""
    path = next((log.store / "raw").rglob("*.zst"))
    with path.open("r+b") as file:
        if begins == "empty blocks":  # A frame that goes on for ever and says nothing: its head, and blocks of none.
            file.write(b"\x28\xb5\x2f\xfd\x00\x58" + bytes(3) * 1_000_000)
        file.truncate(1 << 40)
    began = time.process_time()
    problems = check(log, keys=[check(log, raw=False).signers[0]]).problems
    assert time.process_time() - began < 5
    assert len(problems) == 1
    assert re.search(r"bytes behind its end|more bytes than its entry|is no zstd", problems[0].text)
